//! `chunkproof run`

use std::{
    num::NonZero,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use clap::ValueHint;

use super::{
    Exit, Failure, bless,
    ci::{self, Selected},
    collection::Place,
    complain,
    keep::Target,
    limits::parse_size,
    reports::Reports,
    selection::{Selection, set},
};
use crate::{
    adapters::Column,
    bounded,
    cases::given::Given,
    judge::Expectations,
    report::{Progress, Repeat},
    runner::{self, Allowance, Conclusion, Implementation, Options, Run, builtin::Name},
};

/// Run implementations against the cases.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// An implementation: `reference`, `zstd-chunked`, or the command that starts an adapter.
    ///
    /// The command is split at white space outside of single and double quotes; no shell runs. Can be given more than
    /// once. Without it, the two built-in implementations run.
    #[arg(long = "impl", value_name = "NAME|COMMAND", value_parser = Implementation::parse)]
    implementations: Vec<Implementation>,
    /// A built adapter, by the name of its folder, or one version of it. Can be given more than once.
    #[arg(long = "adapter", value_name = "NAME[@VERSION]")]
    adapters: Vec<String>,
    /// The built-in implementations and the newest version of every adapter.
    ///
    /// Adapters that are not built or whose programs are missing are reported, and the exit code is then not 0.
    #[arg(long, conflicts_with_all = ["implementations", "adapters", "expect"])]
    all: bool,
    /// Of all adapters, leave out those that `adapter.toml` leaves to the nightly run.
    #[arg(long, requires = "all")]
    skip_nightly: bool,
    /// All versions of adapters, not only the newest. Failures of older versions do not affect the exit code.
    #[arg(long)]
    history: bool,
    /// Run the cases of this folder or file instead of those that are compiled in.
    ///
    /// A folder has case files in JSON and their blobs, as `generate -o DIR` writes them, or cases as data in TOML; a file is one
    /// of either. Twins are looked for among these cases, then in the set that is compiled in.
    #[arg(long, value_name = "DIR|FILE", value_hint = ValueHint::AnyPath, conflicts_with = "keep")]
    vectors: Option<PathBuf>,
    /// Run the cases of drafts too, of which implementations are asked that name their operations; docs/drafts.md describes them.
    ///
    /// `--op draft/sentinel` selects only those of one draft. Ids and results of drafts are no contract, so they cannot be kept.
    #[arg(long, conflicts_with_all = ["keep", "record"])]
    draft: bool,
    /// The list of expected deviations, for a run of one implementation.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    expect: Option<PathBuf>,
    /// Time limit for the start of an implementation and for each case [default: 10, or the limit of the case].
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<Duration>,
    /// Limit of the resident memory of an implementation and its child processes: bytes, or a number with a unit.
    #[arg(long, value_name = "SIZE", default_value = "2GiB", value_parser = parse_size)]
    memory: u64,
    /// Ignore the limits of cases and apply --timeout and --memory only, for a slow machine or a build with sanitizers.
    #[arg(long)]
    ignore_limits: bool,
    /// Start every process in an empty folder, and send no case ids.
    ///
    /// An implementation then finds neither vectors nor ids by accident. This is no sandbox: a process can still read every
    /// file that its user can read. Files in the command of --impl need absolute paths, except the program itself.
    #[arg(long)]
    blind: bool,
    /// Number of processes of an implementation that run in parallel [default: the number of cores].
    #[arg(long, value_name = "NUMBER")]
    jobs: Option<NonZero<usize>>,
    /// Write the results to this file, or to NAME-VERSION.json in this folder.
    ///
    /// `compare` and `matrix` read these files. The limits of cases apply, so that results are comparable. A path that ends
    /// with a slash, or that is an existing folder, is a folder.
    #[arg(long, value_name = "FILE|DIR/", value_hint = ValueHint::AnyPath, conflicts_with = "ignore_limits")]
    record: Option<PathBuf>,
    /// Write the results of each adapter to the folder `results` in its own folder, where `matrix` finds them.
    #[arg(long, conflicts_with_all = ["record", "ignore_limits"])]
    keep: bool,
    #[command(flatten)]
    reports: Reports,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    ci: ci::Options,
}

/// The end of the help.
const EXAMPLES: &str = "\
Examples:
  chunkproof run --impl 'python3 adapter.py'
  chunkproof run --impl ./adapter --not-tag resource --only 'footer/*'
  chunkproof run --impl ./adapter --expect expected.toml --bless
  chunkproof run --impl ./adapter --expect expected.toml --record results.json
  chunkproof run --impl ./adapter --expect expected.toml --failed results.json
  chunkproof run --impl ./adapter --shard 1/3 --record part-1.json --quiet

