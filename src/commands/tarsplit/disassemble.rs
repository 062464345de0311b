//! `chunkproof tarsplit disassemble`

use std::{
    fs::File,
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use clap::ValueHint;

use super::{Sink, TAR_SPLIT, gzip::Gzip, reject};
use crate::{
    commands::{
        Exit, Failure,
        file::{Output, apart, is_stream, stdout, unwritable},
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
    let ambiguities = disassemble(
        &mut tar,
        &mut Passed::to_stdout(!args.no_stdout)?,
        &mut findings,
        &mut lines,
    )?;
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
    passed: &mut Passed,
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
    passed.flush()?;
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
        if is_stream(path) {
            return Ok(Self {
                name: "stdin".to_owned(),
                input: Box::new(io::stdin().lock()),
            });
        }
        let name = path.display().to_string();
        let file = File::open(path).map_err(|error| Failure::io(&name, &error))?;
        Ok(Self {
            name,
            input: Box::new(file),
        })
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
struct Passed {
    stdout: Option<File>,
}

impl Passed {
    fn to_stdout(wanted: bool) -> Result<Self, Failure> {
        let stdout = match wanted.then(stdout).transpose() {
            Ok(stdout) => stdout,
            Err(error) => return Err(Failure::io("cannot write to stdout", &error)),
        };
        Ok(Self { stdout })
    }

    fn write(&mut self, piece: &[u8]) -> Result<(), Failure> {
        self.with(|stdout| stdout.write_all(piece))
    }

    fn flush(&mut self) -> Result<(), Failure> {
        self.with(Write::flush)
    }

    fn with(&mut self, act: impl FnOnce(&mut File) -> io::Result<()>) -> Result<(), Failure> {
        match self.stdout.as_mut().map(act) {
            None | Some(Ok(())) => Ok(()),
            Some(Err(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.stdout = None;
                Ok(())
            }
            Some(Err(error)) => Err(Failure::io("cannot write to stdout", &error)),
        }
    }
}
