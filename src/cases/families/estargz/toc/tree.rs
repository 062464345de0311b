//! What a reader makes a tree of: names and hard links, and numbers from which it makes room.

use super::{BASE, Bug, Builder, Bytes, Choice, EditInPlace, EntryTypeOutput, Part, Rule, Tag, base, entry};
use crate::vectors::ops::{EStargzTocInput, EStargzTocOutput, EntryOutput};

/// The TOC that most cases change with these entries, in JSON, behind its own.
pub(super) fn with(entries: &[&str]) -> String {
    let end = "\n\t]\n}";
    BASE.replace(end, &format!(",\n\t\t{}{end}", entries.join(",\n\t\t")))
}

/// The same without the file that shares a member, which releases of before it could be so did not know.
fn with_members_apart(entries: &[&str]) -> String {
    let json = with(entries);
    let lines = json.split_inclusive('\n');
    lines.filter(|line| !line.contains("innerOffset")).collect::<String>()
}

fn members_apart() -> EStargzTocOutput {
    base().edit(|toc| toc.entries.retain(|entry| entry.name.as_str() != "d/small"))
}

fn dir(name: &str) -> String {
    format!(r#"{{"name": "{name}", "type": "dir", "modtime": "2023-11-14T22:13:20Z", "mode": 493}}"#)
}

fn link(name: &str, target: &str) -> String {
    format!(
        r#"{{"name": "{name}", "type": "hardlink", "linkName": "{target}", "modtime": "2023-11-14T22:13:20Z", "mode": 420}}"#
    )
}

/// Names of hard links and their targets.
type Links = &'static [(&'static str, &'static str)];

fn known_dir(name: &str) -> EntryOutput {
    entry(EntryTypeOutput::Dir, name, 493)
}

fn known_link(name: &str, target: &str) -> EntryOutput {
    entry(EntryTypeOutput::Hardlink, name, 420).edit(|entry| entry.link_name = target.into())
}

impl Builder<'_> {
    pub(super) fn tree(&mut self) {
        self.names();
        self.links();
        self.circles();
        self.room();
    }

    fn names(&mut self) {
        const WHY: &str =
            "Names are looked up as they stand, or the root becomes a child of itself and is walked for ever.";
        for (slug, title, name) in [
            ("root", "an entry for the root, as `./`", "./"),
            ("root-slash", "an entry for the root, as a slash", "/"),
        ] {
            self.valid(
                slug,
                title,
                WHY,
                Rule::EntrySets,
                &with(&[&dir(name)]),
                base().edit(|toc| toc.entries.push(known_dir(""))),
            )
            .bugs(&[Bug("estargz-root-loop")]);
            self.valid(
                &format!("{slug}-members-apart"),
                &format!("{title}; each file has a member of its own"),
                WHY,
                Rule::EntrySets,
                &with_members_apart(&[&dir(name)]),
                members_apart().edit(|toc| toc.entries.push(known_dir(""))),
            )
            .bugs(&[Bug("estargz-root-loop")]);
        }
        let spellings = [&*dir("/a"), &dir("a//b"), &dir("a/./c"), &dir("./e/")];
        self.valid(
            "name-spellings-members-apart",
            "names with slashes and dots to spare; each file has a member of its own",
            WHY,
            Rule::EntrySets,
            &with_members_apart(&spellings),
            members_apart().edit(|toc| toc.entries.extend(["a", "a/b", "a/c", "e"].map(known_dir))),
        )
        .bugs(&[Bug("estargz-names")]);
        self.valid(
            "name-spellings",
            "names with slashes and dots to spare",
            WHY,
            Rule::EntrySets,
            &with(&spellings),
            base().edit(|toc| toc.entries.extend(["a", "a/b", "a/c", "e"].map(known_dir))),
        )
        .bugs(&[Bug("estargz-names")]);
        let input = self.input(&with(&[&dir("../a")]));
        self.cases
            .either(
                "name-escapes",
                "a name that leads out of the root",
                WHY,
                Choice("escaping-names"),
                input,
                base().edit(|toc| toc.entries.push(known_dir("a"))),
            )
            .rules(&[Rule::EntryEscape])
            .estargz()
            .bugs(&[Bug("estargz-names")]);
    }

    fn links(&mut self) {
        const WHY: &str = "The target of a hard link is looked for where it is not, or before it can be there.";
        let rows: &[(&str, &str, Links)] = &[
            ("hard-link", "a hard link to a file", &[("l", "d/small")]),
            (
                "hard-link-to-hard-link",
                "a hard link to another one, which comes behind it",
                &[("l", "m"), ("m", "d/small")],
            ),
        ];
        for &(slug, title, links) in rows {
            let listed: Vec<String> = links.iter().map(|&(name, target)| link(name, target)).collect();
            let listed: Vec<&str> = listed.iter().map(String::as_str).collect();
            let expected = base().edit(|toc| {
                toc.entries
                    .extend(links.iter().map(|&(name, target)| known_link(name, target)));
            });
            self.valid(slug, title, WHY, Rule::EntryType, &with(&listed), expected);
        }
    }

    /// Hard links that lead to no file.
    fn circles(&mut self) {
        const WHY: &str =
            "Who follows the link, or walks the tree with its target in the place of the link, comes to no end.";
        let rows: &[(&str, &str, Choice, Links)] = &[
            (
                "hard-link-to-itself",
                "a hard link to itself",
                Choice("hard-link-circles"),
                &[("l", "l")],
            ),
            (
                "hard-link-circle",
                "two hard links, each to the other",
                Choice("hard-link-circles"),
                &[("l", "m"), ("m", "l")],
            ),
            (
                "hard-link-to-directory",
                "a hard link to the directory in which it is",
                Choice("hard-link-directories"),
                &[("d/l", "d")],
            ),
            (
                "hard-link-to-root",
                "a hard link to the root",
                Choice("hard-link-directories"),
                &[("l", "/")],
            ),
            (
                "hard-link-without-target",
                "a hard link to a name that no entry has",
                Choice("hard-link-targets"),
                &[("l", "gone")],
            ),
        ];
        for &(slug, title, choice, links) in rows {
            let listed: Vec<String> = links.iter().map(|&(name, target)| link(name, target)).collect();
            let listed: Vec<&str> = listed.iter().map(String::as_str).collect();
            let input = self.input(&with(&listed));
            let expected = base().edit(|toc| {
                toc.entries
                    .extend(links.iter().map(|&(name, target)| known_link(name, target)));
            });
            let added = self
                .cases
                .either(slug, title, WHY, choice, input, expected)
                .rules(&[Rule::HardLinkTarget])
                .estargz()
                .tags(&[Tag("security"), Tag("robustness")]);
            if choice == Choice("hard-link-circles") {
                added.bugs(&[Bug("estargz-hard-link-circle")]);
            }
        }
    }

    /// TOCs that make a reader take memory or time for nothing.
    fn room(&mut self) {
        const WHY: &str =
            "Memory is taken for as many chunks as the numbers say, or time that grows with the square of them.";
        for (slug, change, size) in [
            (
                "chunk-count-2-33",
                "a file of 2^33 chunks of which one is there",
                1_u64 << 33,
            ),
            (
                "chunk-count-2-62",
                "a file of 2^62 chunks of which one is there",
                1 << 62,
            ),
        ] {
            let json = BASE.replacen("\"size\": 20,", &format!("\"size\": {size}, \"chunkSize\": 1,"), 1);
            let input = self.input(&json);
            self.cases
                .invalid(slug, "indented", change, WHY, &[Rule::ChunkSequence], input)
                .tags(&[Tag("security"), Tag("robustness")])
                .limits(10, 512);
        }
        let parts = |parts: Vec<Part>| {
            let (before, behind) = BASE.split_at(BASE.len() - "\n\t]\n}".len());
            let mut all = vec![Part::of(format!("{before},").as_bytes(), 1)];
            all.extend(parts);
            all.push(Part::of(behind.as_bytes(), 1));
            EStargzTocInput {
                json: Bytes::Parts(all),
            }
        };
        let nul = |name: &str| format!(r#"{{"name":"{name}\u0000","type":"dir"}}"#);
        let chain: Vec<String> = (0..500_u32)
            .map(|at| match at.checked_sub(1) {
                Some(before) => format!(r#"{{"name":"c{at}","type":"hardlink","linkName":"c{before}"}},"#),
                None => r#"{"name":"c0","type":"reg"},"#.to_owned(),
            })
            .collect();
        let many = parts(vec![
            Part::of(chain.concat().as_bytes(), 1),
            Part::numbered(br#"{"name":"l"#, br#"","type":"hardlink","linkName":"c499"},"#, 400_000),
            Part::of(nul("z").as_bytes(), 1),
        ]);
        let deep = parts(vec![
            Part::of(br#"{"name":""#, 1),
            Part::of(b"a/", 400_000),
            Part::of(br#"b\u0000","type":"dir"}"#, 1),
        ]);
        for (slug, change, input) in [
            (
                "hard-link-chain",
                "500 hard links, each to the one before, 400000 to the last, and a NUL in a name",
                many,
            ),
            (
                "name-deep-nul",
                "a name of 400000 directories with a NUL in the last part",
                deep,
            ),
        ] {
            self.cases
                .invalid(slug, "indented", change, WHY, &[Rule::EntryName], input)
                .tags(&[Tag("security"), Tag("robustness")])
                .limits(20, 1024);
        }
    }
}
