//! The protocol between the runner and an implementation: JSON lines on stdin and stdout.
//!
//! `docs/protocol.md` describes it for those who write adapters. Expectations are never part of it: the implementation
//! answers, and the runner judges.
//!
//! What an implementation says in words is cut and has escapes from here on, so that no report has to think of it.

mod decision;
mod once;
mod shown;

use std::collections::{BTreeMap, BTreeSet};

use serde::{
    Deserialize, Serialize,
    de::{Error as _, IgnoredAny},
};
use serde_json::Value;

use crate::{
    outside::{Outside, read_sentence, read_word, read_word_if_any},
    vectors::{CaseId, Choice, Declared, LayerFormat, Op, declared::each_once, ops::Lack},
};

pub use self::{decision::Decision, shown::shortened};

/// What an implementation cannot show of the outputs of each operation.
pub type Lacks = BTreeMap<Op, BTreeSet<Lack>>;

/// The version of the protocol. 0 is provisional.
pub const VERSION: u32 = 0;

/// Longest line that an implementation may answer, in bytes. It bounds what a runaway implementation costs.
pub const LINE_LIMIT: usize = 16 << 20;

/// The operation of the first request.
pub const HELLO: &str = "hello";

/// A line that the runner sends.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The version of the protocol; in the first request only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chunkproof: Option<u32>,
    /// The number of the request, which the answer repeats. A process counts from 0.
    pub seq: u64,
    /// `hello`, or the name of an operation.
    pub op: String,
    /// The id of the case, for logs; absent where the runner keeps it to itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseId>,
    /// The operation's input, all bytes as base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Value>,
}

impl Request {
    /// The first request.
    pub fn hello() -> Self {
        Self {
            chunkproof: Some(VERSION),
            seq: 0,
            op: HELLO.to_owned(),
            case: None,
            input: None,
        }
    }
}

/// A line that an implementation sends: the number of the request and exactly one of the other fields.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// The number of the request.
    pub seq: u64,
    /// What the implementation is; answers the first request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hello: Option<Hello>,
    /// The operation's output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept: Option<Value>,
    /// The input is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reject: Option<Rejection>,
    /// The input is left to a plain full download.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decline: Option<Message>,
    /// The implementation cannot do what is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsupported: Option<Message>,
}

/// What an implementation is and can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawHello")]
pub struct Hello {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The language that it is written in.
    pub language: String,
    /// The operations that it has, each with the dialects that it reads or writes there.
    pub ops: Declared,
    /// How it decides what the format leaves open, as far as it says so.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub choices: BTreeMap<Choice, Decision>,
    /// Whether the rules that its rejections name are judged.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub rules: bool,
    /// What it cannot show of outputs, which are judged without it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub lacks: Lacks,
}

impl Hello {
    /// How the answer of a later process differs from this one; none if it does not.
    pub fn difference(&self, later: &Self) -> Option<String> {
        let fields = |hello: &Self| match serde_json::to_value(hello) {
            Ok(Value::Object(fields)) => fields,
            _ => serde_json::Map::new(),
        };
        let (first, later) = (fields(self), fields(later));
        let shown = |value: Option<&Value>| {
            value.map_or_else(
                || "absent".to_owned(),
                |value| Outside::new(value.to_string().as_bytes(), SHOWN).to_string(),
            )
        };
        let differs = |name: &&String| first.get(*name) != later.get(*name);
        let name = first.keys().chain(later.keys()).find(differs)?;
        let (found, expected) = (shown(later.get(name)), shown(first.get(name)));
        Some(format!(
            "the hello of a later process differs from the first: `{name}` is {found}, expected {expected}"
        ))
    }
}

/// An answer to the first request as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHello {
    /// The version of the protocol, which [`named_version`] has read.
    #[serde(default, rename = "chunkproof")]
    _version: Option<IgnoredAny>,
    #[serde(deserialize_with = "read_word")]
    name: String,
    #[serde(deserialize_with = "read_word")]
    version: String,
    #[serde(deserialize_with = "read_word")]
    language: String,
    /// An object of dialects by operation, or a list beside `dialects`.
    ops: Value,
    dialects: Option<BTreeSet<LayerFormat>>,
    #[serde(default)]
    choices: BTreeMap<Choice, Decision>,
    #[serde(default)]
    rules: bool,
    #[serde(default, deserialize_with = "each_once")]
    lacks: BTreeMap<Op, Vec<Lack>>,
}

impl TryFrom<RawHello> for Hello {
    type Error = serde_json::Error;

