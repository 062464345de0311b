//! TOCs with structure: entries of every type, in every dialect and style, and one change.
//!
//! What was planned is accepted and comes back, entry for entry. What was changed is rejected, and the rule that the change
//! breaks is among the findings.

use std::collections::BTreeMap;

use arbitrary::{Arbitrary, Unstructured};

use crate::{
    forge::{
        Kind,
        catalogue::{self, Listed, rows},
        dialect::facts,
        toc::{self as build, TocEntry},
    },
    format::{
        Dialect, Digest, Findings, Unread,
        time::Timestamp,
        toc::{self, Chunk, Entry, EntryKind, LeftOut, Style, Toc, Values},
    },
    rules::Rule,
};

/// A TOC, and what a reader has to make of it.
#[derive(Debug)]
pub struct Planned {
    dialect: Dialect,
    json: String,
    expected: Result<Toc, Rule>,
}

/// A TOC as it is planned.
#[derive(Arbitrary, Debug)]
struct Plan {
    generation: u8,
    style: u8,
    split: bool,
    items: Vec<Item>,
    change: Option<Change>,
}

/// A change, by the number of its row in the catalogue; `at` and `amount` choose among the places and variants.
#[derive(Arbitrary, Debug)]
struct Change {
    at: u8,
    amount: u32,
    row: u32,
}

impl Change {
    /// The changed TOC and the rule that it breaks; none where there is nothing to change in that way.
    fn make(&self, elements: &Elements) -> Option<(String, Rule)> {
        let rows = rows().filter_map(|row| match row.change {
            catalogue::Change::Toc(change) => Some((change, row.rule)),
            _ => None,
        });
        let row = usize::try_from(self.row).ok()?;
        let (change, rule) = rows.clone().nth(row.checked_rem(rows.count())?)?;
        let json = elements.json();
        let listed = Listed {
            dialect: elements.dialect,
            style: elements.style,
            entries: &elements.records,
            json: &json,
            plan: None,
        };
        let which = usize::from(self.at) | usize::try_from(self.amount).ok()? << 8;
        let edits = change(&listed, which)?;
        let mut changed = json.clone().into_bytes();
        for edit in edits {
            changed = edit.apply(&changed, Kind::Json).ok()?;
        }
        Some((String::from_utf8(changed).ok()?, rule))
    }
}

/// An entry as it is planned.
#[derive(Arbitrary, Debug)]
struct Item {
    kind: u8,
    spelling: u8,
    mode: u16,
    owner: (u32, u32),
    /// Seconds since 1970; 0 is no time.
    time: u32,
    device: (u16, u16),
    xattrs: Vec<(u8, [u8; 3])>,
    link: u8,
    chunks: Vec<Piece>,
}

/// A chunk of a file.
#[derive(Arbitrary, Debug)]
struct Piece {
    size: u16,
    compressed: u8,
    digest: bool,
    zeros: bool,
}

impl<'a> Arbitrary<'a> for Planned {
    fn arbitrary(u: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        Ok(Plan::arbitrary(u)?.make())
    }
}

/// Runs the fuzz target on bytes, as libFuzzer would: what is too short for a plan is no finding.
///
/// # Panics
///
/// On a disagreement, which is a finding for the fuzzer.
pub fn run(bytes: &[u8]) {
    if let Ok(planned) = Planned::arbitrary_take_rest(Unstructured::new(bytes)) {
        check(&planned);
    }
}

/// Checks the parser against the plan.
///
/// # Panics
///
/// On a disagreement, which is a finding for the fuzzer.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
pub fn check(planned: &Planned) {
    let mut findings = Findings::new();
    let parsed = toc::parse(planned.json.as_bytes(), planned.dialect, &mut findings);
    let holds = match &planned.expected {
        Ok(toc) => findings.is_empty() && parsed.as_ref() == Some(toc),
        Err(rule) => findings.breaks(*rule),
    };
    if !holds {
        panic!("planned {planned:#?}, parsed {parsed:#?} with {findings:#?}");
    }
}

