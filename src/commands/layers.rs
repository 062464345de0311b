//! Layers on the command line, and the commands that look at any number of them.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Seek as _},
    path::{Path, PathBuf},
};

use clap::ValueHint;
use serde_json::Value;

use super::{
    Exit, Failure, Format, complain,
    file::is_stream,
    image_reference::{ImageReference, Pick},
    layer::{Identity, Layer, Seen},
    limits::LimitArgs,
    opened::{BlobAt, GivenBlob, Kind, Opened},
    output::{Printer, print_file},
    remote::{self, RemoteArgs},
};
use crate::{
    format::Limits,
    image::{Platform, http::Shown},
    report::several as report,
};

/// One layer.
#[derive(Debug, clap::Args)]
pub(super) struct LayerArgs {
    // Help is shared.
    #[arg(help = SOURCE, value_hint = ValueHint::AnyPath)]
    layer: PathBuf,
    #[command(flatten)]
    options: LayerOptions,
}

/// One layer or more.
#[derive(Debug, clap::Args)]
pub(super) struct LayersArgs {
    // Help is shared.
    #[arg(value_name = "LAYER", required = true, help = SOURCE, value_hint = ValueHint::AnyPath)]
    layers: Vec<PathBuf>,
    #[command(flatten)]
    options: LayerOptions,
}

/// What a layer can be.
const SOURCE: &str = "\
The compressed layer, as a file, a URL, or `-` for stdin; or an image, of which every layer is read: the directory of an OCI \
image layout, `oci:DIR:NAME` or `oci:DIR@DIGEST`, `oci-archive:FILE:NAME`, `dir:DIR` as skopeo writes it, \
`docker-archive:FILE:NAME`, or in a registry `docker://HOST/NAME:TAG` or `docker://HOST/NAME@DIGEST`";

/// How layers are read.
#[derive(Debug, clap::Args)]
pub(super) struct LayerOptions {
    /// A JSON map of the annotations of its descriptor, or an OCI descriptor or manifest that holds them. It is an error if
    /// none of them is of zstd:chunked or eStargz. Without this option the footer is used, and nothing authenticates the
    /// index. Several layers need a manifest. An image has its own annotations.
    #[arg(long, value_name = "FILE")]
    annotations: Option<PathBuf>,
    /// The TOC of an eStargz layer, where it is a blob of its own: a gzip-compressed tar.
    #[arg(long, value_name = "FILE")]
    toc: Option<PathBuf>,
    /// Read only one layer of an image, selected by its number (from 1 on) or by its digest or the beginning of it.
    #[arg(long = "layer", value_name = "NUMBER|DIGEST")]
    pick: Option<Pick>,
    /// Platform to select in an image for several platforms; by default all in a layout, and in a registry that of this
    /// machine.
    #[arg(long, value_name = "OS/ARCH")]
    platform: Option<Platform>,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl LayerArgs {
    /// The files that are read, if they are files.
    pub(super) fn files(&self) -> Vec<&Path> {
        let others = [&self.options.annotations, &self.options.toc].into_iter().flatten();
        others.chain([&self.layer]).map(PathBuf::as_path).collect()
    }

    pub(super) fn open(&self) -> Result<Opened<'_>, Failure> {
        self.options.open(&self.layer, false)
    }
}

impl LayersArgs {
    /// The arguments.
    pub(super) fn paths(&self) -> &[PathBuf] {
        &self.layers
    }

    /// The limits of readers.
    pub(super) fn limits(&self) -> Limits {
        self.options.limits.limits()
    }

    /// Checks that no option is given that is about layers and not about tars.
    pub(super) fn are_tars(&self) -> Result<(), Failure> {
        let LayerOptions {
            annotations,
            toc,
            pick,
            platform,
            ..
        } = &self.options;
        if annotations.is_some() || toc.is_some() || pick.is_some() || platform.is_some() {
            return Err(Failure::unusable(
                "--annotations, --toc, --layer and --platform are about layers, found tars for --writer",
            ));
        }
        Ok(())
    }

    /// Checks that there is one layer, for which `what` asks.
    pub(super) fn is_one(&self, what: &str) -> Result<(), Failure> {
        match self.layers.as_slice() {
            [layer] => self.options.open(layer, false)?.is_one(what),
            layers => Err(Failure::unusable(format!(
                "{what} needs one layer, found {}",
                layers.len()
            ))),
        }
    }