docs/ci.md has examples for continuous integration.";

/// How long an implementation may take for a case that does not say how long.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);

/// How much memory an implementation may have, as the help says it.
pub(super) const MEMORY: u64 = 2 << 30;

impl Args {
    /// The options under which a failure is repeated.
    fn repeat(&self) -> Repeat {
        let mut options = self.place.options();
        let mut add = |option: &str, value: Option<String>| {
            options.push(option.to_owned());
            options.extend(value);
        };
        if let Some(path) = &self.vectors {
            add("--vectors", Some(path.display().to_string()));
        }
        if self.draft {
            add("--draft", None);
        }
        if let Some(file) = &self.expect {
            add("--expect", Some(file.display().to_string()));
        }
        if let Some(timeout) = self.timeout {
            add("--timeout", Some(timeout.as_secs_f64().to_string()));
        }
        if self.memory != MEMORY {
            add("--memory", Some(self.memory.to_string()));
        }
        if self.ignore_limits {
            add("--ignore-limits", None);
        }
        if self.blind {
            add("--blind", None);
        }
        Repeat {
            options,
            jobs: self.jobs,
        }
    }
}

impl Default for Args {
    fn default() -> Self {
        Self {
            implementations: Vec::new(),
            adapters: Vec::new(),
            all: false,
            skip_nightly: false,
            history: false,
            vectors: None,
            draft: false,
            expect: None,
            timeout: None,
            memory: MEMORY,
            ignore_limits: false,
            blind: false,
            jobs: None,
            record: None,
            keep: false,
            reports: Reports::default(),
            place: Place::default(),
            selection: Selection::default(),
            ci: ci::Options::default(),
        }
    }
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) if !duration.is_zero() => Ok(duration),
        _ => Err("not a number of seconds above 0".to_owned()),
    }
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let mut set = set(args.draft)?;
    let mut given = None;
    if let Some(path) = &args.vectors {
        let read = Given::read(path, &set).map_err(Failure::unusable)?;
        set = read.set;
        given = Some(read.ids);
    }
    let selected = args.selection.indices_among(&set, given.as_ref())?;
    let Chosen {
        implementations,
        folders,
        list,
        missing,
    } = implementations(args)?;
    ci::note_retired(&implementations);
    let Selected { whole, own } = args.ci.select(&set, selected, &implementations)?;
    let target = match &args.record {
        Some(path) => Some(Target::prepare(path, implementations.len())?),
        None => args.keep.then_some(Target::Folders(folders)),
    };
    args.reports.prepare()?;
    let options = Options {
        allowance: Allowance::new(
            args.timeout.unwrap_or(TIMEOUT),
            args.timeout.unwrap_or(Duration::MAX),
            args.memory,
        ),
        jobs: args
            .jobs
            .or_else(|| thread::available_parallelism().ok())
            .unwrap_or(NonZero::<usize>::MIN),
        hold_to_limits: !args.ignore_limits,
        blind: args.blind,
        fail_fast: args.ci.fail_fast,
    };
    runner::interrupt::stop_on_interrupt(Exit::Interrupted.code().into())
        .map_err(|error| Failure::io("cannot handle signals", &error))?;
    let progress = Progress::new();
    let mut run = runner::run(&implementations, &set, &own, options, &progress);
    drop(progress);
    // What cannot be kept is no reason to keep quiet about the run.
    let blessed = list.map_or(Ok(()), |list| bless::bless(&list, &set, &mut run));
    let kept = target.map_or(Ok(()), |target| target.write(&set, &run, args.ci.part(&whole)));
    match args.reports.make(&set, &run, &args.repeat()) {
        // The exit code still counts.
        Ok(()) | Err(Failure::ReaderGone) => {}
        Err(failure) => return Err(failure),
    }
    for missing in &missing {
        complain(missing);
    }
    blessed?;
    kept?;
    if run.conclusion() == Conclusion::Nothing && args.ci.is_idle(&set, &whole, &run) {
        return Ok(Exit::AsExpected);
    }
    match conclude(&run) {
        Exit::AsExpected if !missing.is_empty() => Ok(Exit::Unusable),
        exit => Ok(exit),
    }
}

