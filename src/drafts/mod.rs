//! What may become part of the format: the readings of `docs/drafts.md`.
//!
//! Nothing here is part of the format. The reference answers the operations of drafts with it, and only a run with `--draft` asks
//! for them. A draft that is adopted moves to [`format`](crate::format), and its rules get ids of their own there.

pub(crate) mod sentinel;
