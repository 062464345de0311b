//! Language-neutral test cases, each tied to rules of the format.
//!
//! A [`Case`] gives an operation an input and says what an implementation has to answer: accept it with exactly this
//! output, reject it, or, where the format leaves a choice, either. The files under `vectors/` are the contract; this
//! module is their shape ([`case`], [`ops`]) and their copy inside the binary ([`set`]). What makes them is in `cases`.

pub mod bugs;
pub mod bytes;
pub mod case;
pub mod choices;
#[cfg(feature = "set")]
pub mod coverage;
pub mod declared;
#[cfg(feature = "set")]
mod embedded;
pub mod form;
pub mod ops;
pub mod product;
pub mod reference;
#[cfg(feature = "set")]
pub mod scope;
#[cfg(feature = "set")]
pub mod set;
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
