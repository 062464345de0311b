//! The TOC compared with the headers of the tar.
//!
//! A client that pulls in part creates files from the TOC alone; anyone who exports or scans the layer sees the tar. If the
//! two differ, what is inspected is not what runs.

use std::{borrow::Cow, slice};

use super::metadata::differences;
use crate::{
    format::{
        ByteExcerpt, Dialect, Excerpt, Findings, Part, Place, Region,
        path::from_root,
        tar,
        toc::{Entry, LeftOut, Style, Toc},
    },
    rules::Rule,
};

/// The type flag of a global PAX header, which is an entry of a tar-split and none of a TOC.
const GLOBAL: u8 = b'g';

/// Reports every difference between the entries of a TOC and the headers of a tar, in either direction.
///
/// Rules: CMP-01 for an entry that one of them has more often than the other, CMP-05 where they have the same entries in
/// another order, CMP-02 for an entry that differs.
///
/// Names are compared as text, except in TOCs of stargz, whose writer cleans them, and in g1 and g2, where the last of several
/// entries of one path counts. An extended attribute without a value may be missing from the TOC, since writers up to
/// containers/storage v1.53 left it out.
pub fn compare(toc: &Toc, headers: &[tar::Entry], dialect: Dialect, findings: &mut Findings) {
    let mut in_step = InStep::new(toc, dialect, findings);
    for header in headers {
        in_step.take(header);
    }
    if let Some(of_metadata) = in_step.finish() {
        return findings.merge(of_metadata);
    }
    let unique = dialect.facts().unique_paths;
    let headers: Vec<&tar::Entry> = headers.iter().filter(|header| is_listed(header)).collect();
    let key_of = |name| key(name, toc.style, unique);
    let listed = listed(toc);
    let mut by_name = ByName::of(
        (headers.iter().map(|header| key_of(&header.name)))
            .chain(listed.iter().map(|listed| key_of(listed.name.as_bytes())))
            .chain(toc.left_out.names.iter().map(|name| key_of(name.as_bytes()))),
    );
    for (at, header) in headers.iter().enumerate() {
        if let Some(same) = by_name.get_mut(&key_of(&header.name)) {
            same.headers.push((at, header));
        }
    }
    // The first entry that is in another place than its header, and which place it is in.
    let mut moved = None;
    let mut place = 0_usize;
    for listed in listed {
        let Some(same) = by_name.get_mut(&key_of(listed.name.as_bytes())) else {
            continue;
        };
        if let Some(at) = same.headers.get(same.listed).map(|&(at, _)| at) {
            if at != place && moved.is_none() {
                moved = Some((place, listed));
            }
            place = place.saturating_add(1);
        }
        same.listed = same.listed.saturating_add(1);
        same.last = Some(listed);
    }
    for name in &toc.left_out.names {
        if let Some(same) = by_name.get_mut(&key_of(name.as_bytes())) {
            same.left_out = same.left_out.saturating_add(1);
        }
    }
    if same_entries(&by_name, toc.left_out.nameless, findings)
        && let Some((place, listed)) = moved
    {
        report_moved(place, listed, &headers, findings);
    }
    let is_anyones = is_anyones(toc);
    for entry in &toc.entries {
        let same = by_name.get(&key_of(entry.name.as_bytes()));
        if let Some((_, header)) = same.and_then(|same| same.headers.last()) {
            compare_metadata(entry, header, (toc.style, is_anyones), findings);
        }
    }
}

/// Compares a TOC with headers that come one by one, as long as both have the same names in the same order, each of them once. So it
/// is in nearly every layer: names need not be looked up then, nor headers be kept.
pub(super) struct InStep<'a> {
    toc: &'a Toc,
    unique: bool,
    is_anyones: bool,
    /// The entries that no header has come for.
    rest: slice::Iter<'a, Entry>,
    /// None once the two are out of step.
    findings: Option<Findings>,
}

impl<'a> InStep<'a> {
    /// Rules that are switched off in `like` are off.
    pub(super) fn new(toc: &'a Toc, dialect: Dialect, like: &Findings) -> Self {
        // Paths of entries differ, since one that a later one repeats is among those that are replaced.
        let is_plain = toc.replaced.is_empty() && toc.left_out == LeftOut::default();
        Self {
            toc,
            unique: dialect.facts().unique_paths,
            is_anyones: is_anyones(toc),
            rest: toc.entries.iter(),
            findings: is_plain.then(|| Findings::like(like)),
        }
    }

