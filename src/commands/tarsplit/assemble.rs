//! `chunkproof tarsplit assemble`

use std::{
    cell::Cell,
    io::{self, BufReader, Read, Write},
    path::{Path, PathBuf},
    thread,
};

use clap::ValueHint;
use flate2::bufread::MultiGzDecoder;

use super::{Sink, TAR_SPLIT, behind::Behind, folder::Folder, gzip::Gzip, reject};
use crate::{
    commands::{
        Exit, Failure,
        file::{Output, apart, input, is_stream, unwritable},
    },
    format::{
        Findings, Limits,
        tarsplit::{self, Entry},
    },
};

/// Put a tar together from its tar-split and a folder with its files.
///
/// The output file is created once the whole tar is valid. A pipe gets the tar as it is assembled; check the exit code. Nothing
/// outside the folder is read: a file whose name or symbolic link leads out of the folder counts as missing. A tar-split that
/// breaks a rule is rejected, even where the Go command does not check the rule.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof tarsplit assemble --path files --output layer.tar
  chunkproof tarsplit assemble --path files --input tar-split.json | sha256sum

Exit codes: 0 the tar was written, 1 tar-split or files are rejected, 2 a file could not be read or written.")]
pub(super) struct Args {
    /// The tar-split, plain or in gzip; `-` is stdin.
    #[arg(short, long, value_name = "FILE", default_value = TAR_SPLIT, value_hint = ValueHint::FilePath)]
    input: PathBuf,
    /// The file for the tar; `-` is stdout.
    #[arg(short, long, value_name = "TAR", default_value = "-", value_hint = ValueHint::FilePath)]
    output: PathBuf,
    /// The folder that the tar was unpacked to.
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    path: PathBuf,
    /// Compress the tar with gzip.
    #[arg(long)]
    compress: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    apart(&args.output, &[&args.input])?;
    let name = if is_stream(&args.input) {
        "stdin".to_owned()
    } else {
        args.input.display().to_string()
    };
    let json = read(&args.input).map_err(|error| Failure::io(&name, &error))?;
    let mut findings = Findings::new();
    let entries = tarsplit::parse(&json, &mut findings).unwrap_or_default();
    drop(json);
    if !findings.is_empty() {
        return Ok(reject(&name, &findings));
    }
    let stopped = Cell::new(false);
    let mut folder =
        Folder::open(&args.path, &stopped).map_err(|error| Failure::io(&args.path.display().to_string(), &error))?;
    let mut output = Output::create(&args.output).map_err(|error| unwritable(&args.output, &error))?;
    write(&entries, &mut folder, &mut findings, &mut output, args.compress)
        .map_err(|error| unwritable(&args.output, &error))?;
    if let Some((path, error)) = folder.failure {
        return Err(Failure::io(&path.display().to_string(), &error));
    }
    if !findings.is_empty() {
        return Ok(reject(&name, &findings));
    }
    output.keep().map_err(|error| unwritable(&args.output, &error))?;
    Ok(Exit::AsExpected)
}

/// The lines of a tar-split, out of gzip if they are in it.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    unzip(input(path)?)
}

fn unzip(mut input: impl Read) -> io::Result<Vec<u8>> {
    let limit = Limits::default().tar_split;
    let mut start = Vec::new();
    input.by_ref().take(2).read_to_end(&mut start)?;
    let is_gzip = start == [0x1f, 0x8b];
    let input = BufReader::new(io::Cursor::new(start).chain(input));
    if is_gzip {
        read_bounded(MultiGzDecoder::new(input), limit)
    } else {
        read_bounded(input, limit)
    }
}

/// Reads to the end, and fails where that is past the limit.
fn read_bounded(input: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut input = input.take(limit);
    input.read_to_end(&mut bytes)?;
    input.set_limit(1);
    if input.read(&mut [0])? > 0 {
        let message = format!("the tar-split is larger than {limit} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

/// Writes the tar, in gzip if it is to be compressed. Only the output makes this fail.
fn write(
    entries: &[Entry],
    folder: &mut Folder<'_>,
    findings: &mut Findings,
    output: &mut Output,
    compress: bool,
) -> io::Result<()> {
    thread::scope(|scope| {
        let out = Behind::new(scope, output)?;
        let out = if compress {
            assemble(entries, folder, findings, Gzip::new(out)?)?.finish()?
        } else {
            assemble(entries, folder, findings, out)?
        };
        out.finish().map(drop)
    })
}

fn assemble<W: Write>(entries: &[Entry], folder: &mut Folder<'_>, findings: &mut Findings, out: W) -> io::Result<W> {
    let stopped = folder.stopped;
    let mut sink = Sink::new(out);
    tarsplit::assemble(entries, folder, findings, &mut |bytes| {
        sink.write(bytes);
        if sink.failure.is_some() {
            stopped.set(true);
        }
    });
    sink.finish()
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::read_bounded;

    #[test]
    fn no_more_than_the_limit_is_held() {
        assert_eq!(read_bounded(b"1234".as_slice(), 4).ok(), Some(b"1234".to_vec()));
        let error = read_bounded(b"12345".as_slice(), 4).err();
        assert_eq!(error.map(|error| error.kind()), Some(ErrorKind::FileTooLarge));
    }
}
