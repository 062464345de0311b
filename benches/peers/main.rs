//! `peers`: what the commands for layers take, beside floors and beside other implementations, in one run.
//!
//! `docs/performance.md` describes the method.

mod floor;
mod growth;
mod measure;
mod peers;
mod rows;
mod table;
mod tar;
mod work;

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

const USAGE: &str = "\
usage: peers [OPTIONS]

  --growth           print how time and memory grow with entries, bytes and cores, instead of the table
  --scale NUMBER     a tar of so many times the entries [default: 1, which is 56,001 entries]
  --runs NUMBER      runs of ours, of which the median counts [default: 5]
  --peer-runs NUMBER runs of others [default: 3]
  --cold-build       measure a cold build of the program too
  --program FILE     our program, instead of the one that cargo builds
  --folder DIR       where the files go: they take four times the tar [default: the folder for temporary files]
  --write FILE       write the tables into this document, between the comments that name them
";

/// What to do.
pub struct Options {
    growth: bool,
    scale: f64,
    runs: usize,
    peer_runs: usize,
    cold_build: bool,
    program: Option<PathBuf>,
    folder: PathBuf,
    write: Option<PathBuf>,
}

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1).peekable();
    if arguments.next_if(|name| name == measure::NAME).is_some() {
        return measure::main(arguments);
    }
    if let Some(name) = arguments.next_if(|name| name == peers::OPEN || name == peers::EXTRACT) {
        return peers::main(&name.to_string_lossy(), arguments);
    }
    let options = match parse(arguments) {
        Ok(options) => options,
        Err(problem) => {
            eprint!("{problem}{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Options, String> {
    let mut options = Options {
        growth: false,
        scale: 1.0,
        runs: 5,
        peer_runs: 3,
        cold_build: false,
        program: None,
        folder: env::temp_dir(),
        write: None,
    };
    while let Some(option) = arguments.next() {
        let option = option.to_string_lossy().into_owned();
        let mut value = || arguments.next().ok_or_else(|| format!("{option} needs a value\n"));
        let number = |value: OsString| {
            value
                .to_string_lossy()
                .parse()
                .map_err(|_| format!("{option}: not a number\n"))
        };
        match option.as_str() {
            "--growth" => options.growth = true,
            "--cold-build" => options.cold_build = true,
            "--scale" => options.scale = number(value()?)?,
            "--runs" => options.runs = number(value()?)? as usize,
            "--peer-runs" => options.peer_runs = number(value()?)? as usize,
            "--program" => options.program = Some(value()?.into()),
            "--folder" => options.folder = value()?.into(),
            "--write" => options.write = Some(value()?.into()),
            "--help" => return Err(String::new()),
            _ => return Err(format!("there is no option {option}\n")),
        }
    }
    Ok(options)
}

fn run(options: &Options) -> Result<(), String> {
    let ours = match &options.program {
        // Some commands run in another folder.
        Some(program) => fs::canonicalize(program).map_err(|error| format!("{}: {error}", program.display()))?,
        None => peers::build_ours()?,
    };
    let folder = tempfile::Builder::new()
        .prefix("chunkproof-peers-")
        .tempdir_in(&options.folder)
        .map_err(|error| format!("{}: {error}", options.folder.display()))?;
    println!("{}\n", machine());
    let (name, text, problems) = if options.growth {
        ("growth", growth::report(options, &ours, folder.path())?, Vec::new())
    } else {
        let (report, problems) = rows::report(options, &ours, folder.path())?;
        ("peers", report.text(), problems)
    };
    println!("{text}");
    if !problems.is_empty() {
        return Err(problems.join("\nerror: "));
    }
    match &options.write {
        Some(document) => {
            table::write_between(document, name, &text).map_err(|error| format!("{}: {error}", document.display()))
        }
        None => Ok(()),
    }
}

/// What was measured on, which is printed and not written into documents.
fn machine() -> String {
    let about = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = about
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("processors that the system does not name", |(_, model)| model);
    format!("{} cores, {model}, {} {}", cores(), env::consts::OS, env::consts::ARCH)
}

/// Cores that this process may use.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A command line as the report shows it.
fn shown(line: &measure::Line) -> String {
    format!("{line}")
}

/// The size of a file.
fn size_of(file: &Path) -> Result<u64, String> {
    fs::metadata(file)
        .map(|about| about.len())
        .map_err(|error| format!("{}: {error}", file.display()))
}
