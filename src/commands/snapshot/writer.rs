//! Layers that a writer makes of tars.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Deserialize as _;

use super::{Args, Snapshots, name, text};
use crate::{
    bounded::{self, DOCUMENT},
    commands::{
        Exit, Failure,
        layer::Layer,
        run::{MEMORY, absence},
    },
    judge::Breakdown,
    runner::{Allowance, Implementation, Session, StartError, Terms, protocol::Answer},
    vectors::{
        Bytes, CaseId, Op,
        ops::{TarInput, WriteAnswer},
    },
};

/// Snapshots of the layers that a writer makes of the tars of the command line.
pub(super) fn snapshots(args: &Args, writer: &str) -> Result<Snapshots, Failure> {
    args.layers.are_tars()?;
    let tars = tars(args.layers.paths())?;
    let implementation = implementation(args, writer)?;
    let time = Duration::from_secs(args.writer_timeout);
    let terms = Terms {
        allowance: Allowance::new(time, time, MEMORY),
        blind: false,
    };
    let failed = |StartError(problem): StartError| Failure::Message(Exit::Broken, format!("{writer}: {problem}"));
    let mut session = Session::new(&implementation, terms, None);
    session.start().map_err(failed)?;
    let mut snapshots = Snapshots::default();
    for tar in tars {
        let shown = tar.display().to_string();
        let bytes = bounded::read(&tar, DOCUMENT).map_err(|error| Failure::io(&shown, &error))?;
        let input = TarInput {
            tar: Bytes::base64(&bytes),
        };
        let input = serde_json::to_value(input).map_err(Failure::unusable)?;
        let case: CaseId = CASE.parse().map_err(Failure::unusable)?;
        let exchange = session.ask(Op::LayerWrite, &case, &input, None).map_err(failed)?;
        let made = match exchange.reply {
            Ok(Answer::Accept(answer)) => made(&shown, &answer, args)?,
            Ok(Answer::Reject(rejection)) => {
                let rule = rejection.rule.map_or_else(String::new, |rule| format!("{rule} "));
                Err(format!("{writer} rejected the tar: {rule}{}", rejection.message))
            }
            Ok(Answer::Decline(message)) => Err(format!("{writer} declined the tar: {message}")),
            Ok(Answer::Unsupported(message)) => Err(format!("{writer} does not write layers: {message}")),
            Err(Breakdown::Ended(ending)) => Err(format!("{writer}: the process {ending}")),
            Err(Breakdown::Timeout(_)) => Err(format!(
                "{writer} gave no answer within {} s (--writer-timeout)",
                args.writer_timeout
            )),
            Err(Breakdown::OutOfMemory(taken)) => Err(format!("{writer} gave no answer: {taken}")),
            Err(Breakdown::Protocol(problem)) => {
                Err(format!("{writer} does not answer as the protocol says: {problem}"))
            }
        };
        snapshots.add(name::of(&tar, None), shown, made)?;
    }
    Ok(snapshots)
}

/// What the requests are called in logs of the writer.
const CASE: &str = "snapshot/tar";

/// The snapshot of a layer in an answer, or what is wrong with the answer.
fn made(name: &str, answer: &serde_json::Value, args: &Args) -> Result<Result<String, String>, Failure> {
    let answer = WriteAnswer::deserialize(answer).map_err(|error| error.to_string());
    let answer = answer.and_then(|answer| {
        let blob = answer.blob.decode(&|_| None).map_err(|error| error.to_string())?;
        Ok((blob, answer.annotations))
    });
    match answer {
        Ok((blob, annotations)) => {
            let layer = Layer::of_bytes(name, blob, annotations, args.layers.limits());
            text(&layer).map(Ok)
        }
        Err(problem) => Ok(Err(format!(
            "the answer of the writer is not one of `layer/write`: {problem}"
        ))),
    }
}

/// The tars: files, and those in folders that are called `*.tar`, in the order of their names.
fn tars(arguments: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut tars = Vec::new();
    for argument in arguments {
        if !argument.is_dir() {
            tars.push(argument.clone());
            continue;
        }
        let before = tars.len();
        let unreadable = |error: io::Error| Failure::io(&argument.display().to_string(), &error);
        for entry in fs::read_dir(argument).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.extension().is_some_and(|extension| extension == "tar") && path.is_file() {
                tars.push(path);
            }
        }
        let found = tars.get_mut(before..).unwrap_or_default();
        if found.is_empty() {
            let problem = format!("{}: no file in the folder is called *.tar", argument.display());
            return Err(Failure::unusable(problem));
        }
        found.sort();
    }
    Ok(tars)
}

/// The writer: a built-in one, a built adapter, or a command line.
fn implementation(args: &Args, writer: &str) -> Result<Implementation, Failure> {
    let parsed = Implementation::parse(writer).map_err(Failure::unusable)?;
    let is_word = !writer.contains([' ', '/']) && !Path::new(writer).exists();
    if parsed.as_builtin().is_some() || !is_word {
        return Ok(parsed);
    }
    // Without a folder of adapters a word is a program on the path.
    let Ok(collection) = args.place.open() else {
        return Ok(parsed);
    };
    let Ok(columns) = collection.find(writer, false) else {
        return Ok(parsed);
    };
    let Some(column) = columns.first() else {
        return Ok(parsed);
    };
    match absence(column)? {
        Some(problem) => Err(Failure::unusable(format!("{column}: {problem}"))),
        None => Ok(column.implementation()),
    }
}
