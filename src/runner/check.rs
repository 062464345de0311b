//! Checks an adapter step by step, for those who write one.
//!
//! A run says what an implementation does. This says what an adapter does, up to the first thing that is not as the protocol says.

use std::{collections::BTreeMap, fmt, time::Duration};

use serde_json::{Value, json};

use super::{
    allowance::Allowance,
    implementation::Implementation,
    process::Process,
    protocol::{Answer, Hello, Request, VERSION, named_version, parse_answer, parse_hello, shortened},
};
use crate::{
    judge::{Breakdown, Checked, Outcome, check as read_back, judge},
    outside::Outside,
    vectors::{CaseId, Expect, LayerFormat, Op, Set, SetEntry},
};

/// How long an adapter may take to exit once its input has ended.
const END: Duration = Duration::from_secs(5);

/// Most bytes of a line that are shown.
const SHOWN: usize = 600;

/// A step that went well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it is about.
    pub about: String,
    /// What the adapter did.
    pub did: String,
}

/// What ends a check before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What the step is about.
    pub about: String,
    /// What the adapter did.
    pub did: String,
    /// The request, the answer, and the answer that is right, each in JSON of which long texts are cut.
    pub lines: Vec<(&'static str, String)>,
    /// The end of what the adapter wrote to stderr.
    pub stderr: String,
    /// What its author can do.
    pub advice: String,
    /// What kind of trouble it is.
    pub kind: Kind,
}

/// A kind of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It does not start, or does not speak the protocol.
    Broken,
    /// An answer is wrong, or missing.
    Wrong,
    /// It declares no operation.
    Nothing,
}

/// Checks an adapter: it has to start, to answer the handshake, to accept a valid case and to reject an invalid one of each operation
/// that it declares, all in one process, and to exit at the end of its input. `done` gets each step that went well.
///
/// # Errors
///
/// The first step that did not.
pub fn check(
    implementation: &Implementation,
    set: &Set,
    allowance: Allowance,
    done: &mut dyn FnMut(Step),
) -> Result<(), Box<Trouble>> {
    let mut step = |about: &str, did: String| {
        done(Step {
            about: about.to_owned(),
            did,
        });
    };
    let mut conversation = Conversation::start(implementation, allowance)?;
    step("start", Outside::sentence(implementation.spec()).to_string());
    let (hello, version) = conversation.hello()?;
    let version = version.map_or_else(
        || format!("it names no version of the protocol, which is {VERSION} here"),
        |version| format!("version {version} of the protocol"),
    );
    step(
        "hello",
        format!(
            "{} {} in {}; {version}",
            Outside::word(&hello.name),
            Outside::word(&hello.version),
            Outside::word(&hello.language)
        ),
    );
    let mut asked = 0_usize;
    for (op, dialects) in hello.ops.iter() {
        let dialects: Vec<LayerFormat> = dialects.iter().copied().collect();
        let names: Vec<&str> = dialects.iter().map(|dialect| dialect.name()).collect();
        let cases = cases(set, op, &dialects);
        let has_cases = if cases.is_empty() {
            ", of which there is no case"
        } else {
            ""
        };
        step(op.name(), format!("declared for {}{has_cases}", names.join(", ")));
        for entry in cases {
            step(op.name(), conversation.case(set, entry, &hello)?);
            asked = asked.saturating_add(1);
        }
    }
    if asked == 0 {
        return Err(conversation.trouble(
            "operations",
            "hello declares no operation of which there are cases",
            "declare in `ops` what the implementation can do, each operation with its dialects; docs/protocol.md lists them",
            Kind::Nothing,
        ));
    }
    step("process", format!("one process answered {asked} cases"));
    step("end of input", conversation.end()?);
    Ok(())
}

/// A valid case of an operation and an invalid one: that which most invalid cases differ from, and the shortest of these, which most
/// implementations reject.
fn cases<'a>(set: &'a Set, op: Op, dialects: &[LayerFormat]) -> Vec<&'a SetEntry> {
    let applies = |entry: &&SetEntry| {
        let case = &entry.case;
        entry.op == op && case.limits.is_none() && case.dialects.iter().any(|dialect| dialects.contains(dialect))
    };
    let is_valid = |entry: &&SetEntry| matches!(entry.case.expect, Expect::Valid { .. });
    let mut by_twin: BTreeMap<&CaseId, (&SetEntry, Vec<&SetEntry>)> = BTreeMap::new();
    for entry in set.entries().iter().filter(applies) {
        let twin = entry.case.twin.as_ref().and_then(|id| set.find(id));
        if entry.case.expect == Expect::Invalid
            && let Some(twin) = twin.filter(applies).filter(is_valid)
        {
            let (_, of_twin) = by_twin.entry(&twin.case.id).or_insert((twin, Vec::new()));
            of_twin.push(entry);
        }
    }
    let length = |entry: &&SetEntry| match set.bytes(entry) {
        Ok(Some((_, bytes))) => bytes.len(),
        Ok(None) | Err(_) => entry.case.input.to_string().len(),
    };
    match by_twin.into_values().max_by_key(|(_, of_twin)| of_twin.len()) {
        Some((valid, of_twin)) => [valid]
            .into_iter()
            .chain(of_twin.into_iter().min_by_key(length))
            .collect(),
        None => set
            .entries()
            .iter()
            .filter(applies)
            .find(is_valid)
            .into_iter()
            .collect(),
    }
}

