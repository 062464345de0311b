//! Random layers that break no rule.

use std::collections::BTreeMap;

use arbitrary::{Arbitrary, Result, Unstructured};

use crate::{
    forge::{
        SKIPPABLE,
        layer::{Parts, Plan},
        skippable,
        tar::{self, TarEntry},
        toc::{Style, rfc3339},
        zstd,
    },
    format::Dialect,
};

/// A plan, and what its TOC has beyond what the plan gives.
#[derive(Clone)]
pub(super) struct Recipe {
    pub(super) plan: Plan,
    /// Times of entries by name: modification and access.
    times: BTreeMap<String, (String, String)>,
}

/// What stands before a name. Cleaned, none of them makes two names equal.
const BEFORE: [&str; 14] = [
    "",
    "",
    "",
    "./",
    "/",
    "d/",
    "d/../",
    "a//b/",
    "\u{fc}/",
    "\u{1f600}",
    "<&>",
    "a\\b\"",
    "\u{2028}\u{7f}",
    "tab\tline\n",
];

/// Targets of links.
const TARGETS: [&str; 6] = ["target", "../../x", "/abs/olute", ".", "\u{1f600}<&>", "a b\\"];

/// Lengths at which something changes.
const LENGTHS: [usize; 8] = [0, 1, 511, 512, 513, 1023, 1024, 1025];

impl<'a> Arbitrary<'a> for Recipe {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let styles = [
            (Dialect::G1, Style::Full),
            (Dialect::G1, Style::ZeroTimes),
            (Dialect::G1, Style::Stargz),
            (Dialect::G2, Style::ZeroTimes),
            (Dialect::G3, Style::ZeroTimes),
            (Dialect::G4, Style::ZeroTimes),
            (Dialect::G5, Style::ZeroTimes),
            (Dialect::G5, Style::Plain),
        ];
        let &(dialect, style) = u.choose(&styles)?;
        Self::of(dialect, style, u)
    }
}

impl Recipe {
    /// One of a dialect and a style.
    pub(super) fn of(dialect: Dialect, style: Style, u: &mut Unstructured<'_>) -> Result<Self> {
        let mut recipe = Self {
            plan: Plan {
                style,
                ..Plan::new(dialect, Vec::new())
            },
            times: BTreeMap::new(),
        };
        for index in 0..u.int_in_range(0..=6_usize)? {
            let entry = recipe.entry(u, index)?;
            recipe.plan.entries.push(entry);
        }
        recipe.surround(u)?;
        Ok(recipe)
    }

    /// The data and the index of the layer.
    pub(super) fn parts(&self) -> Parts {
        self.parts_of(&self.plan)
    }

    /// The same of another plan.
    pub(super) fn parts_of(&self, plan: &Plan) -> Parts {
        let mut parts = plan.parts();
        for entry in &mut parts.toc {
            if let Some((modified, accessed)) = self.times.get(&entry.name)
                && entry.kind != "chunk"
            {
                entry.modtime.clone_from(modified);
                entry.accesstime.clone_from(accessed);
            }
        }
        parts
    }

    /// What the layer is, for people who read a finding.
    pub(super) fn describe(&self) -> String {
        let entries: Vec<String> = self
            .plan
            .entries
            .iter()
            .map(|entry| {
                format!(
                    "{} {} ({} bytes)",
                    char::from(entry.flag).escape_default(),
                    entry.name.escape_ascii(),
                    entry.content.len()
                )
            })
            .collect();
        format!("{} with [{}]", self.plan.dialect, entries.join(", "))
    }

    /// What stands before, between and after the entries.
    fn surround(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        self.plan.prefix = match u.int_in_range(0..=5_u8)? {
            0 => skippable(SKIPPABLE + 5, b"prefix"),
            1 => zstd::frame(b""),
            _ => Vec::new(),
        };
        self.plan.tail = match u.int_in_range(0..=5_u8)? {
            // As stargz-snapshotter ends its tars.
            0 => Vec::new(),
            1 => vec![0; 512],
            2 => vec![0; 10_240],
            3 => [tar::end(), u.arbitrary::<[u8; 8]>()?.to_vec()].concat(),
            _ => tar::end(),
        };
        if self.plan.tail.is_empty() {
            self.plan.padded = u.arbitrary()?;
        }
        if u.ratio(1, 4_u8)? {
            self.plan.fill = u.arbitrary()?;
        }
        Ok(())
    }