    /// Opens each layer and image in turn. Of several, one that cannot be opened leaves the others alone.
    pub(super) fn open(&self) -> Result<impl Iterator<Item = (&Path, Result<Opened<'_>, Failure>)>, Failure> {
        if self.layers.iter().filter(|layer| is_stream(layer)).count() > 1 {
            return Err(Failure::unusable("stdin is one layer, found `-` more than once"));
        }
        let several = self.layers.len() > 1;
        if several && self.options.toc.is_some() {
            return Err(Failure::unusable("--toc needs one layer, found several"));
        }
        let each = self.layers.iter().map(PathBuf::as_path);
        Ok(each.map(move |layer| (layer, self.options.open(layer, several))))
    }

    /// Looks at each layer of each image and prints the reports.
    ///
    /// After those of several arguments a summary counts those that are `good`, which is the word for exit code 0, and those
    /// that are not. The exit code is that of the worst.
    pub(super) fn each(
        &self,
        format: Format,
        identity: Identity,
        good: &'static str,
        look: impl for<'l> FnMut(&'l Layer) -> Result<Seen<'l>, Failure>,
    ) -> Result<Exit, Failure> {
        match format {
            Format::Terminal => self.text(identity, good, look),
            Format::Json => {
                let (exit, file) = self.json(identity, good, look)?;
                print_file(file)?;
                Ok(exit)
            }
        }
    }

    /// The same, with the reports as JSON, of which something else is made: one of each layer, or the error of what cannot be
    /// read.
    pub(super) fn reports(
        &self,
        identity: Identity,
        good: &'static str,
        look: impl for<'l> FnMut(&'l Layer) -> Result<Seen<'l>, Failure>,
    ) -> Result<(Exit, Vec<Value>), Failure> {
        let (exit, mut file) = self.json(identity, good, look)?;
        let unreadable = |error: io::Error| Failure::io("temporary file", &error);
        file.rewind().map_err(unreadable)?;
        let report: Value =
            serde_json::from_reader(BufReader::new(file)).map_err(|error| unreadable(io::Error::from(error)))?;
        // Several arguments have a list, and so have the layers of an image.
        let within = |report: Value, key: &str| match report {
            Value::Object(mut members) => match members.remove(key) {
                Some(Value::Array(reports)) => reports,
                _ => vec![Value::Object(members)],
            },
            other => vec![other],
        };
        let inputs = within(report, "inputs");
        let layers = inputs.into_iter().flat_map(|input| within(input, "layers")).collect();
        Ok((exit, layers))
    }

    fn text(
        &self,
        identity: Identity,
        good: &'static str,
        mut look: impl for<'l> FnMut(&'l Layer) -> Result<Seen<'l>, Failure>,
    ) -> Result<Exit, Failure> {
        let mut printer = Printer::text();
        let mut each =
            |opened: Opened<'_>, printer: &mut Printer| opened.each(printer, Format::Terminal, identity, &mut look);
        if let [layer] = self.layers.as_slice() {
            return each(self.options.open(layer, false)?, &mut printer);
        }
        let mut seen = Vec::new();
        for (path, opened) in self.open()? {
            let exit = match opened.and_then(|opened| each(opened, &mut printer)) {
                Ok(exit) => {
                    printer.print_text("\n")?;
                    exit
                }
                Err(error) => {
                    let (exit, problem) = failed(error)?;
                    complain(&problem);
                    exit
                }
            };
            seen.push((shown(path), exit));
        }
        printer.print_text(&report::text(&summary(&seen, good), good))?;
        Ok(worst(&seen))
    }

    fn json(
        &self,
        identity: Identity,
        good: &'static str,
        mut look: impl for<'l> FnMut(&'l Layer) -> Result<Seen<'l>, Failure>,
    ) -> Result<(Exit, File), Failure> {
        let mut each =
            |opened: Opened<'_>, printer: &mut Printer| opened.each(printer, Format::Json, identity, &mut look);
        if let [layer] = self.layers.as_slice() {
            let opened = self.options.open(layer, false)?;
            return aside(|printer| each(opened, printer));
        }
        let mut seen = Vec::new();
        let ((), file) = aside(|printer| {
            printer.print_text("{\n  \"inputs\": [")?;
            for (path, opened) in self.open()? {
                let name = shown(path);
                printer.print_text(if seen.is_empty() { "\n" } else { ",\n" })?;
                let exit = match opened.and_then(|opened| aside(|part| each(opened, part))) {
                    Ok((exit, part)) => {
                        indent(printer, part)?;
                        exit
                    }
                    Err(error) => {
                        let (exit, problem) = failed(error)?;
                        printer.print_text(&report::json_error(&name, &problem))?;
                        exit
                    }
                };
                seen.push((name, exit));
            }
            printer.print_text(&report::json_end(&summary(&seen, good)))
        })?;
        Ok((worst(&seen), file))
    }
}

