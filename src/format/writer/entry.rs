//! From a tar header to an entry of the TOC.

use std::collections::{BTreeMap, HashSet};

use crate::{
    format::{
        ByteExcerpt, Excerpt, Findings, Place, Region, Unread, path, tar,
        time::Timestamp,
        toc::{Entry, EntryKind, Values},
    },
    rules::Rule,
};

/// The type flag of a global PAX header. It is an entry of the tar-split, and of a TOC none.
pub(super) const GLOBAL: u8 = b'g';

/// Makes entries, and knows the paths that are taken.
#[derive(Default)]
pub(super) struct Entries {
    paths: HashSet<String>,
}

impl Entries {
    /// The entry of this header, without digest and chunks; none if no TOC can hold it.
    ///
    /// Reports TOC-04, TOC-06, TOC-07, TOC-17, TOC-18 and JSN-01, at the header's place in the tar.
    pub(super) fn add(&mut self, header: &tar::Entry, findings: &mut Findings) -> Option<Entry> {
        let mut checks = Checks {
            place: Place::Byte(Region::Tar, header.offset),
            findings,
        };
        let kind = checks.kind(header.typeflag);
        let name = checks.name("name", &header.name);
        let link_name = checks.name("link name", &header.link_name);
        let modtime = checks.time(header.modtime);
        let accesstime = checks.time(header.accesstime);
        let changetime = checks.time(header.changetime);
        let xattrs = checks.xattrs(&header.xattrs);
        let name = name?;
        let path = path::from_root(&name).path;
        if !self.paths.insert(path.clone()) {
            checks.report(
                Rule::EntryUnique,
                format!(
                    "duplicate path {}, expected each path once, cleaned from the root",
                    Excerpt(&path)
                ),
            );
            return None;
        }
        Some(Entry::from(Values {
            kind: kind?,
            path,
            name,
            link_name: link_name?,
            mode: header.mode,
            size: header.size,
            uid: header.uid,
            gid: header.gid,
            user_name: String::new(),
            group_name: String::new(),
            modtime: modtime?,
            accesstime: accesstime?,
            changetime: changetime?,
            dev_major: header.dev_major,
            dev_minor: header.dev_minor,
            xattrs: xattrs?,
            digest: None,
            chunks: Vec::new(),
            index: 0,
            unread: Unread::default(),
        }))
    }
}

/// Looks at one header. None of a check is a finding.
struct Checks<'f> {
    place: Place,
    findings: &'f mut Findings,
}

impl Checks<'_> {
    fn report(&mut self, rule: Rule, detail: String) {
        self.findings.report(rule, self.place.clone(), detail);
    }

    fn kind(&mut self, typeflag: u8) -> Option<EntryKind> {
        let kind = EntryKind::from_typeflag(typeflag);
        if kind.is_none() {
            let flag = typeflag.escape_ascii();
            let called = tar::type_name(typeflag).unwrap_or("unknown");
            self.report(
                Rule::EntryType,
                format!(
                    "the TOC has no type for the tar type `{flag}` ({called}), expected a file, a directory, a link, a device or \
                     a fifo"
                ),
            );
        }
        kind
    }

    /// A name that JSON can hold and that has no NUL.
    fn name(&mut self, what: &str, bytes: &[u8]) -> Option<String> {
        match std::str::from_utf8(bytes) {
            Ok(name) if !name.contains('\0') => return Some(name.to_owned()),
            Ok(_) => self.report(
                Rule::EntryName,
                format!("the {what} has a NUL byte: found {}, expected none", ByteExcerpt(bytes)),
            ),
            Err(_) => self.report(
                Rule::JsonSyntax,
                format!(
                    "the {what} is not UTF-8: found {}, expected UTF-8, since JSON cannot represent other bytes",
                    ByteExcerpt(bytes)
                ),
            ),
        }
        None
    }

    /// A time that RFC 3339 can write, if there is one.
    #[expect(
        clippy::option_option,
        reason = "the outer one is of the check, the inner one of the header"
    )]
    fn time(&mut self, time: Option<Timestamp>) -> Option<Option<Timestamp>> {
        if let Some(time) = time
            && time.to_string().parse() != Ok(time)
        {
            self.report(
                Rule::EntryTime,
                format!("the time cannot be written in RFC 3339: found {time}, expected one in the years 0 to 9999"),
            );
            return None;
        }
        Some(time)
    }

    fn xattrs(&mut self, xattrs: &BTreeMap<Vec<u8>, Vec<u8>>) -> Option<BTreeMap<String, Vec<u8>>> {
        let mut out = BTreeMap::new();
        for (name, value) in xattrs {
            out.insert(self.name("name of an extended attribute", name)?, value.clone());
        }
        Some(out)
    }
}