    fn entry(&mut self, u: &mut Unstructured<'_>, index: usize) -> Result<TarEntry> {
        // The number makes the names different, whatever stands before it.
        let mut name = format!("{}{index}", u.choose(&BEFORE)?);
        if u.ratio(1, 6_u8)? {
            name.extend(std::iter::repeat_n('n', u.int_in_range(80..=200_usize)?));
        }
        let mut target = (*u.choose(&TARGETS)?).to_owned();
        if u.ratio(1, 6_u8)? {
            target.extend(std::iter::repeat_n('t', u.int_in_range(80..=200_usize)?));
        }
        let mut entry = match u.int_in_range(0..=9_u8)? {
            0 => TarEntry::dir(&(name + "/")),
            1 => TarEntry::symlink(&name, &target),
            2 => TarEntry::hard_link(&name, &target),
            3 => TarEntry::device(b'3', &name, number(u, 7)?, number(u, 7)?),
            4 => TarEntry::device(b'4', &name, number(u, 7)?, number(u, 7)?),
            5 => TarEntry::device(b'6', &name, 0, 0),
            _ => self.file(u, &name)?,
        };
        entry.mode = u.int_in_range(0..=0o7777_u64)?;
        entry.uid = number(u, 7)?;
        entry.gid = number(u, 7)?;
        entry.gnu = u.ratio(1, 4_u8)?;
        for key in 0..u.int_in_range(0..=2_u8)?.saturating_sub(u.int_in_range(0..=2_u8)?) {
            let value: Vec<u8> = u.arbitrary::<[u8; 5]>()?.to_vec();
            entry.xattrs.push((format!("user.\u{fc}{key}"), value));
        }
        if u.ratio(1, 3_u8)? {
            self.oddity(u, &mut entry)?;
        }
        Ok(entry)
    }

    fn file(&self, u: &mut Unstructured<'_>, name: &str) -> Result<TarEntry> {
        let length = if u.arbitrary()? {
            *u.choose(&LENGTHS)?
        } else {
            u.int_in_range(0..=1500_usize)?
        };
        let seed: [u8; 4] = u.arbitrary()?;
        let mut content: Vec<u8> = seed.iter().copied().cycle().take(length).collect();
        let mut chunks = Vec::new();
        if self.plan.style != Style::Stargz && length > 1 && u.ratio(1, 3_u8)? {
            let (hole, before) = (u.arbitrary()?, u.int_in_range(1..=length - 1)?);
            if hole {
                // A hole at the start, or one after it.
                let at = if u.arbitrary()? { 0..before } else { before..length };
                content[at].fill(0);
            }
            for part in [&content[..before], &content[before..]] {
                chunks.push((part.len(), hole && part.iter().all(|&byte| byte == 0)));
            }
        }
        let mut entry = TarEntry::file(name, content);
        entry.chunks = chunks;
        Ok(entry)
    }

    /// One of the ways in which writers of tars differ.
    fn oddity(&mut self, u: &mut Unstructured<'_>, entry: &mut TarEntry) -> Result<()> {
        let name = String::from_utf8_lossy(&entry.name).into_owned();
        match u.int_in_range(0..=8_u8)? {
            // The old format: no magic, and a file may have type NUL.
            0 if !matches!(entry.flag, b'3' | b'4') => {
                entry.patches.push((257, vec![0; 8]));
                if entry.flag == b'0' && !entry.name.ends_with(b"/") {
                    entry.patches.push((156, vec![0]));
                }
            }
            1 => {
                entry.uid = u.int_in_range(0..=1 << 40)?;
                let number = i64::try_from(entry.uid).unwrap_or(0);
                entry.patches.push((108, tar::base256(8, number)));
            }
            2 => {
                let size = i64::try_from(entry.size()).unwrap_or(0);
                entry.patches.push((124, tar::base256(12, size)));
            }
            // Numbers as old programs write them.
            3 => {
                entry.uid &= 0o77_7777;
                entry.patches.push((108, format!("{:>6o} \0", entry.uid).into_bytes()));
            }
            4 => entry.patches.push((265, b"root".to_vec())),
            // A size without content.
            5 if entry.flag == b'5' || entry.flag == b'1' => entry.claimed = Some(u.int_in_range(1..=600)?),
            6 if self.plan.style == Style::Plain => {
                let seconds: u32 = u.arbitrary()?;
                entry
                    .pax
                    .push(("mtime".to_owned(), format!("{seconds}.25").into_bytes()));
                entry.pax.push(("atime".to_owned(), seconds.to_string().into_bytes()));
                let time = rfc3339(seconds.into());
                self.times.insert(
                    name,
                    (
                        time.replace('Z', ".25Z"),
                        if seconds == 0 { String::new() } else { time },
                    ),
                );
            }
            // A name in two parts.
            7 if !entry.gnu && entry.name.len() <= 100 => {
                let prefix = b"in/two";
                entry
                    .patches
                    .push((0, [&entry.name[..], &[0].repeat(100 - entry.name.len())].concat()));
                entry.patches.push((345, prefix.to_vec()));
                entry.name = [prefix, &b"/"[..], &entry.name].concat();
            }
            _ => entry.mtime = u.int_in_range(1..=0o777_7777_7777)?,
        }
        Ok(())
    }
}

/// A number of at most this many octal digits.
fn number(u: &mut Unstructured<'_>, digits: u32) -> Result<u64> {
    let largest = 8_u64.pow(digits) - 1;
    Ok(match u.int_in_range(0..=3_u8)? {
        0 => 0,
        1 => largest,
        _ => u.int_in_range(0..=largest)?,
    })
}