/// What runs, and what does not although it should, with the reason.
struct Chosen {
    implementations: Vec<(Implementation, Expectations)>,
    /// Where the results of each are kept.
    folders: Vec<Option<PathBuf>>,
    /// The list that the run changes.
    list: Option<PathBuf>,
    missing: Vec<String>,
}

fn implementations(args: &Args) -> Result<Chosen, Failure> {
    let mut all = args.implementations.clone();
    if args.all || (all.is_empty() && args.adapters.is_empty()) {
        all.extend(Name::ALL.iter().copied().map(Implementation::builtin));
    }
    let option = args.expect.as_ref().map(|_| "--expect").or(args.ci.of_one());
    if let Some(option) = option.filter(|_| args.all || all.len() + args.adapters.len() != 1) {
        return Err(Failure::unusable(format!(
            "{option} requires exactly one implementation; name it with --impl or --adapter"
        )));
    }
    let given = args.expect.as_deref();
    let given = given.map(|file| read_expectations(file, args.ci.bless)).transpose()?;
    let mut chosen = Chosen {
        implementations: Vec::new(),
        folders: Vec::new(),
        list: args.expect.clone().filter(|_| args.ci.bless),
        missing: Vec::new(),
    };
    for implementation in all {
        let expectations = match (&given, implementation.as_builtin()) {
            (Some(given), _) => given.clone(),
            (None, Some(name)) => name.expectations().map_err(Failure::unusable)?,
            (None, None) => Expectations::default(),
        };
        chosen.implementations.push((implementation, expectations));
        chosen.folders.push(None);
    }
    let columns = columns(args)?;
    if args.ci.bless && chosen.list.is_none() {
        chosen.list = Some(bless::list(&columns)?);
    }
    for column in columns {
        match absence(&column)? {
            Some(reason) => chosen.missing.push(format!("{column} does not run: {reason}")),
            None => {
                let expectations = match &given {
                    Some(given) => given.clone(),
                    None => column.expectations().map_err(Failure::unusable)?,
                };
                chosen.implementations.push((column.implementation(), expectations));
                chosen.folders.push(Some(column.adapter().folder.join("results")));
            }
        }
    }
    match chosen.missing.first() {
        Some(missing) if chosen.implementations.is_empty() => Err(Failure::unusable(missing)),
        _ => Ok(chosen),
    }
}

fn columns(args: &Args) -> Result<Vec<Column>, Failure> {
    if !args.all && args.adapters.is_empty() {
        return Ok(Vec::new());
    }
    let mut collection = args.place.open()?;
    if args.skip_nightly {
        collection.skip_nightly();
    }
    if args.all {
        return Ok(collection.columns(args.history));
    }
    let mut columns = Vec::new();
    for name in &args.adapters {
        columns.extend(collection.find(name, args.history).map_err(Failure::unusable)?);
    }
    Ok(columns)
}

/// Why an adapter cannot run, if so.
pub(super) fn absence(column: &Column) -> Result<Option<String>, Failure> {
    let missing = column.missing();
    if !missing.is_empty() {
        return Ok(Some(format!("not on the path: {}", missing.join(", "))));
    }
    if column.is_built().map_err(Failure::unusable)? {
        return Ok(None);
    }
    let name = &column.adapter().name;
    let version = column.version();
    Ok(Some(format!(
        "build it with `chunkproof adapter build {name}@{version}`"
    )))
}

fn read_expectations(file: &Path, may_be_missing: bool) -> Result<Expectations, Failure> {
    let name = file.display();
    let text = if may_be_missing {
        bless::read(file)?
    } else {
        bounded::read_text(file).map_err(|error| Failure::io(&format!("cannot read {name}"), &error))?
    };
    text.parse()
        .map_err(|error| Failure::unusable(format!("{name}: {error}")))
}

fn conclude(run: &Run) -> Exit {
    for implementation in &run.implementations {
        if let Some(error) = &implementation.error {
            complain(&format!("{}: {error}", implementation.spec));
        }
    }
    match run.conclusion() {
        Conclusion::AsExpected => Exit::AsExpected,
        Conclusion::Failures => Exit::Failures,
        Conclusion::Broken => Exit::Broken,
        Conclusion::Stopped => {
            complain("stopped at the first result that is not as expected: the report is incomplete");
            Exit::Failures
        }
        Conclusion::Nothing => {
            complain("no selected case applies to any implementation");
            Exit::Nothing
        }
        Conclusion::Interrupted => {
            complain("interrupted: the report is incomplete");
            Exit::Interrupted
        }
    }
}
