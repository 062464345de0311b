//! Changes of the tar, in data and index alike.

use super::{Row, of_tar, pick};
use crate::{
    forge::{
        dialect::facts,
        layer::Plan,
        tar::{self, TarEntry},
    },
    rules::Rule,
};

pub(super) const ROWS: &[Row] = &[
    of_tar("block-that-is-no-header", Rule::TarHeader, |plan, which| {
        change(plan, which, is_any, |entry| entry.before = vec![1; 512])
    }),
    of_tar("letters-in-a-number", Rule::TarHeader, |plan, which| {
        change(plan, which, is_any, |entry| {
            entry.patches.push((100, b"zzzzzzz\0".to_vec()));
        })
    }),
    of_tar("pax-header-without-records", Rule::TarExtension, |plan, which| {
        change(plan, which, is_any, |entry| {
            entry.before = tar::extension_of(b'x', b"no record");
        })
    }),
    of_tar("pax-records-of-a-sparse-file", Rule::TarSparse, |plan, which| {
        change(plan, which, is_file, |entry| {
            let records = [("GNU.sparse.major", b"1"), ("GNU.sparse.minor", b"0")];
            let records = records.map(|(key, value)| (key.to_owned(), value.to_vec()));
            entry.pax.extend(records);
        })
    }),
    of_tar("type-of-a-sparse-file", Rule::TarSparse, |plan, which| {
        change(plan, which, is_file, |entry| {
            entry.gnu = true;
            entry.flag = b'S';
            entry.patches.clear();
        })
    }),
    // Before the TOC of eStargz there is no such end.
    of_tar("tar-that-ends-in-a-header", Rule::TarTruncated, |plan, _| {
        // Without the padding before them these bytes would be padding.
        plan.padded = true;
        plan.tail = vec![1; 100];
        facts(plan.dialect).tar_split.then_some(())
    }),
    of_tar("second-entry-of-a-name", Rule::EntryUnique, |plan, which| {
        let entry = pick(&plan.entries, which)?.0.clone();
        facts(plan.dialect).unique_paths.then(|| plan.entries.push(entry))
    }),
];

const fn is_any(_: &TarEntry) -> bool {
    true
}

fn is_file(entry: &TarEntry) -> bool {
    entry.flag == b'0'
}

/// Changes one of the entries of a kind.
fn change(plan: &mut Plan, which: usize, is: fn(&TarEntry) -> bool, change: fn(&mut TarEntry)) -> Option<()> {
    let places: Vec<usize> = (0..plan.entries.len()).filter(|&at| is(&plan.entries[at])).collect();
    let (&at, _) = pick(&places, which)?;
    change(plan.entries.get_mut(at)?);
    Some(())
}