    fn try_from(raw: RawHello) -> Result<Self, serde_json::Error> {
        let ops = match (raw.ops.is_array(), raw.dialects) {
            (true, Some(dialects)) => {
                let ops: BTreeSet<Op> = serde_json::from_value(raw.ops)?;
                ops.into_iter().map(|op| (op, dialects.clone())).collect()
            }
            (true, None) => {
                let message = "`ops` is a list without `dialects`, expected an object of dialects by operation";
                return Err(serde_json::Error::custom(message));
            }
            (false, None) => serde_json::from_value(raw.ops)?,
            (false, Some(_)) => {
                let message = "`dialects` beside `ops` with dialects of their own, expected one of the two";
                return Err(serde_json::Error::custom(message));
            }
        };
        for (choice, decision) in &raw.choices {
            if let Decision::Reading(reading) = decision
                && !choice.has_reading(reading.name())
            {
                let message = format!("the choice {choice} has no reading {reading}");
                return Err(serde_json::Error::custom(message));
            }
        }
        let mut lacks = Lacks::new();
        for (op, list) in raw.lacks {
            let count = list.len();
            let set: BTreeSet<Lack> = list.into_iter().collect();
            let message = match set.len() == count {
                _ if op != Op::TarList => format!("`lacks` has {op}, whose outputs have to be whole"),
                false => format!("`lacks` has a field of {op} twice"),
                true => {
                    lacks.insert(op, set);
                    continue;
                }
            };
            return Err(serde_json::Error::custom(message));
        }
        Ok(Self {
            name: raw.name,
            version: raw.version,
            language: raw.language,
            ops,
            choices: raw.choices,
            rules: raw.rules,
            lacks,
        })
    }
}

/// The input is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rejection {
    /// Why, in words.
    #[serde(deserialize_with = "read_sentence")]
    pub message: String,
    /// The id of the rule that is broken, where the implementation knows it.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "read_word_if_any"
    )]
    pub rule: Option<String>,
}

/// Why an implementation declines or cannot answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// In words.
    #[serde(deserialize_with = "read_sentence")]
    pub message: String,
}

/// What an implementation answered to a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It accepts, with this output.
    Accept(Value),
    /// It rejects.
    Reject(Rejection),
    /// It would download the layer in full instead.
    Decline(String),
    /// It cannot do this.
    Unsupported(String),
}

impl Answer {
    /// A rejection that names no rule.
    pub fn reject(message: impl Into<String>) -> Self {
        Self::Reject(Rejection {
            message: message.into(),
            rule: None,
        })
    }

    /// The rejection, if it is one.
    pub const fn rejection(&self) -> Option<&Rejection> {
        match self {
            Self::Reject(rejection) => Some(rejection),
            Self::Accept(_) | Self::Decline(_) | Self::Unsupported(_) => None,
        }
    }

    /// The answer as a line's content.
    pub fn into_reply(self, seq: u64) -> Reply {
        let reply = Reply {
            seq,
            ..Reply::default()
        };
        match self {
            Self::Accept(output) => Reply {
                accept: Some(output),
                ..reply
            },
            Self::Reject(rejection) => Reply {
                reject: Some(rejection),
                ..reply
            },
            Self::Decline(message) => Reply {
                decline: Some(Message { message }),
                ..reply
            },
            Self::Unsupported(message) => Reply {
                unsupported: Some(Message { message }),
                ..reply
            },
        }
    }
}

/// Reads the answer to the first request.
///
/// # Errors
///
/// What is wrong with the line.
pub fn parse_hello(line: &[u8]) -> Result<Hello, String> {
    // An answer of another version has other fields, which are a consequence of it.
    if let Some(version) = named_version(line).filter(|version| *version != u64::from(VERSION)) {
        return Err(format!(
            "the adapter speaks version {version} of the protocol, expected version {VERSION}"
        ));
    }
    let reply = parse_reply(line, 0)?;
    match reply {
        Reply {
            hello: Some(hello),
            accept: None,
            reject: None,
            decline: None,
            unsupported: None,
            ..
        } => Ok(hello),
        _ => Err("the answer to hello has no field `hello`, or others beside it".to_owned()),
    }
}

/// The version of the protocol that the answer to the first request names, if it names one.
pub fn named_version(line: &[u8]) -> Option<u64> {
    #[derive(Deserialize)]
    struct Named {
        hello: Version,
    }
    #[derive(Deserialize)]
    struct Version {
        chunkproof: u64,
    }
    serde_json::from_slice::<Named>(line)
        .ok()
        .map(|named| named.hello.chunkproof)
}

