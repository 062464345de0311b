//! A hunt in one process: the fuzz target `go-peers`, into which implementations in Go are linked.
//!
//! An input is one of an operation. The reference answers it, and each implementation that has the operation. A disagreement is a
//! finding unless its signature is known: a case of the set shows it as it is, or a list names it. The cases are asked when the
//! target starts, so nothing has to be kept of them. What the reference accepts and an implementation rejects has the message of the
//! implementation in its signature, since `accepted` is the rule of all of them.
//!
//! The crate zstd-chunked is asked too. It decodes without a limit, so `layer/reconstruct` is left to [`fuzzing::peers`], which has
//! one.

use std::{
    collections::BTreeSet,
    env,
    fs::OpenOptions,
    io::Write as _,
    sync::{Mutex, PoisonError},
};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Verdict,
    compare::{self, ANY, Reply},
    crash,
    mutate::{self, annotations_of, bytes_of, with_bytes},
};
use crate::{
    forge::{
        annotations::{OLD_PREFIX, PREFIX},
        footer::MAGIC_OLD,
        random::Random,
    },
    fuzzing::{self, mutator::Plain},
    judge::{Breakdown, Ending, check},
    protocol::Answer,
    rules::Rule,
    runner::builtin::Name,
    vectors::{Op, Set},
};

/// The crate, which is in Rust as the reference is.
const ZSTD_CHUNKED: &str = "zstd-chunked";

/// The operations of each implementation.
const PEERS: &[(&str, &[Op])] = &[
    (
        "containers-storage",
        &[
            Op::AnnotationsParse,
            Op::TocParse,
            Op::LayerIndex,
            Op::LayerDecompress,
            Op::EStargzFooter,
            Op::EStargzToc,
        ],
    ),
    (
        "tar-split",
        &[Op::TarSplitParse, Op::TarSplitAssemble, Op::TarSplitDisassemble],
    ),
    ("estargz", &[Op::EStargzFooter, Op::EStargzToc, Op::LayerIndex]),
    (ZSTD_CHUNKED, &[Op::FooterParse, Op::AnnotationsParse]),
];

/// Fields of inputs with bytes, and the letters by which the library in Go knows them.
const FIELDS: &[(&str, u8)] = &[
    ("tail", b't'),
    ("json", b'j'),
    ("blob", b'b'),
    ("tar", b'a'),
    ("tar_split", b's'),
];

/// Cases with more bytes than this, as JSON, are asked for, and not changed.
const LARGEST: usize = 8 << 10;

/// Asks the library in Go: a request as `request` writes it, and the answer.
pub type Ask = fn(&[u8]) -> Vec<u8>;

/// What knows a new disagreement.
#[derive(Debug)]
pub struct Oracle {
    ask: Ask,
    known: Mutex<BTreeSet<String>>,
    /// Inputs to begin with. Each operation has the same chance, however many cases it has.
    bases: Vec<(Op, Vec<Value>)>,
}

/// The list of disagreements that no case shows as it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    known: Vec<Known>,
}

/// Disagreements with one reason.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    signatures: Vec<String>,
    reason: String,
}

impl Oracle {
    /// One that knows what the cases of the set show and a list names; without a list it knows nothing at all. Inputs begin with the
    /// cases of one operation, or of all.
    ///
    /// # Errors
    ///
    /// A list that is not right, in a sentence.
    pub fn new(ask: Ask, list: Option<&str>, only: Option<Op>) -> Result<Self, String> {
        let set = Set::embedded().map_err(|error| error.to_string())?;
        let mut oracle = Self {
            ask,
            known: Mutex::default(),
            bases: Vec::new(),
        };
        let mut known = BTreeSet::new();
        // Limits of time and memory are not kept here.
        for entry in set.entries().iter().filter(|entry| entry.case.limits.is_none()) {
            let is_asked = PEERS.iter().any(|(_, ops)| ops.contains(&entry.op)) || entry.op == Op::LayerReconstruct;
            if !is_asked || only.is_some_and(|only| only != entry.op) {
                continue;
            }
            let input = set.wire_input(entry).map_err(|error| error.to_string())?;
            if list.is_some() {
                known.extend(oracle.disagreements(entry.op, &input));
            }
            if input.to_string().len() <= LARGEST {
                match oracle.bases.iter_mut().find(|(op, _)| *op == entry.op) {
                    Some((_, inputs)) => inputs.push(input),
                    None => oracle.bases.push((entry.op, vec![input])),
                }
            }
        }
        if let Some(list) = list {
            let list: List = toml::from_str(list).map_err(|error| error.to_string())?;
            for Known { signatures, reason } in list.known {
                if reason.is_empty() {
                    return Err(format!("{signatures:?} have no reason"));
                }
                known.extend(signatures);
            }
        }
        oracle.known = Mutex::new(known);
        Ok(oracle)
    }

