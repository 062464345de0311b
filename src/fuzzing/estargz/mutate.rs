//! Changes to what is inside gzip members, after which the members, the offsets in TOC and footer, and the headers hold.

use std::io::Read as _;

use flate2::bufread::GzDecoder;

use crate::{
    forge::{
        Kind,
        estargz::{Footer, member},
        json::Document,
        mutate::{applied, json},
        random::Random,
        tar::{TarEntry, end, padding},
        words,
    },
    format::estargz::TOC_NAME,
    fuzzing::mutator::{Mutation, Plain, own},
};

/// Most bytes of a member that are looked at.
const LIMIT: u64 = 1 << 15;

/// A layer taken apart.
struct Parts {
    /// The decoded members before the TOC, and where they began.
    members: Vec<(Vec<u8>, usize)>,
    toc: String,
}

/// Changes the TOC or what is in a member.
pub const MUTATION: Mutation = Mutation(|bytes, random, plain| {
    let mut parts = take_apart(bytes)?;
    parts.change(random, plain);
    Some(parts.put_together(random))
});

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
    let toc = String::from_utf8(json.get(..=length)?.to_vec()).ok()?;
    Some(Parts { members, toc })
}

impl Parts {
    fn change(&mut self, random: &mut Random, plain: Plain<'_>) {
        if random.flip() {
            let edit = json::document(self.toc.as_bytes(), &words::TOC, random);
            let changed = applied(&edit, self.toc.as_bytes(), Kind::Json);
            self.toc = String::from_utf8_lossy(&changed).into_owned();
            return;
        }
        let at = random.below(self.members.len());
        if random.below(8) == 0 && at < self.members.len() {
            drop(self.members.remove(at));
        } else if let Some((content, _)) = self.members.get_mut(at) {
            *content = own(content, plain);
        }
    }

    fn put_together(self, random: &mut Random) -> Vec<u8> {
        let mut blob = Vec::new();
        let mut moved = Vec::new();
        for (content, start) in &self.members {
            moved.push((*start, blob.len()));
            blob.extend(member(content));
        }
        let entry = TarEntry::file(TOC_NAME, followed(&self.toc, &moved));
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

/// The TOC with the offsets of members that have moved.
fn followed(toc: &str, moved: &[(usize, usize)]) -> String {
    let document = Document::of(toc);
    let mut text = String::new();
    let mut done = 0;
    for (index, place) in document.places.iter().enumerate() {
        let is_offset = place.key.clone().and_then(|key| toc.get(key)) == Some("\"offset\"");
        let offset = document.value(index).parse().ok().filter(|_: &usize| is_offset);
        let to = offset.and_then(|offset| moved.iter().find(|(from, _)| *from == offset));
        if let Some((_, to)) = to {
            text += toc.get(done..place.value.start).unwrap_or_default();
            text += &to.to_string();
            done = place.value.end;
        }
    }
    text + toc.get(done..).unwrap_or_default()
}
