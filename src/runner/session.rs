//! A conversation with one implementation, over as many processes as it takes.

use serde_json::Value;

use super::{
    allowance::Allowance,
    blind,
    implementation::Implementation,
    interrupt,
    process::Process,
    protocol::{Answer, Hello, Lacks, Request, parse_answer, parse_hello},
};
use crate::{
    judge::Breakdown,
    vectors::{CaseId, CaseLimits, Op},
};

/// Starts in a row that may fail before an implementation that worked before is given up.
const STARTS: u32 = 3;

/// Why an implementation cannot be talked to, as a sentence's end after its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StartError(pub(crate) String);

/// How to talk to an implementation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    /// What a process may take to start, and for each case.
    pub(crate) allowance: Allowance,
    /// Whether processes work in empty folders, and are not told the ids of cases.
    pub(crate) blind: bool,
}

/// What came of a request.
pub(crate) struct Exchange {
    /// The answer, or why there is none.
    pub(crate) reply: Result<Answer, Breakdown>,
    /// How a process failed without which there would be no fault in the answer: the request was answered, but not at the
    /// first try, or the process ended right after it had answered.
    pub(crate) flaw: Option<Flaw>,
    /// The end of what the implementation wrote to stderr meanwhile.
    pub(crate) stderr: String,
}

/// How a process failed around an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Flaw {
    /// In a sentence.
    pub(crate) note: String,
    /// The case that the process had answered before, if there was one.
    pub(crate) after: Option<CaseId>,
}

/// A conversation: it starts a process when there is something to ask, and another one when that breaks down.
pub(crate) struct Session<'a> {
    implementation: &'a Implementation,
    terms: Terms,
    process: Option<Running>,
    /// What the first process answered to hello.
    known: Option<Hello>,
}

/// A process that shook hands.
struct Running {
    process: Process,
    /// The number of the last request.
    seq: u64,
    /// The case that was asked last.
    last: Option<CaseId>,
}

/// A request and what it may take.
#[derive(Clone, Copy)]
struct Question<'a> {
    op: Op,
    case: &'a CaseId,
    input: &'a Value,
    limits: Option<CaseLimits>,
}

impl<'a> Session<'a> {
    /// A conversation that is yet to begin. Where the implementation has said what it is before, that is `known`, and every
    /// process has to say the same.
    pub(crate) const fn new(implementation: &'a Implementation, terms: Terms, known: Option<Hello>) -> Self {
        Self {
            implementation,
            terms,
            process: None,
            known,
        }
    }

    /// What the implementation said that it cannot show of outputs; none before it has said anything.
    pub(crate) fn lacks(&self) -> Option<&Lacks> {
        self.known.as_ref().map(|hello| &hello.lacks)
    }

