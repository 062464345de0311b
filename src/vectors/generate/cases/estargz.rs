//! `estargz/footer` and `estargz/toc`.

mod footer;
mod toc;

pub(in super::super) use self::{footer::cases as footer, toc::cases as toc};
