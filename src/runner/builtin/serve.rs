//! The implementation's side of the protocol.

use std::{
    fmt,
    io::{self, BufRead, Write},
};

use serde_json::Value;

use super::{Builtin, Death};
use crate::runner::protocol::{Answer, HELLO, Reply, Request};

/// Why an implementation stopped answering.
#[derive(Debug)]
pub enum ServeError {
    /// A pipe broke.
    Io(io::Error),
    /// A line is no request.
    Request(serde_json::Error),
    /// The implementation died.
    Death(Death),
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "cannot read requests or write answers: {error}"),
            Self::Request(error) => write!(f, "a line is no request of the protocol: {error}"),
            Self::Death(Death(how)) => f.write_str(how),
        }
    }
}

impl std::error::Error for ServeError {}

impl From<io::Error> for ServeError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Answers requests, line by line, until there are no more.
///
/// # Errors
///
/// A pipe that breaks, a line that is no request, an implementation that dies.
pub fn serve(builtin: &dyn Builtin, requests: impl BufRead, mut answers: impl Write) -> Result<(), ServeError> {
    for line in requests.lines() {
        let request: Request = serde_json::from_str(&line?).map_err(ServeError::Request)?;
        let reply = reply(builtin, request).map_err(ServeError::Death)?;
        serde_json::to_writer(&mut answers, &reply).map_err(io::Error::from)?;
        answers.write_all(b"\n")?;
        answers.flush()?;
    }
    Ok(())
}

fn reply(builtin: &dyn Builtin, request: Request) -> Result<Reply, Death> {
    let Request { seq, op, input, .. } = request;
    if op == HELLO {
        return Ok(Reply {
            seq,
            hello: Some(builtin.hello()),
            ..Reply::default()
        });
    }
    let answer = match op.parse() {
        Ok(op) => builtin.answer(op, input.unwrap_or(Value::Null))?,
        Err(error) => Answer::Unsupported(error),
    };
    Ok(answer.into_reply(seq))
}