/// What came of each argument, in a word.
fn summary(seen: &[(String, Exit)], good: &'static str) -> Vec<(String, &'static str)> {
    let word = |exit: Exit| match exit {
        Exit::AsExpected => good,
        Exit::Failures => "rejected",
        Exit::Nothing => "not zstd:chunked",
        _ => "not readable",
    };
    seen.iter().map(|(name, exit)| (name.clone(), word(*exit))).collect()
}

fn worst(seen: &[(String, Exit)]) -> Exit {
    let worst = seen.iter().map(|(_, exit)| *exit).max_by_key(|exit| exit.weight());
    worst.unwrap_or(Exit::AsExpected)
}

/// Why one of several arguments cannot be read, which is no reason not to read the others.
fn failed(error: Failure) -> Result<(Exit, String), Failure> {
    match error {
        Failure::ReaderGone => Err(Failure::ReaderGone),
        Failure::Message(exit, problem) => Ok((exit, problem)),
    }
}

/// What an argument is called: an address without a password in it.
fn shown(layer: &Path) -> String {
    match layer.to_str().and_then(remote::address) {
        Some(Ok(address)) => Shown(&address).to_string(),
        Some(Err(_)) => "a malformed URL".to_owned(),
        _ if is_stream(layer) => "stdin".to_owned(),
        _ => layer.display().to_string(),
    }
}

/// JSON in a file without a name, so that nothing is printed of what cannot be completed.
fn aside<T>(print: impl FnOnce(&mut Printer) -> Result<T, Failure>) -> Result<(T, File), Failure> {
    let file = tempfile::tempfile().map_err(|error| Failure::io("temporary file", &error))?;
    let done = print(&mut Printer::json_to(&file)?)?;
    Ok((done, file))
}

/// Prints a document of JSON two levels deep. No text in JSON has a line feed.
fn indent(printer: &mut Printer, mut part: File) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::io("temporary file", &error);
    part.rewind().map_err(failed)?;
    let mut before = "";
    for line in BufReader::new(part).lines() {
        let line = line.map_err(failed)?;
        printer.print_text(&format!("{before}    {line}"))?;
        before = "\n";
    }
    Ok(())
}

impl LayerOptions {
    /// Opens a layer or an image, which may be one of several.
    fn open<'a>(&'a self, layer: &'a Path, is_one_of_several: bool) -> Result<Opened<'a>, Failure> {
        let argument = layer.to_str().unwrap_or_default();
        let address = remote::address(argument).transpose()?;
        let name = shown(layer);
        let image = match remote::reference(argument).transpose()? {
            Some(reference) => Some(ImageReference::Registry(Box::new(self.remote.registry(reference)?))),
            None if address.is_some() => None,
            None => ImageReference::of(layer),
        };
        let Some(image) = image else {
            if self.pick.is_some() || self.platform.is_some() {
                let problem = format!("{name}: --layer and --platform need an image, found a blob");
                return Err(Failure::unusable(problem));
            }
            let is_remote = address.is_some();
            let at = match address {
                Some(address) => BlobAt::Address(self.remote.client(), address),
                None if is_stream(layer) => BlobAt::Stdin,
                None => BlobAt::Path(layer),
            };
            let kind = Kind::Blob(GivenBlob {
                at,
                annotations: self.annotations.as_deref(),
                is_one_of_several,
                toc: self.toc.as_deref(),
            });
            return Ok(Opened {
                name,
                is_remote,
                longest: self.remote.longest(),
                limits: self.limits.limits(),
                kind,
            });
        };
        let is_remote = matches!(image, ImageReference::Registry(_));
        let (store, layers) = image
            .layers(self.platform.as_ref(), self.remote.longest())
            .map_err(Failure::unusable)?;
        if self.annotations.is_some() {
            let problem =
                format!("{name}: --annotations needs a blob, found an image, whose manifests have the annotations");
            return Err(Failure::unusable(problem));
        }
        if self.toc.is_some() {
            return Err(Failure::unusable(format!("{name}: --toc needs a blob, found an image")));
        }
        let layers = match &self.pick {
            Some(pick) => pick.of(layers),
            None => layers,
        };
        if layers.is_empty() {
            return Err(Failure::Message(Exit::Nothing, format!("{name}: no layer matches")));
        }
        Ok(Opened {
            name,
            is_remote,
            longest: self.remote.longest(),
            limits: self.limits.limits(),
            kind: Kind::Image { store, layers },
        })
    }
}