    /// Takes the next header, and returns its entry.
    pub(super) fn take(&mut self, header: &tar::Entry) -> Option<&'a Entry> {
        if !is_listed(header) {
            return None;
        }
        let key_of = |name| key(name, self.toc.style, self.unique);
        let next = self.rest.next();
        let entry = next.filter(|entry| key_of(entry.name.as_bytes()) == key_of(&header.name));
        match (entry, &mut self.findings) {
            (Some(entry), Some(findings)) => {
                compare_metadata(entry, header, (self.toc.style, self.is_anyones), findings);
            }
            _ => self.findings = None,
        }
        entry
    }

    /// Says that no header follows. What differs (CMP-02), or none if the two were out of step: then [`compare`] tells what is wrong.
    pub(super) fn finish(self) -> Option<Findings> {
        self.findings.filter(|_| self.rest.as_slice().is_empty())
    }
}

/// Whether a TOC has an entry for a header of this type.
const fn is_listed(header: &tar::Entry) -> bool {
    header.typeflag != GLOBAL
}

/// Whether the TOC looks the same from both writers of g1: no file has content.
fn is_anyones(toc: &Toc) -> bool {
    toc.style == Style::Stargz && toc.entries.iter().all(|entry| entry.chunks.is_empty())
}

/// Reports where an entry of a TOC, of which style and writer are given, differs from its header.
///
/// Rule: CMP-02.
fn compare_metadata(entry: &Entry, header: &tar::Entry, (style, is_anyones): (Style, bool), findings: &mut Findings) {
    let whole_seconds = style == Style::Stargz && !(is_anyones && entry.modtime == header.modtime);
    for difference in differences(entry, header, style, whole_seconds) {
        findings.report(
            Rule::EntryMetadata,
            Place::Pointer(format!("/entries/{}/{}", entry.index, difference.field)),
            difference.detail,
        );
    }
}

/// An element of the TOC that is no chunk, also one that a later one of the same path replaces.
#[derive(Clone, Copy)]
struct Listed<'a> {
    index: usize,
    name: &'a str,
    /// Whether a tar can have this name.
    is_named: bool,
}

/// What there is of each name: names can be many, so they are sorted once and nothing is kept beside them.
struct ByName<'a> {
    names: Vec<Cow<'a, [u8]>>,
    /// In the order of the names.
    same: Vec<Same<'a>>,
}

impl<'a> ByName<'a> {
    fn of(names: impl Iterator<Item = Cow<'a, [u8]>>) -> Self {
        let mut names: Vec<Cow<'a, [u8]>> = names.collect();
        names.sort_unstable();
        names.dedup();
        let mut same = Vec::new();
        same.resize_with(names.len(), Same::default);
        Self { names, same }
    }

    fn get(&self, name: &[u8]) -> Option<&Same<'a>> {
        self.same.get(self.place(name)?)
    }

    fn get_mut(&mut self, name: &[u8]) -> Option<&mut Same<'a>> {
        let place = self.place(name)?;
        self.same.get_mut(place)
    }

    fn place(&self, name: &[u8]) -> Option<usize> {
        self.names.binary_search_by(|known| (**known).cmp(name)).ok()
    }
}

/// Headers of one name, each with its place in the tar.
#[derive(Default)]
struct Headers<'a> {
    /// Nearly every name has one.
    first: Option<(usize, &'a tar::Entry)>,
    others: Vec<(usize, &'a tar::Entry)>,
}

impl<'a> Headers<'a> {
    fn push(&mut self, header: (usize, &'a tar::Entry)) {
        match &mut self.first {
            None => self.first = Some(header),
            Some(_) => self.others.push(header),
        }
    }

    fn iter(&self) -> impl Iterator<Item = &(usize, &'a tar::Entry)> {
        self.first.iter().chain(&self.others)
    }

    fn get(&self, nth: usize) -> Option<&(usize, &'a tar::Entry)> {
        match nth.checked_sub(1) {
            None => self.first.as_ref(),
            Some(nth) => self.others.get(nth),
        }
    }

    fn last(&self) -> Option<&(usize, &'a tar::Entry)> {
        self.others.last().or(self.first.as_ref())
    }

    fn len(&self) -> usize {
        self.others.len().saturating_add(usize::from(self.first.is_some()))
    }
}

/// The entries and headers of one name.
#[derive(Default)]
struct Same<'a> {
    headers: Headers<'a>,
    /// How many elements of the TOC there are.
    listed: usize,
    /// The last of these elements.
    last: Option<Listed<'a>>,
    /// How many elements of this name may be entries or not.
    left_out: usize,
}

/// What the TOC lists, in its order.
fn listed(toc: &Toc) -> Vec<Listed<'_>> {
    let entries = toc.entries.iter().map(|entry| Listed {
        index: entry.index,
        name: &entry.name,
        is_named: !entry.unread.has(Part::Name),
    });
    let replaced = toc.replaced.iter().map(|replaced| Listed {
        index: replaced.index,
        name: &replaced.name,
        is_named: !replaced.name.contains('\0'),
    });
    let mut listed: Vec<Listed<'_>> = entries.chain(replaced).collect();
    listed.sort_by_key(|listed| listed.index);
    listed
}