/// Reads the answer to the request of number `seq`.
///
/// # Errors
///
/// What is wrong with the line.
pub fn parse_answer(line: &[u8], seq: u64) -> Result<Answer, String> {
    let Reply {
        seq: _,
        hello,
        accept,
        reject,
        decline,
        unsupported,
    } = parse_reply(line, seq)?;
    if hello.is_some() {
        return Err("the answer has a field `hello`, which belongs to the first answer only".to_owned());
    }
    let mut answers = [
        accept.map(Answer::Accept),
        reject.map(Answer::Reject),
        decline.map(|decline| Answer::Decline(decline.message)),
        unsupported.map(|unsupported| Answer::Unsupported(unsupported.message)),
    ]
    .into_iter()
    .flatten();
    match (answers.next(), answers.next()) {
        (Some(answer), None) => Ok(answer),
        (None, _) => Err("the answer has none of accept, reject, decline and unsupported".to_owned()),
        (Some(_), Some(_)) => Err("the answer has more than one of accept, reject, decline and unsupported".to_owned()),
    }
}

fn parse_reply(line: &[u8], seq: u64) -> Result<Reply, String> {
    once::check(line).map_err(|error| in_line(&error, line))?;
    let reply: Reply = serde_json::from_slice(line).map_err(|error| in_line(&error, line))?;
    check_shape(line).map_err(|error| in_line(&error, line))?;
    if reply.seq != seq {
        return Err(format!("the answer has seq {}, expected {seq}", reply.seq));
    }
    Ok(reply)
}

/// Refuses arrays in the place of objects, which are taken for their fields in order otherwise.
fn check_shape(line: &[u8]) -> Result<(), serde_json::Error> {
    type Object = BTreeMap<String, IgnoredAny>;
    #[derive(Deserialize)]
    struct Shape {
        #[serde(rename = "hello")]
        _hello: Option<Object>,
        #[serde(rename = "reject")]
        _reject: Option<Object>,
        #[serde(rename = "decline")]
        _decline: Option<Object>,
        #[serde(rename = "unsupported")]
        _unsupported: Option<Object>,
    }
    serde_json::from_slice::<Object>(line)?;
    serde_json::from_slice::<Shape>(line).map(drop)
}

/// What is wrong with a line, of which the error may quote anything.
fn in_line(error: &serde_json::Error, line: &[u8]) -> String {
    let error = error.to_string();
    let start = Outside::new(line.trim_ascii_end(), SHOWN).quoted();
    format!("{}, in the line {start}", Outside::sentence(&error))
}

/// Most bytes of a line that a message quotes.
const SHOWN: usize = 60;

#[cfg(test)]
mod tests {
    use super::{Answer, Hello, parse_answer, parse_hello};

