//! How much of an answer is kept.

use std::io;

use serde_json::Value;

use super::{outcome::Outcome, result::Kept};
use crate::protocol::{Answer, Rejection};

/// Longest output that is kept, in bytes of JSON.
const OUTPUT_KEPT: usize = 64 << 10;

impl Kept {
    /// What is kept of an answer with this result.
    pub(crate) fn of(answer: Answer, outcome: Outcome) -> Self {
        match answer {
            Answer::Accept(output) => {
                Self::Accept(Some(output).filter(|output| outcome.is_failure() && is_short(output)))
            }
            Answer::Reject(rejection) => Self::Reject(rejection),
            Answer::Decline(message) => Self::Decline(message),
            Answer::Unsupported(message) => Self::Unsupported(message),
        }
    }

    /// The rejection, if it is one.
    pub(crate) const fn rejection(&self) -> Option<&Rejection> {
        match self {
            Self::Reject(rejection) => Some(rejection),
            Self::Accept(_) | Self::Decline(_) | Self::Unsupported(_) => None,
        }
    }
}

fn is_short(output: &Value) -> bool {
    serde_json::to_writer(Room(OUTPUT_KEPT), output).is_ok()
}

/// Takes this many bytes, and then no more.
struct Room(usize);

impl io::Write for Room {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
