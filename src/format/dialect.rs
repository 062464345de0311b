//! Generations of the format, and the one table of what they differ in.
//!
//! Code that depends on the dialect asks [`Dialect::facts`], so that another generation is one more row. Dialects have no
//! order, since a later one need not have what an earlier one has:
//!
//! ```compile_fail,E0369
//! use chunkproof::Dialect;
//!
//! let _ = Dialect::G3 < Dialect::G5;
//! ```

use std::fmt;

use super::{annotations::Prefix, footer::Layout};

/// A generation of the format, by what its writers put into a layer.
///
/// The footer alone tells the layout, not the dialect: g1 and g2 differ in the prefix of their annotations, g4 and g5 in
/// the TOC's `tarSplitDigest`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(rename_all = "lowercase")
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Dialect {
    /// containers/storage v1.31 to v1.43, and stargz-snapshotter to this day: no tar-split, prefix `io.containers.`.
    G1,
    /// containers/storage v1.44 to v1.46: as g1, with the prefix `io.github.containers.` from here on.
    G2,
    /// containers/storage v1.47 to v1.49: a tar-split that only annotations locate and authenticate.
    G3,
    /// containers/storage v1.50 to v1.53: the 64-byte footer locates the tar-split too.
    G4,
    /// containers/storage v1.54 on: the TOC authenticates the tar-split.
    G5,
}

impl Dialect {
    /// Every dialect, oldest first.
    pub const ALL: &'static [Self] = &[Self::G1, Self::G2, Self::G3, Self::G4, Self::G5];

    /// The name, as the documents use it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::G1 => "g1",
            Self::G2 => "g2",
            Self::G3 => "g3",
            Self::G4 => "g4",
            Self::G5 => "g5",
        }
    }

    /// Whether layers of this dialect carry a tar-split.
    pub const fn has_tar_split(self) -> bool {
        self.facts().tar_split.is_some()
    }

    /// What its writers put into a layer.
    pub(crate) const fn facts(self) -> Facts {
        match self {
            Self::G1 => Facts {
                footer: Layout::V40,
                prefix: Prefix::Containers,
                tar_split: None,
                by_stargz: true,
                unique_paths: false,
                entries: EntryFacts::FIRST,
            },
            Self::G2 => Facts {
                footer: Layout::V40,
                prefix: Prefix::Github,
                tar_split: None,
                by_stargz: false,
                unique_paths: false,
                entries: EntryFacts::FIRST,
            },
            Self::G3 => Facts {
                footer: Layout::V56,
                prefix: Prefix::Github,
                tar_split: Some(DigestIn::Annotation),
                by_stargz: false,
                unique_paths: true,
                entries: EntryFacts::FIRST,
            },
            Self::G4 => Facts {
                footer: Layout::V64,
                prefix: Prefix::Github,
                tar_split: Some(DigestIn::Annotation),
                by_stargz: false,
                unique_paths: true,
                entries: EntryFacts::FIRST,
            },
            Self::G5 => Facts {
                footer: Layout::V64,
                prefix: Prefix::Github,
                tar_split: Some(DigestIn::Toc),
                by_stargz: false,
                unique_paths: true,
                entries: EntryFacts {
                    absent_times: false,
                    empty_xattrs: true,
                },
            },
        }
    }
}

/// What the layers of a dialect have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    /// The layout of the footer. Whether it names the tar-split is a [fact of the layout](Layout::names_tar_split).
    pub(crate) footer: Layout,
    /// The prefix of the annotations.
    pub(crate) prefix: Prefix,
    /// What has the digest of the tar-split, which an annotation locates in every dialect; none where there is no tar-split.
    pub(crate) tar_split: Option<DigestIn>,
    /// Whether stargz-snapshotter writes the dialect too, in its own [style](super::toc::Style).
    pub(crate) by_stargz: bool,
    /// Whether no two entries of the TOC may have the same path.
    pub(crate) unique_paths: bool,
    /// What a writer puts into the entries of the TOC. Readers accept either.
    pub(crate) entries: EntryFacts,
}

/// What authenticates a tar-split, by its digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DigestIn {
    /// An annotation, which is no part of the layer's identity.
    Annotation,
    /// The TOC.
    Toc,
}

/// What a writer puts into the entries of a TOC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EntryFacts {
    /// Whether a time that the tar does not have is there, as Go's zero time.
    pub(crate) absent_times: bool,
    /// Whether extended attributes without a value are there.
    pub(crate) empty_xattrs: bool,
}

impl EntryFacts {
    /// Those of g1 to g4.
    const FIRST: Self = Self {
        absent_times: true,
        empty_xattrs: false,
    };
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The dialects that a layer can be of, as far as its parts tell.
///
/// Each part that was read leaves some of them: the layout of the footer, the prefix and the keys of the annotations, and the
/// TOC. A part that is missing or broken leaves all of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Dialects([bool; Dialect::ALL.len()]);

impl Dialects {
    /// Nothing is known.
    pub const ALL: Self = Self([true; Dialect::ALL.len()]);

    /// Those of the list.
    pub fn of(list: &[Dialect]) -> Self {
        Self::where_each(|dialect| list.contains(&dialect))
    }

    /// Those whose facts pass the test.
    pub(crate) fn with(test: impl Fn(Facts) -> bool) -> Self {
        Self::where_each(|dialect| test(dialect.facts()))
    }

    fn where_each(test: impl Fn(Dialect) -> bool) -> Self {
        let mut known = [false; Dialect::ALL.len()];
        for (known, &dialect) in known.iter_mut().zip(Dialect::ALL) {
            *known = test(dialect);
        }
        Self(known)
    }