    /// Starts a process and shakes hands with it.
    pub(crate) fn start(&mut self) -> Result<Hello, StartError> {
        self.process = None;
        let Terms { allowance, blind } = self.terms;
        let (program, arguments) = self.implementation.command().map_err(StartError)?;
        let mut process = Process::start(&program, &arguments, blind)
            .map_err(|error| StartError(format!("cannot be started: {program}: {error}")))?;
        let line = to_line(&Request::hello()).map_err(StartError)?;
        process.send(line);
        let hello = match process.receive(allowance) {
            Ok(line) => parse_hello(&line).map_err(|error| format!("does not answer as the protocol says: {error}")),
            Err(Breakdown::Ended(ending)) => Err(format!("{ending} before it answered hello")),
            Err(Breakdown::Timeout(spent)) => Err(format!("did not answer hello: {spent}")),
            Err(Breakdown::OutOfMemory(taken)) => Err(format!("did not answer hello: {taken}")),
            Err(Breakdown::Protocol(error)) => Err(format!("does not answer as the protocol says: {error}")),
        };
        match hello {
            Ok(hello) => {
                self.process = Some(Running {
                    process,
                    seq: 0,
                    last: None,
                });
                self.known.get_or_insert_with(|| hello.clone());
                Ok(hello)
            }
            Err(error) => {
                let said = process.stderr();
                let last = said.lines().rev().find(|line| !line.trim().is_empty());
                let mut said = last.map(|line| format!("; on stderr: {line}")).unwrap_or_default();
                if let (true, Some(file)) = (blind, blind::relative_file(&arguments)) {
                    said += &format!("; with --blind it starts in an empty folder, where there is no {file}");
                }
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
        let question = Question {
            op,
            case,
            input,
            limits,
        };
        if limits.is_some() && !self.is_fresh() {
            self.process = None;
        }
        let after = self.process.as_ref().and_then(|running| running.last.clone());
        let first = self.ask_once(question)?;
        let Err(Breakdown::Ended(ending)) = first.reply else {
            return Ok(first);
        };
        if interrupt::is_requested() {
            return Ok(first);
        }
        let second = self.ask_once(question)?;
        if second.reply.is_err() {
            return Ok(second);
        }
        let note = match &after {
            Some(last) => format!(
                "the process {ending} after it had answered other cases, {last} the last of them, and a fresh process answered: \
                 state leaks from case to case"
            ),
            None => format!("the process {ending}, and a second one answered"),
        };
        Ok(Exchange {
            flaw: Some(Flaw { note, after }),
            ..second
        })
    }

    /// Whether a process is there that has not been asked anything yet.
    fn is_fresh(&self) -> bool {
        self.process.as_ref().is_some_and(|running| running.seq == 0)
    }

    fn ask_once(&mut self, question: Question<'_>) -> Result<Exchange, StartError> {
        let Terms { allowance, blind } = self.terms;
        let Question {
            op,
            case,
            input,
            limits,
        } = question;
        let allowance = limits.map_or(allowance, |limits| allowance.within(limits));
        let mut flaw = match self.ensure()? {
            Ok(flaw) => flaw,
            Err(difference) => {
                return Ok(Exchange {
                    reply: Err(Breakdown::Protocol(difference)),
                    flaw: None,
                    stderr: String::new(),
                });
            }
        };
        let Some(mut running) = self.process.take() else {
            return Err(StartError("was lost".to_owned()));
        };
        running.seq += 1;
        running.last = Some(case.clone());
        let seq = running.seq;
        let line = to_line(&Request {
            chunkproof: None,
            seq,
            op: op.name().to_owned(),
            case: (!blind).then(|| case.clone()),
            input: Some(input.clone()),
        })
        .map_err(StartError)?;
        let process = &mut running.process;
        process.send(line);
        let reply = process
            .receive(allowance)
            .and_then(|line| parse_answer(&line, seq).map_err(Breakdown::Protocol))
            .and_then(|answer| match limits {
                Some(_) => process.exceeded(allowance).map(|()| answer),
                None => Ok(answer),
            });
        // One that exits after each answer would be noticed only with the next request, which the last process never gets.
        let early = match (&reply, seq) {
            (Ok(_), 1) => process.ended_early(),
            _ => None,
        };
        let stderr = process.stderr();
        if let Some(ending) = early {
            flaw = Some(Flaw {
                note: format!("the process {ending} after its answer, before the end of its input"),
                after: None,
            });
        } else if reply.is_ok() {
            self.process = Some(running);
        } else {
            // After any of these nobody knows which request the next line answers.
            running.process.abandon();
        }
        Ok(Exchange { reply, flaw, stderr })
    }

    /// Sees to it that there is a process. The inner error is how its answer to hello differs from that of the first process,
    /// which is the end of it; a flaw is that others did not start.
    fn ensure(&mut self) -> Result<Result<Option<Flaw>, String>, StartError> {
        let (mut failed, mut flaw) = (0, None);
        while self.process.is_none() {
            match self.start() {
                Ok(hello) => {
                    let difference = self.known.as_ref().and_then(|known| known.difference(&hello));
                    if let Some(difference) = difference {
                        if let Some(running) = self.process.take() {
                            running.process.abandon();
                        }
                        return Ok(Err(difference));
                    }
                }
                Err(StartError(error)) => {
                    failed += 1;
                    if failed == STARTS {
                        return Err(StartError(error));
                    }
                    flaw.get_or_insert_with(|| Flaw {
                        note: format!("a process for this case {error}; another one answered"),
                        after: None,
                    });
                }
            }
        }
        Ok(Ok(flaw))
    }
}

fn to_line(request: &Request) -> Result<Vec<u8>, String> {
    serde_json::to_vec(request).map_err(|error| format!("cannot be asked: {error}"))
}
