//! The strict library: a layer is opened or it is not, and what is wrong is an error.
//!
//! It adds no checks of its own to those of [`format`](mod@crate::format), whose parsers list every broken rule and return what
//! they could make out. Here a value proves that its checks passed: there is no [`Layer`] whose index breaks a rule, and no byte
//! of a checked chunk that has another digest.

mod diagnosis;
mod error;
mod file;
mod layer;
mod options;
mod prefetched;
mod write;

pub use self::{
    diagnosis::{Diagnosis, verify},
    error::{Error, ErrorKind},
    file::FileReader,
    layer::{Layer, Tar},
    options::{Authority, OpenOptions},
    prefetched::Prefetched,
    write::{Writer, write_layer},
};