/// Whether TOC and tar have each name equally often. What could not be read of either may be what the other has: as many
/// elements of the TOC as have no name, or as many headers, are not missed.
///
/// Rule: CMP-01.
fn same_entries(by_name: &ByName<'_>, nameless: usize, findings: &mut Findings) -> bool {
    let mut more: Vec<(Listed<'_>, &Same<'_>)> = Vec::new();
    let mut less: Vec<(&tar::Entry, &Same<'_>)> = Vec::new();
    let (mut listed_somehow, mut named_somehow) = (nameless, 0_usize);
    let mut is_known = nameless == 0;
    for same in &by_name.same {
        is_known &= same.left_out == 0;
        let unread = same
            .headers
            .iter()
            .filter(|(_, header)| header.unread.has(Part::Name))
            .count();
        named_somehow = named_somehow.saturating_add(unread);
        match (same.last, same.headers.last()) {
            (Some(listed), _) if same.listed > same.headers.len() => {
                if listed.is_named {
                    more.push((listed, same));
                } else {
                    listed_somehow = listed_somehow.saturating_add(1);
                }
            }
            (_, Some(&(_, header)))
                if same.listed.saturating_add(same.left_out) < same.headers.len() && !header.unread.has(Part::Name) =>
            {
                less.push((header, same));
            }
            _ => {}
        }
    }
    is_known &= listed_somehow == 0 && named_somehow == 0;
    let missed = |same: &Same<'_>| {
        same.headers
            .len()
            .saturating_sub(same.listed.saturating_add(same.left_out))
    };
    if less.iter().map(|(_, same)| missed(same)).fold(0, usize::saturating_add) <= listed_somehow {
        less.clear();
    }
    let extra = |same: &Same<'_>| same.listed.saturating_sub(same.headers.len());
    if more.iter().map(|(_, same)| extra(same)).fold(0, usize::saturating_add) <= named_somehow {
        more.clear();
    }
    more.sort_by_key(|(listed, _)| listed.index);
    less.sort_by_key(|(header, _)| header.offset);
    for (listed, same) in &more {
        let name = Excerpt(listed.name);
        let detail = match same.headers.len() {
            0 => format!("{name} is in the TOC but not in the tar"),
            found => format!(
                "{name} is in the TOC {}, expected {found} as in the tar",
                times(same.listed)
            ),
        };
        findings.report(
            Rule::EntrySets,
            Place::Pointer(format!("/entries/{}", listed.index)),
            detail,
        );
    }
    for (header, same) in &less {
        let name = ByteExcerpt(&header.name);
        let detail = match same.listed {
            0 => format!("{name} is in the tar but not in the TOC"),
            listed => format!(
                "{name} is in the tar {}, expected {listed} as in the TOC",
                times(same.headers.len())
            ),
        };
        findings.report(Rule::EntrySets, Place::Byte(Region::Tar, header.offset), detail);
    }
    is_known && more.is_empty() && less.is_empty()
}

fn times(count: usize) -> String {
    format!("{count} time{}", if count == 1 { "" } else { "s" })
}

/// Reports that this entry of the TOC is in the place of another. One entry in the wrong place moves others, so only the first
/// is reported.
///
/// Rule: CMP-05.
fn report_moved(place: usize, listed: Listed<'_>, headers: &[&tar::Entry], findings: &mut Findings) {
    if let Some(expected) = headers.get(place) {
        findings.report(
            Rule::EntryOrder,
            Place::Pointer(format!("/entries/{}", listed.index)),
            format!(
                "{} is out of order, expected {} here as in the tar",
                Excerpt(listed.name),
                ByteExcerpt(&expected.name)
            ),
        );
    }
}

/// What two spellings of one entry's name have in common.
fn key(name: &[u8], style: Style, unique: bool) -> Cow<'_, [u8]> {
    match (style, std::str::from_utf8(name)) {
        (Style::Containers, _) if unique => name.into(),
        (_, Ok(name)) => from_root(name).path.into_bytes().into(),
        (_, Err(_)) => name.into(),
    }
}

#[cfg(test)]
#[cfg(feature = "vectors")]
mod tests {
    use crate::{
        forge::{
            EditInPlace as _,
            layer::{Parts, Plan},
            tar::TarEntry,
        },
        format::{
            Dialect::{self, G1, G2},
            Findings,
            layer::{Source, verify},
        },
        rules::Rule,
    };

    fn verified(plan: &Plan, change: impl FnOnce(&mut Parts)) -> Vec<(Rule, String)> {
        let layer = plan.parts().edit(change).payloads().place().layer();
        let blob = layer.blob.as_slice();
        let mut findings = Findings::new();
        drop(verify(&Source::new(&blob, Some(&layer.annotations)), &mut findings).unwrap());
        let list = findings.list().iter();
        list.map(|finding| (finding.rule, finding.to_string())).collect()
    }

