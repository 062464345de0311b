//! What a user sees of runs and cases.
//!
//! Each report is a function of results to text. Styles are always written; who prints the text strips them where they
//! are not wanted.

mod adapters;
mod aligned;
pub(crate) mod ambiguities;
mod case;
pub mod check;
mod compare;
mod diff;
pub(crate) mod estargz;
pub(crate) mod explain;
mod failure;
mod hex;
mod hunt;
pub(crate) mod image;
pub(crate) mod index;
mod json;
pub mod kept;
pub(crate) mod layer;
mod list;
mod matrix;
mod page;
mod progress;
mod run;
pub(crate) mod sarif;
pub(crate) mod several;
pub(crate) mod snapshot;
pub(crate) mod streamed;
mod style;
mod unified;

pub use self::{
    adapters::{adapter, adapter_problem},
    case::{case, case_json},
    compare::{compared, compared_json},
    diff::{Change, changes},
    hunt::{hunted, hunted_json},
    json::{CaseReport, FailureReport, ImplementationReport, Report, schema},
    list::{list, list_json},
    page::Listed,
    progress::{Line, Progress},
    run::{Detail, Format, Repeat, ReportError, Told, reports, without_commands},
    style::{ERROR, styled},
};