    /// Asks everyone.
    ///
    /// # Panics
    ///
    /// On a disagreement that is not known, which is a finding for the fuzzer. If the variable `CHUNKPROOF_COLLECT` names a file, it is
    /// added there instead, once, and is known from then on.
    #[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
    pub fn run(&self, bytes: &[u8]) {
        let Some((op, input)) = decode(bytes) else { return };
        if op == Op::LayerReconstruct {
            return fuzzing::peers::run(&fuzzing::layer::join(
                &bytes_of(&input, "blob"),
                &annotations_of(&input),
            ));
        }
        for signature in self.disagreements(op, &input) {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if known.contains(&signature) {
                continue;
            }
            match env::var_os("CHUNKPROOF_COLLECT") {
                Some(path) => {
                    let line = json!({"signature": signature, "op": op, "input": input});
                    let file = OpenOptions::new().create(true).append(true).open(path);
                    if let Err(error) = file.and_then(|mut file| writeln!(file, "{line}")) {
                        panic!("{signature} could not be kept: {error}");
                    }
                    known.insert(signature);
                }
                None => panic!("a disagreement that is not known: {signature}"),
            }
        }
    }

    /// The signatures of what the reference and an implementation answer differently.
    fn disagreements(&self, op: Op, input: &Value) -> Vec<String> {
        let mut found = Vec::new();
        let mut own = None;
        for (name, _) in PEERS
            .iter()
            .filter(|(name, ops)| ops.contains(&op) && is_read(name, op, input))
        {
            let own = own.get_or_insert_with(|| Name::Reference.implementation().answer(op, input.clone()));
            let Ok(own) = own else { continue };
            if let Answer::Unsupported(_) = own {
                continue;
            }
            let theirs = if *name == ZSTD_CHUNKED {
                Theirs::of_crate(op, input)
            } else {
                Theirs::of_go(&(self.ask)(&request(name, op, input)))
            };
            let Some(theirs) = theirs else { continue };
            found.extend(signature(name, op, input, own.clone(), theirs));
        }
        found
    }
}

/// What an implementation answered.
enum Theirs {
    Answer(Answer),
    /// It panicked, and this is what was written.
    Crash(String),
}

impl Theirs {
    /// Asks the crate zstd-chunked. A panic of Rust is a finding by itself.
    fn of_crate(op: Op, input: &Value) -> Option<Self> {
        let answer = Name::ZstdChunked.implementation().answer(op, input.clone());
        answer.ok().map(Self::Answer)
    }

    /// From the bytes of an answer; none if the input would end the process in a known way, and was not passed on.
    fn of_go(answer: &[u8]) -> Option<Self> {
        let (kind, rest) = answer.split_first()?;
        let text = || String::from_utf8_lossy(rest).into_owned();
        Some(match kind {
            b'a' => match serde_json::from_slice(rest) {
                Ok(output) => Self::Answer(Answer::Accept(output)),
                Err(error) => Self::Crash(format!("the answer is not JSON: {error}")),
            },
            b'r' => Self::Answer(Answer::reject(text())),
            b'd' => Self::Answer(Answer::Decline(text())),
            b'u' => Self::Answer(Answer::Unsupported(text())),
            b'p' => Self::Crash(text()),
            _ => return None,
        })
    }
}