    /// Those that are in both. Parts that contradict each other leave none.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let Self(mut both) = self;
        for (both, other) in both.iter_mut().zip(other.0) {
            *both &= other;
        }
        Self(both)
    }

    /// Those that are left, the oldest first.
    pub fn iter(self) -> impl Iterator<Item = Dialect> {
        Dialect::ALL
            .iter()
            .zip(self.0)
            .filter_map(|(dialect, left)| left.then_some(*dialect))
    }

    /// Whether this one is left.
    pub(crate) fn has(self, dialect: Dialect) -> bool {
        self.iter().any(|left| left == dialect)
    }

    /// The dialect, where only one is left.
    pub fn only(self) -> Option<Dialect> {
        let mut left = self.iter();
        left.next().filter(|_| left.next().is_none())
    }
}

/// `g5`, `g1 or g2`, or `unknown` where nothing is left or nothing is known.
impl fmt::Display for Dialects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(Dialect::name).collect();
        match names.split_last() {
            None => f.write_str("unknown"),
            Some(_) if *self == Self::ALL => f.write_str("unknown"),
            Some((last, [])) => f.write_str(last),
            Some((last, others)) => write!(f, "{} or {last}", others.join(", ")),
        }
    }
}

impl fmt::Debug for Dialects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::{
        Dialect::{self, G1, G2, G3, G4, G5},
        Dialects, DigestIn,
    };
    use crate::forge::{footer::Span, toc::Style};

    #[test]
    fn the_second_table_is_equal() {
        for &dialect in Dialect::ALL {
            let (first, second) = (dialect.facts(), crate::forge::dialect::facts(dialect));
            let toc = Span::new(1, 2, 3);
            let tar_split = Span::new(4, 5, 6);
            let footer = (second.footer)(toc, tar_split);
            assert_eq!(
                footer.size,
                usize::try_from(first.footer.payload_length()).unwrap(),
                "{dialect}"
            );
            assert_eq!(
                footer.tar_split.length == 5,
                first.footer.names_tar_split(),
                "{dialect}"
            );
            assert_eq!(second.prefix, first.prefix.as_str(), "{dialect}");
            let digest = match (second.tar_split, second.annotated_digest, second.digest_in_toc) {
                (false, false, false) => None,
                (true, true, false) => Some(DigestIn::Annotation),
                (true, false, true) => Some(DigestIn::Toc),
                other => panic!("{dialect}: {other:?}"),
            };
            assert_eq!(digest, first.tar_split, "{dialect}");
            assert_eq!(second.unique_paths, first.unique_paths, "{dialect}");
            assert_eq!(second.by_stargz, first.by_stargz, "{dialect}");
            assert_eq!(second.style != Style::Plain, first.entries.absent_times, "{dialect}");
        }
    }

    /// The table is in chapter 5.
    #[test]
    fn the_facts_are_those_of_the_specification() {
        let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/spec.md");
        let spec = fs::read_to_string(spec).unwrap();
        let (_, chapter) = spec.split_once("\n## 5 Dialects\n").unwrap();
        let table = chapter.lines().skip_while(|line| !line.starts_with('|')).skip(2);
        let rows: Vec<&str> = table.take_while(|line| line.starts_with('|')).collect();
        assert_eq!(rows.len(), Dialect::ALL.len());
        let mut prefixes = Vec::new();
        for (row, dialect) in rows.into_iter().zip(Dialect::ALL) {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            let &[_, name, footer, located, vouched, prefix, written_by, _] = &cells[..] else {
                panic!("{row}");
            };
            let facts = dialect.facts();
            assert_eq!((name, footer), (dialect.name(), facts.footer.name()));
            let expected = match (facts.tar_split, facts.footer.names_tar_split()) {
                (None, _) => "none",
                (Some(_), false) => "located by annotation only",
                (Some(_), true) => "located by footer and annotation",
            };
            assert_eq!(located, expected, "{name}");
            let expected = match facts.tar_split {
                None => "",
                Some(DigestIn::Annotation) => "annotation `tarsplit-checksum`",
                Some(DigestIn::Toc) => "TOC field `tarSplitDigest`",
            };
            assert_eq!(vouched, expected, "{name}");
            let same = prefix.strip_prefix("as ").and_then(|name| {
                let earlier = Dialect::ALL.iter().position(|dialect| dialect.name() == name)?;
                prefixes.get(earlier).copied()
            });
            let prefix = same.unwrap_or(prefix);
            assert_eq!(prefix, format!("`{}`", facts.prefix.as_str()), "{name}");
            prefixes.push(prefix);
            assert_eq!(written_by.contains("stargz-snapshotter"), facts.by_stargz, "{name}");
        }
    }

    #[test]
    fn what_is_known_is_said_and_nothing_else() {
        for (left, text, only) in [
            (Dialects::ALL, "unknown", None),
            (Dialects::of(&[]), "unknown", None),
            (Dialects::of(&[G5]), "g5", Some(G5)),
            (Dialects::of(&[G2, G1]), "g1 or g2", None),
            (Dialects::of(&[G2, G3, G4]), "g2, g3 or g4", None),
            (Dialects::of(&[G4, G5]).and(Dialects::of(&[G2, G3, G4])), "g4", Some(G4)),
            (Dialects::of(&[G1, G2]).and(Dialects::of(&[G3])), "unknown", None),
        ] {
            assert_eq!((left.to_string().as_str(), left.only()), (text, only));
        }
    }
}
