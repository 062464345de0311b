//! A conversation with one implementation, over as many processes as it takes.

use serde_json::Value;

use super::{
    implementation::Implementation,
    process::{Allowance, Breakdown, Process},
    protocol::{Answer, Hello, Request, parse_answer, parse_hello},
};
use crate::vectors::{CaseId, CaseLimits, Op};

/// Starts in a row that may fail before an implementation that worked before is given up.
const STARTS: u32 = 3;

/// Why an implementation cannot be talked to, as a sentence's end after its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StartError(pub(crate) String);

/// What came of a request.
pub(crate) struct Exchange {
    /// The answer, or why there is none.
    pub(crate) reply: Result<Answer, Breakdown>,
    /// Whether the process ended at first, and answered when it was asked again in a fresh one.
    pub(crate) recovered: bool,
    /// The end of what the implementation wrote to stderr meanwhile.
    pub(crate) stderr: String,
}

/// A conversation: it starts a process when there is something to ask, and another one when that breaks down.
pub(crate) struct Session<'a> {
    implementation: &'a Implementation,
    allowance: Allowance,
    process: Option<(Process, u64)>,
}

impl<'a> Session<'a> {
    pub(crate) const fn new(implementation: &'a Implementation, allowance: Allowance) -> Self {
        Self {
            implementation,
            allowance,
            process: None,
        }
    }

    /// Starts a process and shakes hands with it.
    pub(crate) fn start(&mut self) -> Result<Hello, StartError> {
        self.process = None;
        let (program, arguments) = self.implementation.command().map_err(StartError)?;
        let mut process = Process::start(&program, &arguments)
            .map_err(|error| StartError(format!("cannot be started: {program}: {error}")))?;
        let line = to_line(&Request::hello()).map_err(StartError)?;
        process.send(line);
        let hello = match process.receive(self.allowance) {
            Ok(line) => parse_hello(&line).map_err(|error| format!("does not answer as the protocol says: {error}")),
            Err(Breakdown::Ended(ending)) => Err(format!("{ending} before it answered hello")),
            Err(Breakdown::Timeout) => Err(format!(
                "did not answer hello in {} s",
                self.allowance.timeout.as_secs_f64()
            )),
            Err(Breakdown::OutOfMemory(bytes)) => {
                Err(format!("took {} MiB of memory before it answered hello", bytes >> 20))
            }
            Err(Breakdown::Protocol(error)) => Err(format!("does not answer as the protocol says: {error}")),
        };
        match hello {
            Ok(hello) => {
                self.process = Some((process, 0));
                Ok(hello)
            }
            Err(error) => {
                let said = process.stderr();
                let last = said.lines().rev().find(|line| !line.trim().is_empty());
                let said = last.map(|line| format!("; on stderr: {line}")).unwrap_or_default();
                process.abandon();
                Err(StartError(error + &said))
            }
        }
    }

    /// Asks for one case.
    ///
    /// A case that ended the process is asked again, alone in a fresh one. One with limits of its own is asked in a fresh one
    /// at once, since memory that earlier cases took is not its own.
    pub(crate) fn ask(
        &mut self,
        op: Op,
        case: &CaseId,
        input: &Value,
        limits: Option<CaseLimits>,
    ) -> Result<Exchange, StartError> {
        if limits.is_some() && !self.is_fresh() {
            self.process = None;
        }
        let first = self.ask_once(op, case, input, limits)?;
        if !matches!(first.reply, Err(Breakdown::Ended(_))) {
            return Ok(first);
        }
        let second = self.ask_once(op, case, input, limits)?;
        Ok(Exchange {
            recovered: second.reply.is_ok(),
            ..second
        })
    }

    /// Whether a process is there that has not been asked anything yet.
    fn is_fresh(&self) -> bool {
        self.process.as_ref().is_some_and(|(_, seq)| *seq == 0)
    }

    fn ask_once(
        &mut self,
        op: Op,
        case: &CaseId,
        input: &Value,
        limits: Option<CaseLimits>,
    ) -> Result<Exchange, StartError> {
        let allowance = limits.map_or(self.allowance, |limits| self.allowance.within(limits));
        let (process, seq) = self.process()?;
        *seq += 1;
        let seq = *seq;
        let line = to_line(&Request {
            chunkproof: None,
            seq,
            op: op.name().to_owned(),
            case: Some(case.clone()),
            input: Some(input.clone()),
        })
        .map_err(StartError)?;
        process.send(line);
        let reply = process
            .receive(allowance)
            .and_then(|line| parse_answer(&line, seq).map_err(Breakdown::Protocol))
            .and_then(|answer| match limits {
                Some(_) => process.exceeded(allowance).map(|()| answer),
                None => Ok(answer),
            });
        let stderr = process.stderr();
        if reply.is_err() {
            // After any of these nobody knows which request the next line answers.
            if let Some((process, _)) = self.process.take() {
                process.abandon();
            }
        }
        Ok(Exchange {
            reply,
            recovered: false,
            stderr,
        })
    }

    fn process(&mut self) -> Result<&mut (Process, u64), StartError> {
        let mut failed = 0;
        while self.process.is_none() {
            if let Err(error) = self.start() {
                failed += 1;
                if failed == STARTS {
                    return Err(error);
                }
            }
        }
        self.process.as_mut().ok_or_else(|| StartError("was lost".to_owned()))
    }
}

fn to_line(request: &Request) -> Result<Vec<u8>, String> {
    serde_json::to_vec(request).map_err(|error| format!("cannot be asked: {error}"))
}
