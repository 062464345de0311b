//! Language-neutral test cases, each tied to rules of the format.
//!
//! A [`Case`] gives an operation an input and says what an implementation has to answer: accept it with exactly this
//! output, reject it, or, where the format leaves a choice, either. The files under `vectors/` are the contract; this
//! module is their shape ([`case`], [`ops`]) and their copy inside the binary ([`set`]). What makes them is in `cases`.

pub mod bugs;
pub mod bytes;
pub mod case;
#[cfg(feature = "set")]
pub mod case_files;
pub mod cells;
pub mod choices;
pub mod declared;
#[cfg(feature = "set")]
mod embedded;
pub mod layer_format;
pub mod ops;
pub mod registers;
#[cfg(feature = "set")]
pub mod set;
pub mod tags;
pub mod tombstones;
pub(crate) mod toml_file;

pub use self::{
    bugs::Bug,
    bytes::{Bytes, Decimal},
    case::{Case, CaseFile, CaseId, CaseLimits, Expect, Provenance},
    choices::{Choice, Reading},
    declared::Declared,
    layer_format::LayerFormat,
    ops::{Content, Op, Operation, Subject, Task},
    registers::Registers,
    tags::Tag,
    tombstones::Tombstone,
};
#[cfg(feature = "set")]
pub use self::{case_files::SetEntry, set::Set};
