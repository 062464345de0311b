//! `chunkproof minimize`

use std::{
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use clap::ValueHint;

use super::{
    Exit, Failure,
    collection::Place,
    hunt::implementations,
    limits::parse_size,
    output::print,
    replay::target,
    run::seconds,
    subject::{self, Kind, Reading, Subject},
};
use crate::{
    bounded::{self, DOCUMENT},
    cases,
    fuzzing::Target,
    hunt::{
        self, Sessions,
        candidates::{self, Candidate, first_rule},
        minimize::{self, weight},
    },
    outside::Outside,
    rules::Rule,
    runner::{self, Allowance, Implementation},
    vectors::{CaseId, Op, Set},
};

/// Shrink an input while preserving the failure.
///
/// The failure is the panic of a fuzz target (--target), the answers of implementations (--impl, --adapter), or else the first
/// rule that the reference finds broken. minimize removes entries, files and frames of a layer and recomputes its digests and
/// offsets each time; then members of JSON, lines, and bytes.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof minimize fuzz/artifacts/toc/crash-0123 --target toc
  chunkproof minimize layer.tar.zst --annotations annotations.json --rule CMP-01 -o small.tar.zst
  chunkproof minimize toc/size-negative --impl zstd-chunked -o small.json")]
pub(super) struct Args {
    /// A file, a candidate of `hunt`, or the id of a case.
    #[arg(value_name = "FILE|CASE")]
    what: String,
    /// The fuzz target that fails with the file, as `cargo fuzz list` names it.
    #[arg(long, value_name = "TARGET", value_parser = target, conflicts_with_all = ["rule", "implementations", "adapters", "op", "annotations"])]
    target: Option<Target>,
    /// The rule that the reference has to find broken first [default: the one that it finds now].
    #[arg(long, value_name = "RULE", conflicts_with_all = ["implementations", "adapters"])]
    rule: Option<Rule>,
    /// An implementation whose answer must not change. With several, whether their answers agree must not change.
    #[arg(long = "impl", value_name = "NAME|COMMAND", value_parser = Implementation::parse)]
    implementations: Vec<Implementation>,
    /// A built adapter, as for --impl.
    #[arg(long = "adapter", value_name = "NAME[@VERSION]")]
    adapters: Vec<String>,
    /// The operation that reads the file, unless it is a candidate of `hunt` [default: layer/reconstruct].
    #[arg(long, value_name = "OP")]
    op: Option<Op>,
    /// The annotations of the layer, as a JSON object. Those of the shrunk layer are written to FILE.annotations.json.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    annotations: Option<PathBuf>,
    /// Number of smaller inputs to try.
    #[arg(long, value_name = "NUMBER", default_value_t = 5000)]
    attempts: usize,
    /// Time limit of an implementation or a target for each input.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "10")]
    timeout: Duration,
    /// Limit of the resident memory of an implementation.
    #[arg(long, value_name = "SIZE", default_value = "2GiB", value_parser = parse_size)]
    memory: u64,
    /// Start every process of an implementation in an empty folder, and send no case ids, as `run --blind` does.
    ///
    /// An implementation then finds neither vectors nor ids by accident. Files in the command of --impl need absolute paths,
    /// except the program itself.
    #[arg(long, conflicts_with_all = ["target", "rule"])]
    blind: bool,
    /// The file for the shrunk input [default: FILE.min].
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let output = args
        .output
        .clone()
        .unwrap_or_else(|| PathBuf::from(format!("{}.min", args.what.replace('/', std::path::MAIN_SEPARATOR_STR))));
    let (before, after, stays) = if let Some(target) = &args.target {
        let bytes = bounded::read(args.what.as_ref(), DOCUMENT).map_err(|error| Failure::io(&args.what, &error))?;
        let (smaller, end) = of_target(target, &bytes, args.attempts, args.timeout)?;
        write(&output, &smaller)?;
        (bytes.len(), smaller.len(), end)
    } else {
        let set = Set::embedded().map_err(Failure::unusable)?;
        let reading = Reading {
            op: args.op,
            target: None,
            annotations: args.annotations.as_deref(),
        };
        let mut subject = subject::read(&set, &args.what, reading)?;
        if subject.kind == Kind::Case && args.output.is_none() {
            return Err(Failure::unusable(
                "a case of the set has no file; name the output with -o",
            ));
        }
        let before = weight(&subject.input);
        let (smaller, stays) = smaller(args, &subject)?;
        subject.input = smaller;
        write_subject(&output, &subject)?;
        (before / 4, weight(&subject.input) / 4, stays)
    };
    let name = Outside::path(&output);
    let stays = Outside::sentence(&stays);
    print(&format!(
        "{name}: about {after} of {before} bytes; the failure: {stays}\n"
    ))?;
    Ok(Exit::AsExpected)
}

fn smaller(args: &Args, subject: &Subject) -> Result<(serde_json::Value, String), Failure> {
    let op = subject.op;
    let implementations = implementations(&args.implementations, &args.adapters, &args.place)?;
    if implementations.is_empty() {
        let rule = first_rule(op, &subject.input);
        if let Some(wanted) = args.rule
            && wanted.id() != rule
        {
            return Err(Failure::unusable(format!(
                "the reference finds {rule} first, expected {wanted}"
            )));
        }
        if rule == "accepted" {
            return Err(Failure::unusable(
                "the reference accepts the input; name an implementation with --impl or --adapter",
            ));
        }
        let smaller = candidates::smaller(op, &subject.input, args.attempts);
        return Ok((smaller, format!("{rule} is broken first")));
    }
    runner::interrupt::exit_on_interrupt(Exit::Interrupted.code().into())
        .map_err(|error| Failure::io("cannot handle signals", &error))?;
    let allowance = Allowance::new(args.timeout, args.timeout, args.memory);
    let mut sessions = Sessions::new(&implementations, allowance, args.blind);
    let id: CaseId = "minimize/input".parse().map_err(Failure::unusable)?;
    let mut answers = |input: &serde_json::Value| {
        sessions
            .answers(op, &id, input)
            .map_err(|error| Failure::Message(Exit::Broken, error))
    };
    let (group, rules) = answers(&subject.input)?;
    let mut stays = |input: &serde_json::Value| {
        let (found, broken) = answers(input)?;
        Ok::<bool, Failure>(found == group && hunt::within(&broken, &rules))
    };
    let smaller = minimize::minimize(op, &subject.input, args.attempts, &mut stays)?;
    let said: Vec<String> = implementations
        .iter()
        .zip(&group.answers)
        .map(|(implementation, answer)| format!("{}: {answer}", implementation.spec()))
        .collect();
    Ok((smaller, said.join(", ")))
}

/// A candidate or a case as a candidate, a file as a file.
fn write_subject(output: &Path, subject: &Subject) -> Result<(), Failure> {
    if subject.kind != Kind::Raw {
        let id: CaseId = "found/minimized".parse().map_err(Failure::unusable)?;
        let made = Candidate::of(
            subject.op,
            id,
            &subject.input,
            subject.dialects.clone(),
            subject.provenance.clone(),
        );
        let mut candidate = made.map_err(Failure::unusable)?;
        candidate.case.title = "a shrunk input".to_owned();
        candidate.case.why = "Not written yet.".to_owned();
        let text = serde_json::to_string_pretty(&candidate.file()).map_err(Failure::unusable)?;
        return write(output, format!("{text}\n").as_bytes());
    }
    for field in ["tail", "json", "tar", "blob"] {
        if subject.input.get(field).is_some() {
            write(output, &hunt::bytes_of(&subject.input, field))?;
        }
    }
    let Some(annotations) = subject.input.get("annotations") else {
        return Ok(());
    };
    let text = format!("{annotations:#}\n");
    if subject.op == Op::AnnotationsParse {
        return write(output, text.as_bytes());
    }
    let mut name = output.as_os_str().to_owned();
    name.push(".annotations.json");
    write(Path::new(&name), text.as_bytes())
}

/// Writes beside the file, then renames.
fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    cases::replace(path, content).map_err(|error| Failure::io(&path.display().to_string(), &error))
}

