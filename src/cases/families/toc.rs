//! `toc/parse`.

mod borders;
mod chunks;
mod entries;
mod json;
mod past;
mod resources;
mod styles;
mod times;

use super::{Blobs, Family};
use crate::{
    forge::EditInPlace,
    format::{
        Dialect::{self, G1, G2, G3, G4, G5},
        Digest,
    },
    rules::Rule,
    vectors::{
        Bug, Choice, Decimal, Tag,
        ops::{ChunkOutput, EntryOutput, EntryTypeOutput, TocInput, TocOutput},
    },
};

type Cases = Family<TocInput, TocOutput>;

/// Adds cases, keeping their large inputs.
struct Builder<'a> {
    cases: Cases,
    blobs: &'a mut Blobs,
}

pub(in super::super) fn cases(blobs: &mut Blobs) -> Cases {
    let mut builder = Builder {
        cases: Cases::new("toc"),
        blobs,
    };
    builder.base();
    builder.styles();
    builder.json();
    builder.entries();
    builder.chunks();
    builder.past();
    builder.times();
    builder.borders();
    builder.resources();
    builder.cases
}

/// The TOC that most cases change, as g5 writes it: a directory, a file and a symbolic link.
const BASE: &str = concat!(
    r#"{"version":1,"entries":["#,
    r#"{"type":"dir","name":"etc/","mode":493,"modtime":"2023-11-14T22:13:20Z"},"#,
    r#"{"type":"reg","name":"etc/motd","mode":420,"size":20,"uid":1000,"gid":100,"#,
    r#""modtime":"2023-11-14T22:13:20.5Z","xattrs":{"user.a":"MQ=="},"#,
    r#""digest":"sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824","#,
    r#""offset":100,"endOffset":150},"#,
    r#"{"type":"symlink","name":"etc/link","linkName":"../motd","mode":511,"modtime":"2023-11-14T22:13:20Z"}"#,
    r#"],"tarSplitDigest":"sha256:486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7"}"#,
);

/// The digest of the base TOC's file.
const DIGEST: &str = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

/// The digest of the base TOC's tar-split.
const TAR_SPLIT_DIGEST: &str = "sha256:486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7";

/// The modification time of most entries.
const TIME: &str = "2023-11-14T22:13:20Z";

/// What a reader makes of [`BASE`].
fn base() -> TocOutput {
    let dir = entry(EntryTypeOutput::Dir, "etc").edit(|entry| entry.mode = Decimal(493));
    let file = file("etc/motd", 20, 100, 150).edit(|entry| {
        entry.uid = Decimal(1000);
        entry.gid = Decimal(100);
        entry.modtime = Some("2023-11-14T22:13:20.5Z".into());
        entry.xattrs.insert("user.a".into(), "MQ==".into());
    });
    let link = entry(EntryTypeOutput::Symlink, "etc/link").edit(|entry| {
        entry.mode = Decimal(511);
        entry.link_name = "../motd".into();
    });
    TocOutput {
        tar_split_digest: Some(TAR_SPLIT_DIGEST.into()),
        entries: vec![dir, file, link],
    }
}

/// An entry with a name, the usual time, and zeros.
pub(super) fn entry(kind: EntryTypeOutput, name: &str) -> EntryOutput {
    EntryOutput {
        kind,
        name: name.to_owned(),
        link_name: String::new(),
        mode: Decimal(0),
        size: Decimal(0),
        uid: Decimal(0),
        gid: Decimal(0),
        user_name: String::new(),
        group_name: String::new(),
        modtime: Some(TIME.to_owned()),
        accesstime: None,
        changetime: None,
        dev_major: Decimal(0),
        dev_minor: Decimal(0),
        xattrs: std::collections::BTreeMap::new(),
        digest: None,
        chunks: Vec::new(),
    }
}

/// A file in one chunk with the usual mode and digest.
fn file(name: &str, size: u64, offset: u64, end: u64) -> EntryOutput {
    entry(EntryTypeOutput::Reg, name).edit(|entry| {
        entry.mode = Decimal(420);
        entry.size = Decimal(size);
        entry.digest = Some(DIGEST.to_owned());
        entry.chunks = vec![chunk(0, size, offset, Some(end))];
    })
}

/// A chunk without a digest.
fn chunk(at: u64, size: u64, offset: u64, end: Option<u64>) -> ChunkOutput {
    ChunkOutput {
        offset: Decimal(offset),
        end_offset: end.map(Decimal),
        inner_offset: None,
        chunk_offset: Decimal(at),
        size: Decimal(size),
        digest: None,
        zeros: false,
    }
}

/// A TOC of these entries, in JSON, and nothing else.
fn toc(entries: &[&str]) -> String {
    format!(r#"{{"version":1,"entries":[{}]}}"#, entries.join(","))
}

/// What a reader makes of a TOC without a tar-split's digest.
fn output(entries: Vec<EntryOutput>) -> TocOutput {
    TocOutput {
        tar_split_digest: None,
        entries,
    }
}

impl Builder<'_> {
    fn input(&mut self, dialect: Dialect, json: &[u8]) -> TocInput {
        TocInput {
            json: self.blobs.place(json),
            dialect,
        }
    }

    fn base(&mut self) {
        let input = self.input(G5, BASE.as_bytes());
        self.cases
            .valid(
                "g5",
                "a TOC of g5",
                "TOCs that containers/storage writes today cannot be read, or owners and times are lost.",
                input,
                base(),
            )
            .rules(&[Rule::TocVersion, Rule::TocEntries, Rule::EntryType, Rule::FileIndexed])
            .dialects(&[G5])
            .tags(&[Tag("interop")]);
    }

    /// A g5 TOC that is read as the base TOC is, perhaps with some difference.
    fn valid(
        &mut self,
        slug: &str,
        title: &str,
        why: &str,
        rule: Rule,
        json: &str,
        change: impl FnOnce(&mut TocOutput),
    ) {
        let input = self.input(G5, json.as_bytes());
        self.cases
            .valid(slug, title, why, input, base().edit(change))
            .rules(&[rule])
            .dialects(&[G5]);
    }

    /// As [`Self::valid`], for a choice.
    fn either(
        &mut self,
        slug: &str,
        title: &str,
        why: &str,
        (choice, rule): (Choice, Rule),
        json: &str,
        change: impl FnOnce(&mut TocOutput),
    ) {
        let input = self.input(G5, json.as_bytes());
        self.cases
            .either(slug, title, why, choice, input, base().edit(change))
            .rules(&[rule])
            .dialects(&[G5])
            .tags(&[Tag("security")]);
    }
}
