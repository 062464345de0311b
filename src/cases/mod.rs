//! The generator: it writes the whole set of vectors, byte for byte the same on every machine.
//!
//! `forge` makes layers and their parts from plain values; the families say what is made and what an implementation has
//! to answer. Expected outputs come from what was put in, never from a parser of this crate: the generator uses of
//! [`crate::format`] only plain types.
//!
//! Most cases of the parse operations are data ([`data`]): a twin and an edit, in a TOML file beside this one. To add such a case,
//! add it to the file of its operation; what would be longer as data is code under `families`. To change a shape, change the
//! types in [`crate::vectors`]. What a hunt or a fuzz target found is added by `chunkproof promote` ([`promoted`]). Then run the
//! generator, and look at the difference that it makes on disk.
//!
//! Without the feature `cli` there are cases as data alone: the fuzz targets make them and no whole set, and build in three quarters of
//! the time.

pub mod data;
#[cfg(feature = "cli")]
mod disk;
#[cfg(feature = "cli")]
pub mod examples;
#[cfg_attr(
    not(feature = "cli"),
    expect(
        dead_code,
        unused_imports,
        reason = "cases as data are edits of what two of the families plan, which use parts of others"
    )
)]
mod families;
mod family;
pub mod given;
#[cfg(feature = "cli")]
pub mod promoted;
#[cfg(feature = "cli")]
mod schemas;
#[cfg(feature = "cli")]
pub mod tables;
#[cfg(feature = "cli")]
mod whole;

use std::{collections::BTreeMap, sync::OnceLock};

use self::family::Blobs;
#[cfg(feature = "cli")]
pub use self::{
    disk::{Difference, Files, check, replace, write},
    whole::{DRAFTS, Sources, drafts, files},
};
use crate::{forge::layer::Plan, vectors::CaseId};

/// The plans of the layers that cases as data can edit, by the ids of their cases.
pub(crate) fn plans() -> &'static BTreeMap<CaseId, Plan> {
    // A static that names what fills it would link every family into programs that call nothing of this, such as the unit tests.
    static PLANS: OnceLock<BTreeMap<CaseId, Plan>> = OnceLock::new();
    PLANS.get_or_init(|| {
        let (index, reconstruct) = families::reconstruct::cases(&mut Blobs::default());
        let mut plans = index.into_plans();
        plans.extend(reconstruct.into_plans());
        plans
    })
}
