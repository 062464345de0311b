//! For browsers.

use crate::{
    report::{
        page::{self, Listed},
        run::ReportError,
    },
    results::{KeptResults, Table},
    vectors::Set,
};

/// The results of these cases, given by their indices in the set, as a page. `listed` has what the adapter of each of the results
/// adds to them.
///
/// # Errors
///
/// A blob of the set that is missing.
pub fn html(
    set: &Set,
    table: &Table,
    kept: &[KeptResults],
    listed: &[Option<Listed>],
    cases: &[usize],
) -> Result<String, ReportError> {
    page::kept(set, table, kept, listed, cases).html()
}
