//! Implementations that this program brings along.
//!
//! They have no privileges: the runner starts this program again and talks to it over the protocol.

mod reference;
mod serve;
mod zstd_chunked;

use std::str::FromStr;

use serde_json::Value;

pub use self::serve::{ServeError, serve};
use super::protocol::{Answer, Hello};
use crate::{
    judge::{Expectations, ExpectationsError},
    vectors::Op,
};

/// An implementation that this program brings along.
pub trait Builtin {
    /// What it is and can do.
    fn hello(&self) -> Hello;

    /// Answers one request.
    ///
    /// # Errors
    ///
    /// The request is the end of the implementation, and of the process with it.
    fn answer(&self, op: Op, input: Value) -> Result<Answer, Death>;
}

/// How an implementation died of a request, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Death(pub String);

/// The name of a built-in implementation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// The reference implementation of this crate.
    Reference,
    /// The crate `zstd-chunked`.
    ZstdChunked,
}

impl Name {
    /// Every built-in implementation.
    pub const ALL: &'static [Self] = &[Self::Reference, Self::ZstdChunked];

    /// The name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::ZstdChunked => "zstd-chunked",
        }
    }

    /// The implementation.
    pub fn implementation(self) -> &'static dyn Builtin {
        match self {
            Self::Reference => &reference::Reference,
            Self::ZstdChunked => &zstd_chunked::ZstdChunked,
        }
    }

    /// Its expected deviations.
    ///
    /// # Errors
    ///
    /// A list that cannot be read, which the tests of this crate rule out.
    pub fn expectations(self) -> Result<Expectations, ExpectationsError> {
        match self {
            Self::Reference => Ok(Expectations::default()),
            Self::ZstdChunked => include_str!("../../../adapters/zstd-chunked/expected.toml").parse(),
        }
    }
}

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .iter()
            .copied()
            .find(|name| name.as_str() == text)
            .ok_or_else(|| {
                let names: Vec<&str> = Self::ALL.iter().map(|name| name.as_str()).collect();
                format!(
                    "no built-in implementation is called {text:?}; there are {}",
                    names.join(" and ")
                )
            })
    }
}

#[cfg(test)]
mod tests {
    use super::Name;

    #[test]
    fn lists_of_expected_deviations_can_be_read() {
        for name in Name::ALL {
            name.expectations().unwrap();
        }
    }
}