/// Most entries of a plan, and most chunks of a file.
const MOST: usize = 12;

/// What a TOC is made of, before it is printed.
struct Elements {
    dialect: Dialect,
    style: build::Style,
    records: Vec<TocEntry>,
    split: Option<Digest>,
}

impl Plan {
    fn make(&self) -> Planned {
        let dialect = Dialect::ALL
            .get(usize::from(self.generation) % Dialect::ALL.len())
            .copied()
            .unwrap_or(Dialect::G5);
        let style = match self.style % 4 {
            0 => build::Style::Full,
            1 => build::Style::ZeroTimes,
            2 if facts(dialect).by_stargz => build::Style::Stargz,
            _ => build::Style::Plain,
        };
        let (mut records, mut entries) = (Vec::new(), Vec::new());
        let mut offset = 0;
        for (number, item) in self.items.iter().take(MOST).enumerate() {
            item.add(number, style, &mut offset, &mut records, &mut entries);
        }
        let split = self.split.then(|| Digest::of(b"tar-split"));
        let has_end = records.iter().any(|record| record.end_offset > 0);
        let elements = Elements {
            dialect,
            style,
            records,
            split,
        };
        let toc = Toc {
            tar_split_digest: split,
            style: if facts(dialect).by_stargz && !has_end {
                Style::Stargz
            } else {
                Style::Containers
            },
            entries,
            replaced: Vec::new(),
            left_out: LeftOut::default(),
        };
        let broken = self.change.as_ref().and_then(|change| change.make(&elements));
        let (json, expected) = match broken {
            Some((json, rule)) => (json, Err(rule)),
            None => (elements.json(), Ok(toc)),
        };
        Planned {
            dialect,
            json,
            expected,
        }
    }
}

impl Elements {
    fn json(&self) -> String {
        let split = self.split.map(|digest| digest.to_string());
        build::document(self.style, &self.records, split.as_deref())
    }
}