    #[test]
    fn answers_are_parsed_strictly() {
        let accept = parse_answer(br#"{"seq":1,"accept":{}}"#, 1);
        assert_eq!(accept, Ok(Answer::Accept(serde_json::json!({}))));
        for (line, message) in [
            (r#"{"seq":2,"accept":{}}"#, "has seq 2, expected 1"),
            (r#"{"seq":1}"#, "has none of"),
            (r#"{"seq":1,"accept":{},"decline":{"message":""}}"#, "more than one"),
            (r#"{"seq":1,"accept":{},"accept":{}}"#, "duplicate key \"accept\""),
            (
                r#"{"seq":1,"accept":{"a":[{"b":1,"c":2,"b":1}]}}"#,
                "duplicate key \"b\"",
            ),
            (r#"{"seq":1,"accept":{"a":1,"\u0061":1}}"#, "duplicate key \"a\""),
            (
                r#"{"seq":1,"reject":{"message":"","message":""}}"#,
                "duplicate key \"message\"",
            ),
            (r#"{"seq":1,"verdict":"ok"}"#, "unknown field"),
            (r#"{"seq":1,"reject":{"message":"","code":1}}"#, "unknown field"),
            (r#"{"accept":{}}"#, "missing field"),
            (r#"[1,null,{"x":1}]"#, "invalid type: sequence, expected a map"),
            (r#"{"seq":1,"decline":["x"]}"#, "invalid type: sequence, expected a map"),
            ("y", "expected value at line 1 column 1, in the line \"y\""),
        ] {
            let error = parse_answer(line.as_bytes(), 1).unwrap_err();
            assert!(error.contains(message), "{line}: {error}");
        }
    }

    /// As a tree this line would take over a gigabyte.
    #[test]
    fn memory_for_an_answer_is_bounded() {
        let line = format!(r#"{{"seq":1,"accept":[{}0]}}"#, r#"{"":0},"#.repeat(2_000_000));
        let error = parse_answer(line.as_bytes(), 1).unwrap_err();
        assert!(error.contains("takes more than 256 MiB of memory"), "{error}");
    }

    #[test]
    fn a_hello_is_nothing_else() {
        let hello = r#""hello":{"name":"a","version":"1","language":"c","ops":{"footer/parse":["g5"]}}"#;
        assert!(parse_hello(format!("{{\"seq\":0,{hello}}}").as_bytes()).is_ok());
        for line in [
            format!("{{\"seq\":0,{hello},\"accept\":{{}}}}"),
            r#"{"chunkproof":0,"seq":0,"op":"hello"}"#.to_owned(),
            r#"{"seq":0}"#.to_owned(),
        ] {
            assert!(parse_hello(line.as_bytes()).is_err(), "{line}");
        }
    }

    #[test]
    fn an_answer_in_another_version_is_named_before_its_fields() {
        let hello = |rest: &str| {
            let line = format!(
                r#"{{"seq":0,"hello":{{{rest}"name":"a","version":"1","language":"c","ops":{{"footer/parse":["g5"]}}}}}}"#
            );
            parse_hello(line.as_bytes())
        };
        assert_eq!(hello(r#""chunkproof":0,"#), hello(""));
        for (rest, message) in [
            (
                r#""chunkproof":1,"new":[],"#,
                "the adapter speaks version 1 of the protocol, expected version 0",
            ),
            (r#""chunkproof":0,"new":[],"#, "unknown field `new`"),
        ] {
            let error = hello(rest).unwrap_err();
            assert!(error.starts_with(message), "{rest}: {error}");
        }
    }

    fn hello(rest: &str) -> Result<Hello, String> {
        let line = format!(r#"{{"seq":0,"hello":{{"name":"a","version":"1","language":"c",{rest}}}}}"#);
        parse_hello(line.as_bytes())
    }

    #[test]
    fn dialects_are_declared_by_operation_or_for_all() {
        let each = hello(r#""ops":{"toc/parse":["g4","g5"],"footer/parse":["g4","g5"]}"#).unwrap();
        let all = hello(r#""ops":["footer/parse","toc/parse"],"dialects":["g5","g4"]"#).unwrap();
        assert_eq!(each, all);
        for (rest, message) in [
            (r#""ops":["footer/parse"]"#, "`ops` is a list without `dialects`"),
            (
                r#""ops":{"footer/parse":["g5"]},"dialects":["g5"]"#,
                "expected one of the two",
            ),
            (r#""ops":{"footer/pars":["g5"]}"#, "footer/pars"),
            (r#""ops":{"footer/parse":["g6"]}"#, "unknown variant `g6`"),
            (
                r#""ops":{"footer/parse":["g5"],"footer/parse":["g4"]}"#,
                "duplicate key",
            ),
            (r#""ops":{},"rules":1"#, "expected a boolean"),
            (
                r#""ops":{},"choices":{"tail-bytes":"gnu"}"#,
                "the choice tail-bytes has no reading gnu",
            ),
            (
                r#""ops":{},"choices":{"tail-bytes":"maybe"}"#,
                "no choice has a reading \"maybe\"",
            ),
            (r#""ops":{},"lacks":{"tar/list":["size"]}"#, "unknown variant `size`"),
            (
                r#""ops":{},"lacks":{"tar/list":["mode","mode"]}"#,
                "has a field of tar/list twice",
            ),
            (r#""ops":{},"lacks":{"tar/list":[],"tar/list":[]}"#, "duplicate key"),
            (
                r#""ops":{},"lacks":{"layer/index":["mode"]}"#,
                "`lacks` has layer/index, whose outputs have to be whole",
            ),
            (r#""dialects":["g5"]"#, "missing field `ops`"),
        ] {
            let error = hello(rest).unwrap_err();
            assert!(error.contains(message), "{rest}: {error}");
        }
    }

    #[test]
    fn a_later_hello_is_compared_with_the_first() {
        let first = hello(r#""ops":{"footer/parse":["g5"]}"#).unwrap();
        assert_eq!(first.difference(&first), None);
        for (rest, message) in [
            (
                r#""ops":{"footer/parse":["g4"]}"#,
                r#"`ops` is {"footer/parse":["g4"]}, expected {"footer/parse":["g5"]}"#,
            ),
            (
                r#""ops":{"footer/parse":["g5"]},"rules":true"#,
                "`rules` is true, expected absent",
            ),
            (
                r#""ops":{"footer/parse":["g5"]},"choices":{"v56-footer":"accept"}"#,
                r#"`choices` is {"v56-footer":"accept"}, expected absent"#,
            ),
        ] {
            let difference = first.difference(&hello(rest).unwrap()).unwrap();
            assert!(difference.ends_with(message), "{difference}");
        }
    }
}