/// The signature of two answers that differ.
fn signature(name: &str, op: Op, input: &Value, own: Answer, theirs: Theirs) -> Option<String> {
    let message = match &theirs {
        Theirs::Answer(Answer::Reject(rejection)) => rejection.message.clone(),
        Theirs::Answer(Answer::Decline(message)) => message.clone(),
        _ => String::new(),
    };
    let (reply, stderr) = match theirs {
        Theirs::Answer(answer) => (Ok(answer), String::new()),
        // As a program in Go ends.
        Theirs::Crash(text) => (Err(Breakdown::Ended(Ending::Code(2))), text),
    };
    let replies = vec![
        Reply::of(op, check(op, input, Ok(own)), false, ""),
        Reply::of(op, check(op, input, reply), false, &stderr),
    ];
    let (group, rules) = compare::group(op, input, replies, false);
    if group.is_agreement() {
        return None;
    }
    // Of a key that is there twice readers take either value, so what else the reference finds may be about the other one.
    let rule = if group.rule != ANY && rules.contains(&Rule::JsonDuplicateKey) {
        Rule::JsonDuplicateKey.id()
    } else {
        &group.rule
    };
    let [own, theirs] = group.answers.as_slice() else {
        return None;
    };
    Some(match (rule, theirs) {
        (ANY, _) => format!("{op}: {name} crashes: {}", group.failure),
        ("accepted", Verdict::Refuse) => {
            format!(
                "{op}: {name} refuses what is accepted: {}",
                crash::shape("", &unquoted(&message))
            )
        }
        (rule, _) if group.place.is_empty() => format!("{op}: {rule}: reference {own}, {name} {theirs}"),
        (rule, _) => format!("{op}: {rule}: reference {own}, {name} {theirs} at {}", group.place),
    })
}

/// A message without what it quotes, and without the text of the input that follows where jsoniter found it wrong.
fn unquoted(message: &str) -> String {
    let end = [", but found", ", error found in"]
        .iter()
        .filter_map(|text| message.find(text))
        .min();
    let message = end.and_then(|end| message.get(..end)).unwrap_or(message);
    message.split('"').step_by(2).collect::<Vec<_>>().join("\"*\"")
}

/// Whether the implementation reads inputs of this dialect.
fn is_read(name: &str, op: Op, input: &Value) -> bool {
    let blob = || bytes_of(input, "blob");
    let annotations = annotations_of(input);
    match (name, op) {
        // Its library reads no annotation of zstd:chunked, so whatever is wrong with one is not seen.
        ("estargz", Op::LayerIndex) => {
            let is_of_zstd_chunked = |key: &String| key.starts_with(PREFIX) || key.starts_with(OLD_PREFIX);
            blob().starts_with(&[0x1f, 0x8b]) && !annotations.keys().any(is_of_zstd_chunked)
        }
        // What begins with anything else, also with most skippable frames, is an uncompressed tar to it.
        ("containers-storage", Op::LayerDecompress) => blob().starts_with(&[0x28, 0xb5, 0x2f, 0xfd]),
        // Newer versions of the library do not know the oldest dialect.
        ("containers-storage", Op::TocParse) => input["dialect"] != "g1",
        ("containers-storage", Op::AnnotationsParse) => !annotations.keys().any(|key| key.starts_with(OLD_PREFIX)),
        // Without a digest in the TOC it does not use the tar-split, so whatever is wrong with that is not seen.
        ("containers-storage", Op::LayerIndex) => {
            !annotations.keys().any(|key| key.starts_with(OLD_PREFIX))
                && fuzzing::peers::is_tar_split_digest_in_toc(&blob(), &annotations) != Some(false)
        }
        // The crate adds offset and length without a check, and targets are built with checks.
        (ZSTD_CHUNKED, Op::AnnotationsParse) => {
            !annotations.keys().any(|key| key.starts_with(OLD_PREFIX)) && fuzzing::peers::sums_fit(&annotations)
        }
        (ZSTD_CHUNKED, Op::FooterParse) => {
            let tail = bytes_of(input, "tail");
            !tail.windows(8).any(|bytes| bytes == MAGIC_OLD) && footer_sums_fit(&tail)
        }
        _ => true,
    }
}

