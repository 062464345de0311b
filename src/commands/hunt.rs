//! `chunkproof hunt`

use std::{fs, num::NonZero, path::PathBuf, thread, time::Duration};

use clap::ValueHint;

use super::{
    Exit, Failure, Format,
    collection::Place,
    limits::parse_size,
    output::{print, print_json},
    run::{absence, seconds},
};
use crate::{
    hunt::{self, Event, HuntError, Options, Report, candidates::candidate},
    report,
    runner::{self, Allowance, Implementation},
    vectors::{Op, Set, generate},
};

/// Search for inputs to which implementations answer differently.
///
/// The inputs of the cases are asked for first, then changed ones: members of JSON, lines, fields of footers and tar headers,
/// frames, and layers behind their seals. What one implementation accepts and another refuses, outputs that differ, crashes,
/// timeouts and memory are disagreements. They are counted by operation, by the rule that the reference finds broken first and
/// by answers; of each kind that no case shows an example is made as small as it gets.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof hunt --impl reference --impl zstd-chunked --time 60
  chunkproof hunt --impl reference --adapter tar-split --op tarsplit/parse --seed 7 -o found
  chunkproof promote found/tarsplit-parse-tsp-04-1.json --id tarsplit/payload-short")]
pub(super) struct Args {
    /// An implementation, as for `run`; at least two, of --impl and --adapter together.
    #[arg(long = "impl", value_name = "NAME|COMMAND", value_parser = Implementation::parse)]
    implementations: Vec<Implementation>,
    /// An adapter that was built, by the name of its folder, or one version of it.
    #[arg(long = "adapter", value_name = "NAME[@VERSION]")]
    adapters: Vec<String>,
    /// An operation, such as footer/parse; all that every implementation has, if left out.
    #[arg(long, value_name = "OP")]
    op: Vec<Op>,
    /// How long to search, beside the time for making examples smaller, at most a minute for each [default: 60, or no limit
    /// with --runs].
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    time: Option<Duration>,
    /// How many changed inputs to ask for. With the same seed these are the same inputs.
    #[arg(long, value_name = "NUMBER")]
    runs: Option<u64>,
    /// From what the changes follow.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    seed: u64,
    /// Tell disagreements over one rule apart by what the reference says of it.
    #[arg(long)]
    fine: bool,
    /// How many inputs to work on at once [default: the number of cores].
    #[arg(long, value_name = "NUMBER")]
    jobs: Option<NonZero<usize>>,
    /// How long an implementation may take to start, and for each input.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "5")]
    timeout: Duration,
    /// How much memory an implementation may have resident: bytes, or a number with a unit.
    #[arg(long, value_name = "SIZE", default_value = "2GiB", value_parser = parse_size)]
    memory: u64,
    /// Write an example of each disagreement that no case shows to this folder, as a candidate for `promote`.
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

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let implementations = implementations(&args.implementations, &args.adapters, &args.place)?;
    if implementations.len() < 2 {
        return Err(Failure::unusable(
            "one implementation alone disagrees with nobody, so give two, with --impl or --adapter",
        ));
    }
    let set = Set::embedded().map_err(Failure::unusable)?;
    let options = Options {
        allowance: Allowance {
            timeout: args.timeout,
            longest: args.timeout,
            memory: args.memory,
        },
        jobs: args
            .jobs
            .or_else(|| thread::available_parallelism().ok())
            .unwrap_or(NonZero::<usize>::MIN),
        seed: args.seed,
        time: args.time.or_else(|| args.runs.is_none().then_some(TIME)),
        runs: args.runs,
        fine: args.fine,
        ops: args.op.clone(),
    };
    runner::exit_on_interrupt(Exit::Interrupted.code().into())
        .map_err(|error| Failure::io("cannot handle signals", &error))?;
    let line = report::Line::new();
    let found = hunt::hunt(&implementations, &set, &options, &|event| {
        line.show(|| match event {
            Event::Asked { inputs, disagreements } => {
                format!("{inputs} inputs, {disagreements} distinct disagreements")
            }
            Event::Minimised { done, all } => format!("making examples smaller: {done} of {all}"),
        });
    });
    drop(line);
    let found = found.map_err(|error| match error {
        HuntError::Broken(error) => Failure::Message(Exit::Broken, error),
        HuntError::Nothing(error) => Failure::Message(Exit::Nothing, error),
        HuntError::Set(error) => Failure::unusable(error),
    })?;
    let files = write(args.output.as_ref(), &found)?;
    match args.format {
        Format::Terminal => print(&report::hunted(&found, &files))?,
        Format::Json => print_json(&report::hunted_json(&found, &files))?,
    }
    Ok(if found.disagreements.is_empty() {
        Exit::AsExpected
    } else {
        Exit::Failures
    })
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
        if disagreement.known.is_some() {
            files.push(None);
            continue;
        }
        let (name, draft) = candidate(found, number, disagreement).map_err(Failure::unusable)?;
        let text = serde_json::to_string_pretty(&draft.file()).map_err(Failure::unusable)?;
        generate::replace(&folder.join(&name), format!("{text}\n").as_bytes()).map_err(failed)?;
        files.push(Some(name));
    }
    Ok(files)
}
