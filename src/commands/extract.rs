//! `chunkproof extract`

use std::{
    fs::{self, Permissions},
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use clap::ValueHint;
use serde_json::Value;

use super::{Exit, Failure, output::print, selection::set, show, unfinished::Unfinished};
use crate::{
    format::Digest,
    outside::Outside,
    vectors::{Bytes, Expect, Op, Set, SetEntry, ops::ImageInput},
};

/// Write a case as plain files, for any tool.
///
/// The folder gets case.json, the bytes of the input (tail.bin, toc.json, tar-split.json, layer.tar.zst, files/),
/// annotations.json if the input has annotations, root.json and blobs/ of an image, and expected.json if an output is expected.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The id of the case.
    id: String,
    /// The folder to write to; it is made if it is missing.
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    output: PathBuf,
    /// Replace files that are there already.
    #[arg(long)]
    force: bool,
}

/// A file by its path in the folder.
type File = (String, Vec<u8>);

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    // An id of a draft asks for drafts.
    let set = set(args.id.starts_with("draft/"))?;
    let entry = show::find(&set, &args.id)?;
    let files = files(&set, entry)?;
    let taken = files
        .iter()
        .map(|(name, _)| args.output.join(name))
        .find(|path| path.symlink_metadata().is_ok());
    if let (Some(path), false) = (taken, args.force) {
        let path = path.display();
        return Err(Failure::unusable(format!("{path} exists already; --force replaces it")));
    }
    for (name, content) in &files {
        let path = args.output.join(name);
        refuse_link(path.parent().filter(|folder| *folder != args.output))?;
        write(&path, content, args.force)
            .map_err(|error| Failure::io(&format!("cannot write {}", path.display()), &error))?;
    }
    let names: String = files
        .iter()
        .map(|(name, _)| format!("{}\n", Outside::path(&args.output.join(name))))
        .collect();
    print(&names)?;
    Ok(Exit::AsExpected)
}

fn files(set: &Set, entry: &SetEntry) -> Result<Vec<File>, Failure> {
    let mut files = vec![("case.json".to_owned(), pretty(&entry.case)?)];
    if let (Some((_, bytes)), Some(subject)) = (set.bytes(entry).map_err(Failure::unusable)?, entry.op.subject()) {
        files.push((subject.content.file_name().to_owned(), bytes));
    }
    if let Some(annotations) = entry.case.input.get("annotations") {
        files.push(("annotations.json".to_owned(), pretty(annotations)?));
    }
    if entry.op == Op::TarSplitAssemble {
        files.extend(contents(&set.wire_input(entry).map_err(Failure::unusable)?)?);
    }
    if entry.op == Op::DraftSentinel {
        files.extend(image(&set.wire_input(entry).map_err(Failure::unusable)?)?);
    }
    if let Expect::Valid { output } | Expect::Either { output, .. } = &entry.case.expect {
        files.push(("expected.json".to_owned(), pretty(output)?));
    }
    Ok(files)
}

/// The content of the files that a tar is put together from, by their number: their names need not be fit for paths.
fn contents(input: &Value) -> Result<Vec<File>, Failure> {
    let list = input
        .get("files")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    list.iter()
        .enumerate()
        .filter_map(|(index, file)| Some((index, file.get("content")?.clone())))
        .map(|(index, content)| {
            let bytes: Bytes = serde_json::from_value(content).map_err(Failure::unusable)?;
            let bytes = bytes.decode(&|_| None).map_err(Failure::unusable)?;
            Ok((format!("files/{index}"), bytes))
        })
        .collect()
}

/// The root of an image, and its documents and blobs where an image layout has them.
fn image(input: &Value) -> Result<Vec<File>, Failure> {
    let input: ImageInput = serde_json::from_value(input.clone()).map_err(Failure::unusable)?;
    let decode = |bytes: &Bytes| bytes.decode(&|_| None).map_err(Failure::unusable);
    let mut files = vec![("root.json".to_owned(), decode(&input.root)?)];
    for blob in &input.blobs {
        // Whatever the algorithm, the name is no path.
        let Ok(digest) = blob.digest.parse::<Digest>() else {
            continue;
        };
        files.push((format!("blobs/sha256/{}", digest.hex()), decode(&blob.content)?));
    }
    Ok(files)
}

fn pretty(value: &impl serde::Serialize) -> Result<Vec<u8>, Failure> {
    let mut text = serde_json::to_vec_pretty(value).map_err(Failure::unusable)?;
    text.push(b'\n');
    Ok(text)
}

/// A folder below that of the user is made here; a link in its place leads elsewhere.
fn refuse_link(folder: Option<&Path>) -> Result<(), Failure> {
    match folder {
        Some(folder) if folder.is_symlink() => {
            let folder = folder.display();
            Err(Failure::unusable(format!(
                "{folder} is a symbolic link, expected a folder"
            )))
        }
        _ => Ok(()),
    }
}

/// Writes a file beside its place and moves it there, so that it is whole or not there at all.
fn write(path: &Path, content: &[u8], replace: bool) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let create = || {
        tempfile::Builder::new()
            .prefix(".chunkproof-")
            // The mask of the process takes from these, as it does for any new file.
            .permissions(Permissions::from_mode(0o666))
            .tempfile_in(folder)
    };
    let (mut file, _unfinished) = Unfinished::begin(create)?;
    file.write_all(content)?;
    let persisted = if replace {
        file.persist(path)
    } else {
        file.persist_noclobber(path)
    };
    persisted.map(drop).map_err(|error| error.error)
}
