//! What an argument on the command line turned out to be: one blob, or an image.

use std::{io, path::Path};

use url::Url;

use super::{
    Exit, Failure, Format, descriptor,
    image_reference::transports,
    layer::{Aside, Identity, Layer, Seen},
    output::Printer,
    spool::spool,
    watched::Watched,
};
use crate::{
    format::{Limits, range::FileRange},
    image::{
        Blob, LayerRef, Store,
        http::{Client, HttpBlob},
    },
    report::{
        image::{self as report, OfImage},
        streamed::LayerReport as _,
    },
};

/// A layer or an image.
pub(super) struct Opened<'a> {
    /// The argument, as it was given.
    pub(super) name: String,
    /// Whether its layers are behind an address.
    pub(super) is_remote: bool,
    /// Most bytes of one that are fetched.
    pub(super) longest: u64,
    pub(super) limits: Limits,
    pub(super) kind: Kind<'a>,
}

/// Where a blob is.
pub(super) enum BlobAt<'a> {
    Path(&'a Path),
    Stdin,
    Address(Client, Url),
}

impl BlobAt<'_> {
    fn open(&self, name: &str, longest: u64) -> Result<Blob, Failure> {
        Ok(match self {
            Self::Path(path) => Box::new(FileRange::open(path).map_err(|error| absent(path, name, &error))?),
            Self::Stdin => {
                let spooled = spool(&mut io::stdin().lock(), longest);
                Box::new(spooled.map_err(|error| Failure::io(name, &error))?)
            }
            Self::Address(client, url) => Box::new(HttpBlob::open(client, url).map_err(Failure::unusable)?),
        })
    }
}

/// The error of a blob that is not there, with the ways to name something else if the name looks like one of them.
fn absent(path: &Path, name: &str, error: &io::Error) -> Failure {
    let hint = match path.to_str() {
        Some(text) if error.kind() == io::ErrorKind::NotFound => transports(text),
        // A pipe has no offsets.
        _ if error.kind() == io::ErrorKind::InvalidInput => Some("; `-` reads a layer from stdin".to_owned()),
        _ => None,
    };
    Failure::unusable(format!("{name}: {error}{}", hint.unwrap_or_default()))
}

/// A blob, with the files that say something about it.
pub(super) struct GivenBlob<'a> {
    pub(super) at: BlobAt<'a>,
    pub(super) annotations: Option<&'a Path>,
    /// Whether the annotations are given for several blobs.
    pub(super) is_one_of_several: bool,
    pub(super) toc: Option<&'a Path>,
}

pub(super) enum Kind<'a> {
    Blob(GivenBlob<'a>),
    Image {
        store: Box<dyn Store>,
        layers: Vec<LayerRef>,
    },
}

/// Takes a layer, with its number if it is one of an image, and why it is not read if it is not.
pub(super) type See<'s> = dyn FnMut(Option<usize>, &Layer, Option<Aside>) -> Result<(), Failure> + 's;

