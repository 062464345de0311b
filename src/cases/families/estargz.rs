//! `estargz/footer`, `estargz/toc`, and `layer/index` of eStargz.

mod documents;
mod footer;
mod headers;
mod index;
mod layers;
mod media_types;
mod members;
mod toc;

pub(super) use self::index::add as index;
pub(in super::super) use self::{footer::cases as footer, toc::cases as toc};
