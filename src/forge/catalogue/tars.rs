//! Changes of the tar, in data and index alike.

use super::{Change::Tar, Row, pick, row};
use crate::{
    forge::{
        dialect::facts,
        layer::Plan,
        tar::{self, Entry},
    },
    rules::Rule,
};

pub(super) const ROWS: &[Row] = &[
    row(
        "block-that-is-no-header",
        Rule::TarHeader,
        Tar(|plan, which| change(plan, which, |_| true, |entry| entry.before = vec![1; 512])),
    ),
    row(
        "letters-in-a-number",
        Rule::TarHeader,
        Tar(|plan, which| {
            change(
                plan,
                which,
                |_| true,
                |entry| {
                    entry.patches.push((100, b"zzzzzzz\0".to_vec()));
                },
            )
        }),
    ),
    row(
        "pax-header-without-records",
        Rule::TarExtension,
        Tar(|plan, which| {
            change(
                plan,
                which,
                |_| true,
                |entry| {
                    entry.before = tar::extension_of(b'x', b"no record");
                },
            )
        }),
    ),
    row(
        "pax-records-of-a-sparse-file",
        Rule::TarSparse,
        Tar(|plan, which| {
            change(plan, which, is_file, |entry| {
                let records = [("GNU.sparse.major", b"1"), ("GNU.sparse.minor", b"0")];
                let records = records.map(|(key, value)| (key.to_owned(), value.to_vec()));
                entry.pax.extend(records);
            })
        }),
    ),
    row(
        "type-of-a-sparse-file",
        Rule::TarSparse,
        Tar(|plan, which| {
            change(plan, which, is_file, |entry| {
                entry.gnu = true;
                entry.flag = b'S';
                entry.patches.clear();
            })
        }),
    ),
    row(
        "tar-that-ends-in-a-header",
        Rule::TarTruncated,
        // Before the TOC of eStargz there is no such end.
        Tar(|plan, _| {
            // Without the padding before them these bytes would be padding.
            plan.padded = true;
            plan.tail = vec![1; 100];
            facts(plan.dialect).tar_split.then_some(())
        }),
    ),
    row(
        "second-entry-of-a-name",
        Rule::EntryUnique,
        Tar(|plan, which| {
            let entry = pick(&plan.entries, which)?.0.clone();
            facts(plan.dialect).unique_paths.then(|| plan.entries.push(entry))
        }),
    ),
];

fn is_file(entry: &Entry) -> bool {
    entry.flag == b'0'
}

/// Changes one of the entries of a kind.
fn change(plan: &mut Plan, which: usize, is: fn(&Entry) -> bool, change: fn(&mut Entry)) -> Option<()> {
    let places: Vec<usize> = (0..plan.entries.len()).filter(|&at| is(&plan.entries[at])).collect();
    let (&at, _) = pick(&places, which)?;
    change(plan.entries.get_mut(at)?);
    Some(())
}
