//! `chunkproof tarsplit disassemble`

use std::{
    fs::File,
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
    thread::{self, Scope},
};

use clap::ValueHint;

use super::{Sink, TAR_SPLIT, behind::Behind, gzip::Gzip, reject};
use crate::{
    commands::{
        Exit, Failure,
        file::{Output, apart, input, is_stream, stdout, unwritable},
        output::print_to_stderr,
    },
    format::{
        Findings,
        tar::{Ambiguities, Inspector},
        tarsplit::Disassembler,
    },
    report::ambiguities::notes,
};

/// Write the tar-split of a tar, and pass the tar on to stdout.
///
/// The tar-split is JSON lines in gzip, written once the whole tar is valid. It is complete even if the reader of stdout closes
/// the pipe early. As with the Go command, a compressed tar is not decompressed.
///
/// A tar-split holds every byte, so an ambiguous tar is disassembled. What tar readers differ about in it (TAR-07, TAR-08) goes to
/// stderr as notes.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof tarsplit disassemble layer.tar | tar -x -C files
  zstd -dc layer.tar.zst | chunkproof tarsplit disassemble --no-stdout -
  chunkproof tarsplit disassemble --no-stdout --output - layer.tar | zcat

Exit codes: 0 the tar-split was written, 1 the tar is rejected, 2 a file could not be read or written.")]
pub(super) struct Args {
    /// The tar; `-` is stdin.
    tar: PathBuf,
    /// The file for the tar-split; `-` is stdout and requires --no-stdout.
    #[arg(short, long, value_name = "FILE", default_value = TAR_SPLIT, value_hint = ValueHint::FilePath)]
    output: PathBuf,
    /// Do not pass the tar on to stdout.
    #[arg(long)]
    no_stdout: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    if is_stream(&args.output) && !args.no_stdout {
        return Err(Failure::unusable("stdout has the tar; --output - requires --no-stdout"));
    }
    apart(&args.output, &[&args.tar])?;
    let mut tar = Tar::open(&args.tar)?;
    let mut output = Output::create(&args.output).map_err(|error| unwritable(&args.output, &error))?;
    let mut findings = Findings::new();
    let gzip = Gzip::new(BufWriter::new(&mut output)).map_err(|error| unwritable(&args.output, &error))?;
    let mut lines = Sink::new(gzip);
    let ambiguities = thread::scope(|scope| {
        let mut passed = Passed::to_stdout(scope, !args.no_stdout)?;
        let ambiguities = disassemble(&mut tar, &mut passed, &mut findings, &mut lines)?;
        passed.finish().map(|()| ambiguities)
    })?;
    lines
        .finish()
        .and_then(Gzip::finish)
        .and_then(|mut buffer| buffer.flush())
        .map_err(|error| unwritable(&args.output, &error))?;
    if !findings.is_empty() {
        return Ok(reject(&tar.name, &findings));
    }
    output.keep().map_err(|error| unwritable(&args.output, &error))?;
    print_to_stderr(&notes(&ambiguities));
    Ok(Exit::AsExpected)
}

/// Reads the tar to its end, or to where it makes no sense any more. Returns what tar readers differ about.
fn disassemble(
    tar: &mut Tar,
    passed: &mut Passed<'_>,
    findings: &mut Findings,
    lines: &mut Sink<impl Write>,
) -> Result<Ambiguities, Failure> {
    let mut disassembler = Disassembler::new();
    let mut inspector = Inspector::new();
    let mut buffer = vec![0; PIECE];
    while lines.failure.is_none() {
        let piece = tar.read(&mut buffer)?;
        if piece.is_empty() {
            disassembler.finish(findings, &mut |line| lines.write(line));
            break;
        }
        inspector.push(piece);
        if !disassembler.push(piece, findings, &mut |line| lines.write(line)) {
            break;
        }
        passed.write(piece)?;
    }
    Ok(inspector.finish())
}

/// Bytes of the tar that are read at a time.
const PIECE: usize = 1 << 18;

/// The tar that is read.
struct Tar {
    name: String,
    input: Box<dyn Read>,
}

impl Tar {
    fn open(path: &Path) -> Result<Self, Failure> {
        let name = if is_stream(path) {
            "stdin".to_owned()
        } else {
            path.display().to_string()
        };
        match input(path) {
            Ok(input) => Ok(Self { name, input }),
            Err(error) => Err(Failure::io(&name, &error)),
        }
    }

    /// The next bytes; none at the end.
    fn read<'a>(&mut self, buffer: &'a mut [u8]) -> Result<&'a [u8], Failure> {
        loop {
            match self.input.read(buffer) {
                Ok(length) => return Ok(buffer.get(..length).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Failure::io(&self.name, &error)),
            }
        }
    }
}

/// The tar on its way to stdout, as long as somebody reads it.
struct Passed<'scope> {
    stdout: Option<Behind<'scope, File>>,
}

impl<'scope> Passed<'scope> {
    fn to_stdout(scope: &'scope Scope<'scope, '_>, wanted: bool) -> Result<Self, Failure> {
        let begin = || Behind::new(scope, stdout()?);
        match wanted.then(begin).transpose() {
            Ok(stdout) => Ok(Self { stdout }),
            Err(error) => Err(unwritten(&error)),
        }
    }

    fn write(&mut self, piece: &[u8]) -> Result<(), Failure> {
        let Some(stdout) = &mut self.stdout else {
            return Ok(());
        };
        let written = stdout.write_all(piece);
        if written.is_err() {
            self.stdout = None;
        }
        as_far_as_read(written)
    }

    fn finish(self) -> Result<(), Failure> {
        as_far_as_read(self.stdout.map_or(Ok(()), |stdout| stdout.finish().map(drop)))
    }
}

/// That nobody reads on is no error.
fn as_far_as_read(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(unwritten(&error)),
        _ => Ok(()),
    }
}

fn unwritten(error: &io::Error) -> Failure {
    Failure::io("cannot write to stdout", error)
}