impl Item {
    /// Adds the entry, as it is written and as it has to be read.
    fn add(
        &self,
        number: usize,
        style: build::Style,
        offset: &mut u64,
        records: &mut Vec<TocEntry>,
        entries: &mut Vec<Entry>,
    ) {
        let kind = match self.kind % 8 {
            0 => EntryKind::Directory,
            1 => EntryKind::Symlink,
            2 => EntryKind::Hardlink,
            3 => EntryKind::CharDevice,
            4 => EntryKind::BlockDevice,
            5 => EntryKind::Fifo,
            _ => EntryKind::Regular,
        };
        let (name, path) = spell(number, self.spelling);
        let link = match kind {
            EntryKind::Symlink | EntryKind::Hardlink => ["a", "../b", "\u{e9}", "c<&>\"\\\n"]
                .get(usize::from(self.link) % 4)
                .copied()
                .unwrap_or_default(),
            _ => "",
        };
        let is_device = matches!(kind, EntryKind::CharDevice | EntryKind::BlockDevice);
        let device = if is_device { self.device } else { (0, 0) };
        let xattrs: BTreeMap<String, Vec<u8>> = self
            .xattrs
            .iter()
            .take(3)
            .map(|(key, value)| (format!("user.{key}"), value.to_vec()))
            .collect();
        let index = records.len();
        let mut record = TocEntry {
            kind: kind.name().to_owned(),
            name: name.clone(),
            link: link.to_owned(),
            mode: self.mode.into(),
            uid: self.owner.0.into(),
            gid: self.owner.1.into(),
            modtime: if self.time == 0 {
                String::new()
            } else {
                build::rfc3339(self.time.into())
            },
            dev: (device.0.into(), device.1.into()),
            xattrs: xattrs.clone().into_iter().collect(),
            ..TocEntry::default()
        };
        let pieces: &[Piece] = if kind == EntryKind::Regular {
            self.chunks.get(..MOST).unwrap_or(&self.chunks)
        } else {
            &[]
        };
        let mut chunks: Vec<Chunk> = Vec::new();
        let mut size = 0;
        for piece in pieces {
            *offset += 1;
            let start = *offset;
            *offset += 1 + u64::from(piece.compressed);
            let length = u64::from(piece.size) + 1;
            chunks.push(Chunk {
                offset: start,
                end: None,
                inner_offset: 0,
                file_offset: size,
                size: length,
                digest: piece.digest.then(|| Digest::of(&piece.size.to_le_bytes())),
                zeros: piece.zeros,
            });
            size += length;
        }
        // Frames of a chunk end where those of the next begin.
        let ends: Vec<u64> = chunks
            .iter()
            .skip(1)
            .map(|chunk| chunk.offset)
            .chain([*offset])
            .collect();
        if style != build::Style::Stargz {
            for (chunk, end) in chunks.iter_mut().zip(&ends) {
                chunk.end = Some(*end);
            }
        }
        record.size = size;
        let digest = (size > 0).then(|| Digest::of(name.as_bytes()));
        record.digest = digest.map(|digest| digest.to_string()).unwrap_or_default();
        let last = chunks.last().and_then(|chunk| chunk.end);
        record.end_offset = last.unwrap_or_default();
        let mut written = chunks.iter().enumerate().map(|(at, chunk)| TocEntry {
            offset: chunk.offset,
            // Of a file in one piece nobody writes it.
            chunk_size: if chunks.len() > 1 { chunk.size } else { 0 },
            chunk_offset: chunk.file_offset,
            chunk_digest: chunk.digest.map(|digest| digest.to_string()).unwrap_or_default(),
            chunk_type: if chunk.zeros { "zeros".to_owned() } else { String::new() },
            ..if at == 0 {
                record.clone()
            } else {
                TocEntry {
                    kind: "chunk".to_owned(),
                    name: name.clone(),
                    ..TocEntry::default()
                }
            }
        });
        records.push(written.next().unwrap_or_else(|| record.clone()));
        records.extend(written);
        let modtime = Timestamp::from_unix(self.time.into(), 0);
        entries.push(Entry::from(Values {
            kind,
            name,
            path,
            link_name: link.to_owned(),
            mode: self.mode.into(),
            size,
            uid: self.owner.0.into(),
            gid: self.owner.1.into(),
            user_name: String::new(),
            group_name: String::new(),
            modtime: modtime.filter(|_| self.time != 0),
            accesstime: None,
            changetime: None,
            dev_major: device.0.into(),
            dev_minor: device.1.into(),
            xattrs,
            digest,
            chunks,
            index,
            unread: Unread::default(),
        }));
    }
}

/// A name that no other entry has, spelled in some way, and the path that it stands for.
fn spell(number: usize, spelling: u8) -> (String, String) {
    let base = format!("n{number}");
    match spelling % 10 {
        0 => (format!("./{base}"), base),
        1 => (format!("/{base}"), base),
        2 => (format!("{base}/"), base),
        3 => (format!("x/../{base}"), base),
        4 => (format!("../../{base}"), base),
        5 => (format!("d//{base}/."), format!("d/{base}")),
        6 => (format!("\u{e9}\u{2028}{base}"), format!("\u{e9}\u{2028}{base}")),
        7 => (format!("<&>\"\\\t{base}"), format!("<&>\"\\\t{base}")),
        8 => (format!("...{base}"), format!("...{base}")),
        _ => (base.clone(), base),
    }
}

#[cfg(test)]
mod tests {
    use arbitrary::{Arbitrary as _, Unstructured};

    use super::{Planned, check};
    use crate::forge::random::Random;

    /// A little of what the fuzzer does, on stable, from a fixed seed.
    #[test]
    fn random_plans_hold() {
        let mut random = Random::new(0);
        let mut bytes = [0_u8; 512];
        let (mut accepted, mut rejected) = (0, 0);
        for _ in 0..4000 {
            random.fill(&mut bytes);
            let planned = Planned::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
            check(&planned);
            if planned.expected.is_ok() {
                accepted += 1;
            } else {
                rejected += 1;
            }
        }
        assert!(accepted > 500 && rejected > 500, "{accepted} valid, {rejected} invalid");
    }
}
