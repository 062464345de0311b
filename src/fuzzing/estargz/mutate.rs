//! Changes to what is inside gzip members, after which the members, the offsets in TOC and footer, and the headers hold.

use std::io::Read as _;

use flate2::bufread::GzDecoder;

use crate::{
    forge::{
        estargz::{Footer, member},
        random::Random,
        tar::{Entry, end, padding},
    },
    format::estargz::TOC_NAME,
    fuzzing::{
        mutator::{mutate_json, replace},
        toc::WORDS,
        tree::Tree,
    },
};

/// Most bytes of a member that are looked at.
const LIMIT: u64 = 1 << 15;

/// A layer taken apart.
struct Parts {
    /// The decoded members before the TOC, and where they began.
    members: Vec<(Vec<u8>, usize)>,
    toc: Tree,
}

/// Changes an input. `plain` is the fuzzer's own mutation.
pub fn mutate(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    plain: &mut dyn FnMut(&mut [u8], usize, usize) -> usize,
) -> usize {
    let mut random = Random::new(seed.into());
    let changed = data
        .get(..size)
        .filter(|_| random.below(4) > 0)
        .and_then(take_apart)
        .map(|mut parts| {
            parts.change(&mut random, plain);
            parts.put_together(&mut random)
        });
    replace(data, changed.as_deref(), max_size).unwrap_or_else(|| plain(data, size, max_size))
}

/// The members of a layer with a TOC before its footer; none of anything else.
fn take_apart(blob: &[u8]) -> Option<Parts> {
    let mut members = Vec::new();
    let mut rest = blob;
    while !rest.is_empty() {
        let start = blob.len() - rest.len();
        let mut decoder = GzDecoder::new(rest);
        let mut content = Vec::new();
        (&mut decoder).take(LIMIT).read_to_end(&mut content).ok()?;
        rest = decoder.into_inner();
        members.push((content, start));
        if members.len() > 64 {
            return None;
        }
    }
    members.pop()?;
    let (toc, _) = members.pop()?;
    let json = toc.get(512..)?;
    let length = json.iter().rposition(|&byte| byte == b'}')?;
    let toc = serde_json::from_slice(json.get(..=length)?).ok()?;
    Some(Parts { members, toc })
}

impl Parts {
    fn change(&mut self, random: &mut Random, plain: &mut dyn FnMut(&mut [u8], usize, usize) -> usize) {
        if random.below(2) == 0 {
            mutate_json(&mut self.toc, WORDS, random);
            return;
        }
        let at = random.below(self.members.len());
        if random.below(8) == 0 && at < self.members.len() {
            drop(self.members.remove(at));
        } else if let Some((content, _)) = self.members.get_mut(at) {
            let size = content.len();
            let room = size + 512;
            content.resize(room, 0);
            let size = plain(content, size, room);
            content.truncate(size);
        }
    }

    fn put_together(mut self, random: &mut Random) -> Vec<u8> {
        let mut blob = Vec::new();
        let mut moved = Vec::new();
        for (content, start) in &self.members {
            moved.push((*start, blob.len()));
            blob.extend(member(content));
        }
        follow(&mut self.toc, &moved);
        let entry = Entry::file(TOC_NAME, self.toc.to_string());
        let tar = [
            entry.header(),
            entry.content.clone(),
            padding(entry.content.len()),
            end(),
        ]
        .concat();
        let offset = blob.len();
        blob.extend(member(&tar));
        // Now and then the footer is another one.
        let footer = match random.below(16) {
            0 => Footer::legacy(&format!("{offset:016x}STARGZ")),
            1 => Footer::estargz(&format!("{:016x}STARGZ", offset + 1)),
            2 => Footer::external("STARGZEXTERNALTOC"),
            _ => Footer::estargz(&format!("{offset:016x}STARGZ")),
        };
        blob.extend(footer.bytes());
        blob
    }
}

/// Changes the offsets of members that have moved.
fn follow(tree: &mut Tree, moved: &[(usize, usize)]) {
    match tree {
        Tree::Array(items) => items.iter_mut().for_each(|item| follow(item, moved)),
        Tree::Object(items) => {
            for (key, value) in items {
                if let (Tree::Integer(offset), "offset") = (&mut *value, key.as_str()) {
                    let to = moved.iter().find(|(from, _)| i128::try_from(*from) == Ok(*offset));
                    *offset = to.and_then(|(_, to)| i128::try_from(*to).ok()).unwrap_or(*offset);
                } else {
                    follow(value, moved);
                }
            }
        }
        _ => {}
    }
}
