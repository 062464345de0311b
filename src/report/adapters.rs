//! A line for each version of an adapter.

use super::style::{ERROR, styled};
use crate::{adapters::Column, outside::Outside};

/// A version that is as it should be.
pub fn adapter(column: &Column, what: &str) -> String {
    let name = Outside::word(&column.adapter().name).to_string();
    let id = Outside::word(&column.id()).to_string();
    format!("{name:<24} {id:<18} {what}\n")
}

/// A version that cannot run.
pub fn adapter_problem(column: &Column, what: &str) -> String {
    adapter(column, &styled(ERROR, what))
}
