//! `chunkproof hunt`

use std::{
    fs,
    num::NonZero,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    thread,
    time::Duration,
};

use clap::ValueHint;
use serde::{Deserialize, Serialize};

use super::{
    Exit, Failure, Format,
    collection::Place,
    complain,
    limits::parse_size,
    output::{print, print_json},
    run::{absence, seconds},
};
use crate::{
    bounded, cases,
    hunt::{self, Event, HuntError, Keeping, Options, Part, Report, candidates::candidate},
    report,
    runner::{self, Allowance, Implementation},
    vectors::{Op, Set},
};

/// Search for inputs that implementations answer differently.
///
/// The inputs are those of the cases first, then mutations of them: members of JSON, lines, fields of footers and tar headers,
/// frames, and layers whose digests and offsets are recomputed after the mutation. A disagreement is an input that one
/// implementation accepts and another refuses, outputs that differ, a crash, a timeout or too much memory, or `unsupported` for
/// an operation that was declared. Disagreements are grouped by operation, by the rule that the reference finds broken first,
/// and by answers, crashes by what the process said last. For each group that no case shows, hunt shrinks an example.
///
/// With --state a hunt can be interrupted and goes on later. docs/hunts.md shows how.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof hunt --impl reference --impl zstd-chunked --time 60
  chunkproof hunt --impl reference --adapter tar-split --op tarsplit/parse --seed 7 -o found
  chunkproof hunt --impl reference --impl ./adapter --state hunt.json --seen earlier.json --time 600
  chunkproof hunt --merge part-1.json --merge part-2.json -o found
  chunkproof promote found/tarsplit-parse-tsp-04-1.json --id tarsplit/payload-short")]
pub(super) struct Args {
    /// An implementation, as for `run`. --impl and --adapter together name at least two.
    #[arg(long = "impl", value_name = "NAME|COMMAND", value_parser = Implementation::parse)]
    implementations: Vec<Implementation>,
    /// A built adapter, by the name of its folder, or one version of it.
    #[arg(long = "adapter", value_name = "NAME[@VERSION]")]
    adapters: Vec<String>,
    /// An operation, such as footer/parse [default: all that every implementation has].
    #[arg(long, value_name = "OP")]
    op: Vec<Op>,
    /// Time limit of the search [default: 60, or none with --runs]. Shrinking an example takes up to a minute more.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    time: Option<Duration>,
    /// Number of mutated inputs. The same seed gives the same inputs.
    #[arg(long, value_name = "NUMBER")]
    runs: Option<u64>,
    /// Seed of the mutation generator.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    seed: u64,
    /// Group disagreements by the message of the reference, too.
    #[arg(long)]
    fine: bool,
    /// Number of inputs that are processed in parallel [default: the number of cores].
    #[arg(long, value_name = "NUMBER")]
    jobs: Option<NonZero<usize>>,
    /// Time limit for the start of an implementation and for each input.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "5")]
    timeout: Duration,
    /// Limit of the resident memory of an implementation: bytes, or a number with a unit.
    #[arg(long, value_name = "SIZE", default_value = "2GiB", value_parser = parse_size)]
    memory: u64,
    /// Start every process in an empty folder, and send no case ids, as `run --blind` does.
    ///
    /// An implementation then finds neither vectors nor ids by accident. Files in the command of --impl need absolute paths,
    /// except the program itself.
    #[arg(long)]
    blind: bool,
    /// Keep the hunt in this file, and go on with the hunt that is kept there.
    ///
    /// It is written every few seconds, at the end, and at an interruption. Implementations, operations, cases, --seed, --fine and
    /// --shard have to be those of the kept hunt.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    state: Option<PathBuf>,
    /// Do not shrink or write again what the hunt in this file has seen; the exit code is 0 if there is nothing else.
    ///
    /// It is a file of --state of the same implementations, in any versions. Can be given more than once.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    seen: Vec<PathBuf>,
    /// Ask for one part of the mutated inputs, such as 1/3. The cases are in each part.
    #[arg(long, value_name = "NUMBER/OF")]
    shard: Option<Part>,
    /// Ask nothing, and report on the parts of a hunt in these files of --state.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["implementations", "adapters", "state", "shard"])]
    merge: Vec<PathBuf>,
    /// Write an example of each disagreement that no case shows to this folder; `promote` reads it.
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    output: Option<PathBuf>,
    /// How to print the disagreements: terminal, for people, or json.
    #[arg(long, value_enum, default_value_t = Format::Terminal, hide_possible_values = true)]
    format: Format,
    #[command(flatten)]
    place: Place,
}

/// How long to search if nothing says so.
const TIME: Duration = Duration::from_secs(60);

/// The version of the shape of a kept hunt.
const SCHEMA: u32 = 2;

/// A file of `--state`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    schema: u32,
    hunt: Report,
}

/// The hunt that is kept in a file.
fn read(path: &Path) -> Result<Report, Failure> {
    let name = path.display();
    let text = bounded::read_text(path).map_err(|error| Failure::io(&format!("cannot read {name}"), &error))?;
    let kept: Kept =
        serde_json::from_str(&text).map_err(|error| Failure::unusable(format!("{name}: not a kept hunt: {error}")))?;
    if kept.schema != SCHEMA {
        let found = kept.schema;
        return Err(Failure::unusable(format!(
            "{name}: the kept hunt has schema {found}, expected {SCHEMA}"
        )));
    }
    Ok(kept.hunt)
}