/// One process that is asked.
struct Conversation {
    process: Process,
    allowance: Allowance,
    seq: u64,
    /// The request and the answer of the last step.
    lines: Vec<(&'static str, String)>,
}

impl Conversation {
    fn start(implementation: &Implementation, allowance: Allowance) -> Result<Self, Box<Trouble>> {
        let command = implementation.command().and_then(|(program, arguments)| {
            Process::start(&program, &arguments, false).map_err(|error| format!("{program}: {error}"))
        });
        match command {
            Ok(process) => Ok(Self {
                process,
                allowance,
                seq: 0,
                lines: Vec::new(),
            }),
            Err(error) => Err(Box::new(Trouble {
                about: "start".to_owned(),
                did: format!("cannot be started: {}", Outside::sentence(&error)),
                lines: Vec::new(),
                stderr: String::new(),
                advice: "run the command yourself; chunkproof splits it at white space and starts it without a shell"
                    .to_owned(),
                kind: Kind::Broken,
            })),
        }
    }

    /// What is wrong with the last step.
    fn trouble(&self, about: &str, did: impl fmt::Display, advice: &str, kind: Kind) -> Box<Trouble> {
        Box::new(Trouble {
            about: about.to_owned(),
            did: did.to_string(),
            lines: self.lines.clone(),
            stderr: self.process.stderr(),
            advice: advice.to_owned(),
            kind,
        })
    }

    /// Sends a request, and returns the line that answers it.
    fn ask(&mut self, request: &Request) -> Result<Vec<u8>, Breakdown> {
        let line = serde_json::to_vec(request).map_err(|error| Breakdown::Protocol(error.to_string()))?;
        let shown = Request {
            input: request.input.as_ref().map(shortened),
            ..request.clone()
        };
        let shown = serde_json::to_string(&shown).unwrap_or_default();
        self.lines = vec![("sent", cut(shown.as_bytes()))];
        self.process.send(line);
        let answer = self.process.receive(self.allowance)?;
        self.lines.push(("received", cut(&answer)));
        Ok(answer)
    }

    fn hello(&mut self) -> Result<(Hello, Option<u64>), Box<Trouble>> {
        let line = match self.ask(&Request::hello()) {
            Ok(line) => line,
            Err(breakdown) => return Err(self.no_answer("hello", breakdown, Kind::Broken)),
        };
        let version = named_version(&line);
        parse_hello(&line)
            .map(|hello| (hello, version))
            .map_err(|error| match version {
                Some(version) if version > u64::from(VERSION) => self.trouble(
                    "hello",
                    error,
                    "the adapter is newer than this chunkproof: update chunkproof, or write a skeleton with its `adapter new` and take \
                     the file of the protocol from there",
                    Kind::Broken,
                ),
                Some(version) if version < u64::from(VERSION) => self.trouble(
                    "hello",
                    error,
                    "the adapter is older than this chunkproof: write a skeleton with `chunkproof adapter new` and take the file of the \
                     protocol from there; \"Handshake\" in docs/protocol.md has the fields",
                    Kind::Broken,
                ),
                _ => self.malformed("hello", &line, error, "\"Handshake\" in docs/protocol.md"),
            })
    }

    /// What to do about an answer that is not as the protocol says.
    fn malformed(&self, about: &str, line: &[u8], error: String, example: &str) -> Box<Trouble> {
        let is_object = line.trim_ascii_start().starts_with(b"{");
        let did = format!("does not answer as the protocol says: {error}");
        if !is_object {
            let advice =
                "write nothing to stdout but one answer a line, each a JSON object; print everything else to stderr";
            return self.trouble(about, did, advice, Kind::Broken);
        }
        let advice = if error.contains("has seq") {
            "repeat the `seq` of the request; each request is answered with exactly one line".to_owned()
        } else {
            format!("compare the answer with {example}")
        };
        self.trouble(about, did, &advice, Kind::Broken)
    }

    fn no_answer(&self, about: &str, breakdown: Breakdown, kind: Kind) -> Box<Trouble> {
        match breakdown {
            Breakdown::Ended(ending) => {
                let advice = if kind == Kind::Broken {
                    "run the command yourself and enter the line that was sent"
                } else {
                    "an exception, a panic or an exit is a crash and never a rejection: catch what the implementation reports as an error, \
                     and answer with `reject`"
                };
                self.trouble(about, format!("{ending} instead of an answer"), advice, kind)
            }
            Breakdown::Timeout(spent) => {
                let advice = "read stdin line by line, answer before reading on, and flush stdout after each answer; --timeout gives it more time";
                self.trouble(about, spent, advice, kind)
            }
            Breakdown::OutOfMemory(taken) => self.trouble(about, taken, "use less memory", kind),
            Breakdown::Protocol(error) => {
                let advice = "end each answer with one line feed";
                self.trouble(
                    about,
                    format!("does not answer as the protocol says: {error}"),
                    advice,
                    Kind::Broken,
                )
            }
        }
    }