    fn rules(plan: &Plan, change: impl FnOnce(&mut Parts)) -> Vec<Rule> {
        verified(plan, change).into_iter().map(|(rule, _)| rule).collect()
    }

    /// Where there is no tar-split, the plainly decoded tar decides.
    #[test]
    fn number_and_order_are_compared_in_every_dialect() {
        let entries = vec![
            TarEntry::dir("d/"),
            TarEntry::file("d/a", "first\n"),
            TarEntry::file("d/b", "other\n"),
            TarEntry::dir("e/"),
        ];
        let plans = Dialect::ALL.iter().map(|&dialect| Plan::new(dialect, entries.clone()));
        for plan in plans.chain([Plan::stargz(entries.clone())]) {
            let dialect = plan.dialect;
            assert_eq!(rules(&plan, |_| ()), [], "{dialect}");
            assert_eq!(
                rules(&plan, |parts| parts.toc.swap(0, 3)),
                [Rule::EntryOrder],
                "{dialect}"
            );
            let twice = rules(&plan, |parts| parts.toc.push(parts.toc[3].clone()));
            let expected = if dialect.has_tar_split() {
                Rule::EntryUnique
            } else {
                Rule::EntrySets
            };
            assert_eq!(twice, [expected], "{dialect}");
        }
    }

    /// The tar of g1 and g2 may have a name twice, and the TOC as often; the last one counts.
    #[test]
    fn repeated_names_are_counted() {
        let entries = vec![
            TarEntry::dir("d/").edit(|entry| entry.mode = 0o700),
            TarEntry::file("a", "content\n"),
            TarEntry::dir("./d/"),
        ];
        for dialect in [G1, G2] {
            let plan = Plan::new(dialect, entries.clone());
            assert_eq!(rules(&plan, |_| ()), [], "{dialect}");
            // That one differs which does not count is nothing that a reader could see.
            assert_eq!(rules(&plan, |parts| parts.toc[0].mode = 0), [], "{dialect}");
            assert_eq!(
                rules(&plan, |parts| parts.toc[2].mode = 0),
                [Rule::EntryMetadata],
                "{dialect}"
            );
            let found = verified(&plan, |parts| drop(parts.toc.remove(0)));
            let [(Rule::EntrySets, text)] = found.as_slice() else {
                panic!("{dialect}: {found:?}");
            };
            assert!(
                text.ends_with("\"./d/\" is in the tar 2 times, expected 1 as in the TOC"),
                "{text}"
            );
            let found = verified(&plan, |parts| parts.toc.push(parts.toc[2].clone()));
            let [(Rule::EntrySets, text)] = found.as_slice() else {
                panic!("{dialect}: {found:?}");
            };
            assert!(
                text.ends_with("toc at /entries/3: \"./d/\" is in the TOC 3 times, expected 2 as in the tar"),
                "{text}"
            );
        }
    }

    /// Without content the TOC of g1 can be stargz's, which writes whole seconds, and containers/storage's, which writes fractions.
    #[test]
    fn fractions_of_seconds_may_be_left_out_where_stargz_can_have_written_it() {
        let entries = vec![TarEntry::dir("d/").edit(|entry| {
            entry.mtime = 1_700_000_000;
            entry.pax = vec![("mtime".into(), "1700000000.25".into())];
        })];
        let plan = Plan::new(G1, entries);
        for (modtime, expected) in [
            ("2023-11-14T22:13:20Z", &[][..]),
            ("2023-11-14T22:13:20.25Z", &[]),
            ("2023-11-14T22:13:20.5Z", &[Rule::EntryMetadata]),
            ("2023-11-14T22:13:21Z", &[Rule::EntryMetadata]),
        ] {
            let found = verified(&plan, |parts| parts.toc[0].modtime = modtime.into());
            let rules: Vec<Rule> = found.iter().map(|(rule, _)| *rule).collect();
            assert_eq!(rules, expected, "{modtime}: {found:?}");
        }
    }

    #[test]
    fn what_looks_the_same_can_differ() {
        let plan = Plan::new(
            G2,
            vec![TarEntry::symlink("l", &"x".repeat(200)).edit(|entry| {
                entry.xattrs = vec![("user.a".into(), b"1, user.b=2".to_vec())];
            })],
        );
        assert_eq!(rules(&plan, |parts| parts.toc[0].link.push('y')), [Rule::EntryMetadata]);
        let apart = |parts: &mut Parts| {
            parts.toc[0].xattrs = vec![("user.a".into(), b"1".to_vec()), ("user.b".into(), b"2".to_vec())];
        };
        assert_eq!(rules(&plan, apart), [Rule::EntryMetadata]);
    }
}