impl Opened<'_> {
    /// Checks that there is one layer, for which `what` asks.
    pub(super) fn is_one(&self, what: &str) -> Result<(), Failure> {
        match &self.kind {
            Kind::Image { layers, .. } if layers.len() != 1 => Err(Failure::unusable(format!(
                "{}: {what} needs one layer, found {}; select one with --layer",
                self.name,
                layers.len()
            ))),
            _ => Ok(()),
        }
    }

    /// The layer, where there is one.
    ///
    /// `what` asks for it.
    pub(super) fn only(&self, what: &str) -> Result<Layer, Failure> {
        self.is_one(what)?;
        let (store, named) = match &self.kind {
            Kind::Blob(given) => return self.blob(given),
            Kind::Image { store, layers } => match layers.first() {
                Some(named) => (store, named),
                None => return Err(Failure::unusable(format!("{}: no layer", self.name))),
            },
        };
        let mut layer = self.layer(store.as_ref(), named)?;
        let (exit, problem) = match layer.set_aside(&named.descriptor, Identity::Size)? {
            None => return Ok(layer),
            Some(Aside::Mismatched(problem)) => (Exit::Failures, problem),
            Some(Aside::Skipped(kind)) => (Exit::Nothing, format!("not a zstd:chunked layer: {kind}")),
        };
        Err(Failure::Message(exit, format!("{}: {problem}", layer.name)))
    }

    /// Hands out each layer in turn.
    pub(super) fn layers(&self, see: &mut See<'_>) -> Result<(), Failure> {
        let (store, layers) = match &self.kind {
            Kind::Blob(given) => {
                let mut layer = self.blob(given)?;
                layer.fetch()?;
                return see(None, &layer, None);
            }
            Kind::Image { store, layers } => (store, layers),
        };
        for (number, named) in (1..).zip(layers) {
            let mut layer = self.layer(store.as_ref(), named)?;
            let aside = layer.set_aside(&named.descriptor, Identity::Digest)?;
            see(Some(number), &layer, aside)?;
        }
        Ok(())
    }

    /// Looks at each layer in turn and prints the report. Layers of an image that are not zstd:chunked are skipped.
    pub(super) fn each(
        &self,
        printer: &mut Printer,
        format: Format,
        identity: Identity,
        look: &mut dyn for<'l> FnMut(&'l Layer) -> Result<Seen<'l>, Failure>,
    ) -> Result<Exit, Failure> {
        let (store, layers) = match &self.kind {
            Kind::Blob(given) => {
                let mut layer = self.blob(given)?;
                if identity == Identity::Digest {
                    layer.fetch()?;
                }
                let Seen { exit, report } = look(&layer)?;
                let unreadable = |error: &io::Error| layer.unreadable(error);
                match format {
                    Format::Terminal => printer.print(|out| report.text(out), unreadable)?,
                    Format::Json => printer.print(
                        |out| {
                            report.json().write(0, out)?;
                            out("\n")
                        },
                        unreadable,
                    )?,
                }
                return Ok(exit);
            }
            Kind::Image { store, layers } => (store, layers),
        };
        let mut exit = Exit::Nothing;
        if format == Format::Json {
            printer.print_text(&report::json_begin(&self.name))?;
        }
        for (at, named) in layers.iter().enumerate() {
            let mut layer = self.layer(store.as_ref(), named)?;
            let aside = layer.set_aside(&named.descriptor, identity)?;
            let Seen { exit: seen, report } = match aside {
                None => look(&layer)?,
                Some(Aside::Skipped(kind)) => Seen::short(Exit::Nothing, report::skipped(&layer.name, &kind)),
                Some(Aside::Mismatched(problem)) => {
                    // What is broken in it tells more than that its digest is another one.
                    let seen = match identity {
                        Identity::Digest if !layer.is_remote && layer.is_chunked()? => Some(look(&layer)?),
                        _ => None,
                    };
                    let inner = seen.filter(|seen| seen.exit == Exit::Failures).map(|seen| seen.report);
                    let name = &layer.name;
                    Seen {
                        exit: Exit::Failures,
                        report: Box::new(report::Mismatched { name, problem, inner }),
                    }
                }
            };
            let of_image = OfImage {
                layer: named,
                report: report.as_ref(),
                is_odd: named.of_docker && layer.is_zstd()?,
            };
            exit = match (exit, seen) {
                (Exit::Failures, _) | (_, Exit::Failures) => Exit::Failures,
                (Exit::Nothing, other) => other,
                (before, _) => before,
            };
            let unreadable = |error: &io::Error| layer.unreadable(error);
            match format {
                Format::Terminal => {
                    if at > 0 {
                        printer.print_text("\n")?;
                    }
                    printer.print(|out| of_image.text(out), unreadable)?;
                }
                Format::Json => printer.print(|out| report::json_layer(&of_image, at == 0, out), unreadable)?,
            }
        }
        if format == Format::Json {
            printer.print_text(&report::json_end())?;
        }
        Ok(exit)
    }

    /// The layer of a single blob.
    pub(super) fn blob(&self, given: &GivenBlob<'_>) -> Result<Layer, Failure> {
        let toc = match given.toc {
            Some(toc) => Some(FileRange::open(toc).map_err(|error| Failure::io(&toc.display().to_string(), &error))?),
            None => None,
        };
        let blob = given.at.open(&self.name, self.longest)?;
        let described = match given.annotations {
            Some(file) => Some(descriptor::read(file, blob.as_ref(), given.is_one_of_several)?),
            None => None,
        };
        let (annotations, media_type) = described
            .map(|described| (described.annotations, described.media_type))
            .unzip();
        Ok(Layer {
            name: self.name.clone(),
            is_remote: matches!(given.at, BlobAt::Address(..)),
            longest: self.longest,
            blob: Watched::new(blob),
            external_toc: toc,
            annotations,
            media_type: media_type.flatten(),
            diff_id: None,
            limits: self.limits,
        })
    }

    pub(super) fn layer(&self, store: &dyn Store, layer: &LayerRef) -> Result<Layer, Failure> {
        let LayerRef {
            descriptor, diff_id, ..
        } = layer;
        Ok(Layer {
            name: format!("{} {}", self.name, descriptor.digest),
            is_remote: self.is_remote,
            longest: self.longest,
            blob: Watched::new(store.blob(descriptor).map_err(Failure::unusable)?),
            external_toc: None,
            annotations: descriptor.annotations.clone(),
            media_type: Some(descriptor.media_type.clone()),
            diff_id: *diff_id,
            limits: self.limits,
        })
    }
}