/// Whether offset and length of both positions of a footer have a sum.
fn footer_sums_fit(tail: &[u8]) -> bool {
    let payload = tail.last_chunk::<64>().map_or(&[][..], <[u8; 64]>::as_slice);
    let (numbers, _) = payload.as_chunks::<8>();
    let number = |at: usize| numbers.get(at).copied().map_or(0, u64::from_le_bytes);
    [(0, 1), (4, 5)]
        .iter()
        .all(|&(offset, length)| number(offset).checked_add(number(length)).is_some())
}

/// A request: fields of a letter, a length of 32 bits and so many bytes.
fn request(name: &str, op: Op, input: &Value) -> Vec<u8> {
    let mut request = Vec::new();
    let mut put = |letter: u8, bytes: &[u8]| {
        request.push(letter);
        request.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
        request.extend(bytes);
    };
    put(b'i', name.as_bytes());
    put(b'o', op.name().as_bytes());
    for &(field, letter) in FIELDS.iter().filter(|(field, _)| !input[*field].is_null()) {
        put(letter, &bytes_of(input, field));
    }
    if let Some(size) = input["blob_size"].as_str().and_then(|size| size.parse::<u64>().ok()) {
        put(b'z', &size.to_le_bytes());
    }
    for (key, value) in annotations_of(input) {
        put(b'k', key.as_bytes());
        put(b'v', value.as_bytes());
    }
    for file in input["files"].as_array().into_iter().flatten() {
        put(b'n', &bytes_of(file, "name"));
        put(b'c', &bytes_of(file, "content"));
    }
    request
}

/// An input from the bytes that the fuzzer knows: a line of JSON with the operation and the input without the bytes that it is mostly
/// made of, and then these bytes.
fn decode(bytes: &[u8]) -> Option<(Op, Value)> {
    let at = bytes.iter().position(|&byte| byte == b'\n')?;
    let (head, rest) = bytes.split_at_checked(at)?;
    let mut input: Value = serde_json::from_slice(head).ok()?;
    let op = serde_json::from_value(input.as_object_mut()?.remove("op")?).ok()?;
    Some(match Op::subject(op) {
        Some(subject) => (op, with_bytes(&input, subject.field, rest.get(1..)?)),
        None => (op, input),
    })
}

/// The bytes of an input.
fn encode(op: Op, input: &Value) -> Vec<u8> {
    let mut head = input.clone();
    let content = op.subject().map(|subject| bytes_of(input, subject.field));
    if let (Some(subject), Some(members)) = (op.subject(), head.as_object_mut()) {
        members.remove(subject.field);
    }
    head["op"] = json!(op);
    let mut bytes = head.to_string().into_bytes();
    bytes.push(b'\n');
    bytes.extend(content.unwrap_or_default());
    bytes
}

/// Changes an input in the fuzzer's buffer, and returns its new length: as a hunt does, now and then as the fuzzer does it by itself,
/// and sometimes another case.
pub fn mutate(oracle: &Oracle, data: &mut [u8], size: usize, max_size: usize, seed: u32, plain: Plain<'_>) -> usize {
    let mut random = Random::new(seed.into());
    let (op, input) = match data.get(..size).and_then(decode).filter(|_| !random.ratio(1, 8)) {
        Some(decoded) => decoded,
        None => {
            let base = random.pick(&oracle.bases);
            match base.and_then(|(op, inputs)| Some((*op, random.pick(inputs)?.clone()))) {
                Some(base) => base,
                None => return size.min(max_size),
            }
        }
    };
    let changed = match op.subject() {
        Some(subject) if random.ratio(1, 4) => {
            let bytes = fuzzing::mutator::own(&bytes_of(&input, subject.field), plain);
            with_bytes(&input, subject.field, &bytes)
        }
        _ => mutate::mutate(op, &input, &mut random),
    };
    let bytes = encode(op, &changed);
    match data.get_mut(..bytes.len()).filter(|_| bytes.len() <= max_size) {
        Some(place) => {
            place.copy_from_slice(&bytes);
            bytes.len()
        }
        None => size.min(max_size),
    }
}

#[cfg(test)]
mod tests;