/// Keeps a hunt in a file.
fn keep(path: &Path, hunt: &Report) -> Result<(), Failure> {
    let kept = Kept {
        schema: SCHEMA,
        hunt: hunt.clone(),
    };
    let text = serde_json::to_string(&kept).map_err(Failure::unusable)?;
    cases::replace(path, format!("{text}\n").as_bytes())
        .map_err(|error| Failure::io(&format!("cannot write {}", path.display()), &error))
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let mut earlier = Vec::new();
    for path in &args.seen {
        earlier.push((path.display().to_string(), read(path)?));
    }
    if !args.merge.is_empty() {
        let parts: Result<Vec<Report>, Failure> = args.merge.iter().map(|path| read(path)).collect();
        let mut merged = hunt::merge(parts?).map_err(Failure::unusable)?;
        for (file, earlier) in &earlier {
            merged
                .mark_seen(earlier, file)
                .map_err(|error| Failure::unusable(format!("{file}: {error}")))?;
        }
        return conclude(args, &merged);
    }
    let implementations = implementations(&args.implementations, &args.adapters, &args.place)?;
    if implementations.len() < 2 {
        return Err(Failure::unusable(
            "hunt compares implementations; name at least two with --impl or --adapter",
        ));
    }
    let set = Set::embedded().map_err(Failure::unusable)?;
    let options = Options {
        allowance: Allowance::new(args.timeout, args.timeout, args.memory),
        jobs: args
            .jobs
            .or_else(|| thread::available_parallelism().ok())
            .unwrap_or(NonZero::<usize>::MIN),
        seed: args.seed,
        time: args.time.or_else(|| args.runs.is_none().then_some(TIME)),
        runs: args.runs,
        fine: args.fine,
        blind: args.blind,
        ops: args.op.clone(),
        part: args.shard.unwrap_or(Part::WHOLE),
    };
    let begun = args
        .state
        .as_deref()
        .filter(|path| path.exists())
        .map(read)
        .transpose()?;
    let failed = Mutex::new(None);
    let keeping = Keeping {
        begun,
        earlier,
        keep: &|report| {
            let kept = args.state.as_deref().map_or(Ok(()), |path| keep(path, report));
            if let Err(failure) = kept {
                *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
            }
        },
    };
    runner::interrupt::stop_on_interrupt(Exit::Interrupted.code().into())
        .map_err(|error| Failure::io("cannot handle signals", &error))?;
    let line = report::Line::new();
    let found = hunt::hunt(&implementations, &set, &options, keeping, &|event| {
        line.show(|| match event {
            Event::Asked { inputs, disagreements } => {
                format!("{inputs} inputs, {disagreements} distinct disagreements")
            }
            Event::Minimized { done, all } => format!("shrinking examples: {done} of {all}"),
        });
    });
    drop(line);
    let found = found.map_err(|error| match error {
        HuntError::Broken(error) => Failure::Message(Exit::Broken, error),
        HuntError::Nothing(error) => Failure::Message(Exit::Nothing, error),
        HuntError::Set(error) | HuntError::Kept(error) => Failure::unusable(error),
    })?;
    // What cannot be kept is no reason to keep quiet about what was found.
    let kept = args.state.as_deref().map_or(Ok(()), |path| keep(path, &found));
    let exit = conclude(args, &found)?;
    kept?;
    match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(failure) => Err(failure),
        None => Ok(exit),
    }
}

/// Prints a report, and writes its candidates.
fn conclude(args: &Args, found: &Report) -> Result<Exit, Failure> {
    let files = write(args.output.as_ref(), found)?;
    match args.format {
        Format::Terminal => print(&report::hunted(found, &files))?,
        Format::Json => print_json(&report::hunted_json(found, &files))?,
    }
    if found.is_incomplete {
        let hint = match args.state {
            Some(_) => "; the same command goes on with it",
            None => "",
        };
        complain(&format!("interrupted: the report is incomplete{hint}"));
        return Ok(Exit::Interrupted);
    }
    let is_known = found.disagreements.iter().all(|found| found.seen.is_some());
    Ok(if is_known { Exit::AsExpected } else { Exit::Failures })
}

/// Those of the command line, and the adapters by their names.
pub(super) fn implementations(
    given: &[Implementation],
    adapters: &[String],
    place: &Place,
) -> Result<Vec<Implementation>, Failure> {
    let mut all = given.to_vec();
    if adapters.is_empty() {
        return Ok(all);
    }
    let collection = place.open()?;
    for name in adapters {
        for column in collection.find(name, false).map_err(Failure::unusable)? {
            if let Some(reason) = absence(&column)? {
                return Err(Failure::unusable(format!("{column} does not run: {reason}")));
            }
            all.push(column.implementation());
        }
    }
    Ok(all)
}

/// Writes the candidates, and returns the files of those disagreements that have one.
fn write(folder: Option<&PathBuf>, found: &Report) -> Result<Vec<Option<String>>, Failure> {
    let Some(folder) = folder else {
        return Ok(Vec::new());
    };
    let failed = |error| Failure::io(&folder.display().to_string(), &error);
    fs::create_dir_all(folder).map_err(failed)?;
    let mut files = Vec::new();
    for (number, disagreement) in (1..).zip(&found.disagreements) {
        if !disagreement.is_new() {
            files.push(None);
            continue;
        }
        let (name, candidate) = candidate(found, number, disagreement).map_err(Failure::unusable)?;
        let text = serde_json::to_string_pretty(&candidate.file()).map_err(Failure::unusable)?;
        cases::replace(&folder.join(&name), format!("{text}\n").as_bytes()).map_err(failed)?;
        files.push(Some(name));
    }
    Ok(files)
}
