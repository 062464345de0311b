//! Language-neutral test cases, each tied to rules of the format.
//!
//! A [`Case`] gives an operation an input and says what an implementation has to answer: accept it with exactly this
//! output, reject it, or, where the format leaves a choice, either. The files under `vectors/` are the contract; this
//! module is their shape ([`case`], [`ops`]), their copy inside the binary ([`set`]), and the generator that writes them
//! ([`generate`]).

pub mod bugs;
pub mod bytes;
pub mod case;
pub mod choices;
pub mod declared;
#[cfg(feature = "set")]
mod embedded;
pub mod form;
#[cfg(feature = "set")]
pub mod generate;
#[cfg(feature = "set")]
pub mod given;
pub mod ops;
#[cfg(feature = "set")]
pub mod set;
#[cfg(feature = "set")]
pub mod tables;
#[cfg(feature = "set")]
pub mod tombstones;

pub use self::{
    bugs::Bug,
    bytes::{Bytes, Decimal},
    case::{Case, CaseFile, CaseId, CaseLimits, Expect, Provenance, Tag},
    choices::Choice,
    declared::Declared,
    form::Form,
    ops::Op,
};
#[cfg(feature = "set")]
pub use self::{
    set::{Entry, Set},
    tombstones::Tombstone,
};
