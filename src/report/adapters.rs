//! A line for each version of an adapter.

use super::style::{ERROR, styled};
use crate::adapters::Column;

/// A version that is as it should be.
pub fn adapter(column: &Column, what: &str) -> String {
    format!("{:<24} {:<18} {what}\n", column.adapter().name, column.id())
}

/// A version that cannot run.
pub fn adapter_problem(column: &Column, what: &str) -> String {
    adapter(column, &styled(ERROR, what))
}