/// A smaller file with which a target fails at the same place, and how it fails.
///
/// Each attempt is a process of its own, since a failure may be an abort, a hang, or the end of the stack.
fn of_target(target: &Target, bytes: &[u8], attempts: usize, timeout: Duration) -> Result<(Vec<u8>, String), Failure> {
    let Some(end) = end(target, bytes, timeout)? else {
        return Err(Failure::unusable(format!(
            "{} does not fail with the input",
            target.name
        )));
    };
    let mut stays = |bytes: &[u8]| Ok::<bool, Failure>(self::end(target, bytes, timeout)?.as_ref() == Some(&end));
    let smaller = minimize::minimize_bytes(target.name, bytes, attempts, &mut stays)?;
    Ok((smaller, end))
}

/// How a target fails; none if it does not.
fn end(target: &Target, bytes: &[u8], timeout: Duration) -> Result<Option<String>, Failure> {
    let failed = |error: io::Error| Failure::io("cannot run a target", &error);
    let mut file = tempfile::NamedTempFile::new().map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    let mut child = Command::new(std::env::current_exe().map_err(failed)?)
        .args(["replay", target.name])
        .arg(file.path())
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let mut pipe = child.stderr.take();
    let reader = std::thread::spawn(move || {
        let mut text = Vec::new();
        // What cannot be read says nothing.
        let _ended = pipe.as_mut().map(|pipe| pipe.read_to_end(&mut text));
        String::from_utf8_lossy(&text).into_owned()
    });
    let deadline = Instant::now() + timeout;
    let status = loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            break status;
        }
        if Instant::now() >= deadline {
            child.kill().map_err(failed)?;
            child.wait().map_err(failed)?;
            return Ok(Some("a timeout".to_owned()));
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let said = reader.join().unwrap_or_default();
    if status.success() {
        return Ok(None);
    }
    let place = said
        .lines()
        .find_map(|line| line.split_once("panicked at ").map(|(_, place)| place));
    Ok(Some(match place {
        Some(place) => format!("a panic at {}", place.trim_end_matches(':')),
        None => status.to_string(),
    }))
}