    /// Asks for a case, and returns what came of it in words.
    fn case(&mut self, set: &Set, entry: &SetEntry, hello: &Hello) -> Result<String, Box<Trouble>> {
        let (op, id) = (entry.op, &entry.case.id);
        let input = set
            .wire_input(entry)
            .map_err(|error| self.trouble(op.name(), error, "", Kind::Broken))?;
        self.seq = self.seq.saturating_add(1);
        let request = Request {
            chunkproof: None,
            seq: self.seq,
            op: op.name().to_owned(),
            case: Some(id.clone()),
            input: Some(input.clone()),
        };
        let example = format!("the example of {op} in docs/protocol.md");
        let (answer, line) = match self.ask(&request) {
            Ok(line) => match parse_answer(&line, self.seq) {
                Ok(answer) => (answer, line),
                Err(error) => return Err(self.malformed(op.name(), &line, error, &example)),
            },
            Err(breakdown) => return Err(self.no_answer(op.name(), breakdown, Kind::Wrong)),
        };
        let did = did(&answer);
        let checked = read_back(op, &input, Ok(answer));
        let (outcome, notes) = judge(entry, &checked, hello);
        let verdict = entry.case.expect.verdict();
        let said = format!("{did} the {verdict} case {id}");
        let expected = expected(entry, &checked);
        let advice = match outcome {
            Outcome::Pass | Outcome::Lenient | Outcome::Strict => {
                let right = if verdict == "valid" {
                    " with the right output"
                } else {
                    ""
                };
                return Ok(said + right + &message(&checked));
            }
            Outcome::Declined => {
                return Ok(format!(
                    "{said}{}; that is no failure, and no pass either",
                    message(&checked)
                ));
            }
            Outcome::ProtocolError => {
                let error = notes.first().cloned().unwrap_or_default();
                return Err(self.malformed(op.name(), &line, error, &example));
            }
            Outcome::DeclaredUnsupported => {
                "declare the operation only in the dialects that the implementation has there, or answer".to_owned()
            }
            Outcome::WrongOutput => format!("compare the output with the one that is expected, and with {example}"),
            _ => format!(
                "`chunkproof show {id}` explains the case; if the adapter does not change what the implementation answers, this is a \
                 finding about the implementation, and `chunkproof run` continues"
            ),
        };
        self.lines.push(("expected", expected));
        let wrong = if outcome == Outcome::WrongOutput {
            " with another output"
        } else {
            ""
        };
        let notes = notes.iter().map(|note| format!("; {note}"));
        let did = said + wrong + &message(&checked) + &notes.collect::<String>();
        Err(self.trouble(op.name(), did, &advice, Kind::Wrong))
    }

    /// Ends the input, and returns how the process ended.
    fn end(&mut self) -> Result<String, Box<Trouble>> {
        self.lines.clear();
        let (wrote, ending) = self.process.finish(END);
        if wrote {
            let advice = "write nothing to stdout but one answer a line; print everything else to stderr";
            let did = "writes to stdout after its last answer";
            return Err(self.trouble("end of input", did, advice, Kind::Broken));
        }
        ending.map(|ending| ending.to_string()).ok_or_else(|| {
            let did = format!("does not exit within {} s", END.as_secs());
            self.trouble("end of input", did, "exit when stdin ends", Kind::Wrong)
        })
    }
}

/// What the answer does, as a verb.
const fn did(answer: &Answer) -> &'static str {
    match answer {
        Answer::Accept(_) => "accepts",
        Answer::Reject(_) => "rejects",
        Answer::Decline(_) => "declines",
        Answer::Unsupported(_) => "does not support",
    }
}

/// The message of an answer, after what it did.
fn message(checked: &Checked) -> String {
    let message = match &checked.reply {
        Ok(Answer::Reject(rejection)) => &rejection.message,
        Ok(Answer::Decline(message) | Answer::Unsupported(message)) => message,
        Ok(Answer::Accept(_)) | Err(_) => return String::new(),
    };
    format!(": {}", Outside::sentence(message).quoted())
}

/// The answer that is right.
fn expected(entry: &SetEntry, checked: &Checked) -> String {
    match &entry.case.expect {
        Expect::Valid { output } | Expect::Either { output, .. } => {
            let output = if checked.complaints.is_empty() {
                shortened(output)
            } else {
                Value::Null
            };
            cut(json!({"accept": output}).to_string().as_bytes())
        }
        Expect::Invalid => r#"{"reject":{"message":"..."}}"#.to_owned(),
    }
}

/// A line as it is shown.
fn cut(line: &[u8]) -> String {
    Outside::new(line, SHOWN).to_string()
}
