//! Opening layers, as `inspect`, `verify`, `index` and `reconstruct` do: one blob, or those of an image.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use url::Url;

use super::{
    Exit, Failure, descriptor,
    image_reference::{ImageReference, Pick},
    limits::LimitArgs,
    output::{Printer, To, print_file, print_report, value},
    remote::{self, RemoteArgs},
    watched::{Watched, copy},
};
use crate::{
    format::{
        BlobKind, Digest, Extent, Findings, Limits,
        annotations::{self, NamedIndex},
        estargz,
        footer::{Layout, TAIL},
        layer::{Compression, Source},
        range::{FileRange, ReadAt},
    },
    image::{
        Blob, Descriptor, LayerRef, Platform, Store,
        http::{Client, HttpBlob, Shown},
    },
    report::{
        image::{self as report, OfImage},
        streamed::{LayerReport, Short},
    },
};

/// Layers on the command line.
#[derive(Debug, clap::Args)]
pub(super) struct LayerArgs {
    /// The compressed layer, as a file or a URL, or an image, of which every layer is read: the directory of an OCI
    /// image layout, `oci:DIR:NAME` or `oci:DIR@DIGEST`, or in a registry `docker://HOST/NAME:TAG` or
    /// `docker://HOST/NAME@DIGEST`.
    layer: PathBuf,
    /// A JSON map of the annotations of its descriptor, or an OCI descriptor or manifest that holds them. It is an error if
    /// none of them is of zstd:chunked or eStargz. Without this option the footer is used, and nothing authenticates the
    /// index. An image has its own annotations.
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
        let others = [&self.annotations, &self.toc].into_iter().flatten();
        others.chain([&self.layer]).map(PathBuf::as_path).collect()
    }

    pub(super) fn open(&self) -> Result<Opened<'_>, Failure> {
        let argument = self.layer.to_str().unwrap_or_default();
        let address = remote::address(argument).transpose()?;
        let name = match &address {
            Some(address) => Shown(address).to_string(),
            None => self.layer.display().to_string(),
        };
        let image = match remote::reference(argument).transpose()? {
            Some(reference) => Some(ImageReference::Registry(Box::new(self.remote.registry(reference)?))),
            None if address.is_some() => None,
            None => ImageReference::of(&self.layer),
        };
        let Some(image) = image else {
            if self.pick.is_some() || self.platform.is_some() {
                let problem = format!("{name}: --layer and --platform need an image, found a blob");
                return Err(Failure::unusable(problem));
            }
            let is_remote = address.is_some();
            let blob = match address {
                Some(address) => BlobAt::Address(self.remote.client(), address),
                None => BlobAt::Path(&self.layer),
            };
            let kind = Kind::Blob {
                blob,
                annotations: self.annotations.as_deref(),
                toc: self.toc.as_deref(),
            };
            return Ok(Opened {
                name,
                is_remote,
                longest: self.remote.longest(),
                limits: self.limits.limits(),
                kind,
            });
        };
        if self.annotations.is_some() {
            let problem =
                format!("{name}: --annotations needs a blob, found an image, whose manifests have the annotations");
            return Err(Failure::unusable(problem));
        }
        if self.toc.is_some() {
            return Err(Failure::unusable(format!("{name}: --toc needs a blob, found an image")));
        }
        let is_remote = matches!(image, ImageReference::Registry(_));
        let (store, layers) = image.layers(self.platform.as_ref()).map_err(Failure::unusable)?;
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

/// What an argument turned out to be.
pub(super) struct Opened<'a> {
    /// The argument, as it was given.
    name: String,
    /// Whether its layers are behind an address.
    is_remote: bool,
    /// Most bytes of one that are fetched.
    longest: u64,
    limits: Limits,
    kind: Kind<'a>,
}

/// Where a blob is.
enum BlobAt<'a> {
    Path(&'a Path),
    Address(Client, Url),
}

impl BlobAt<'_> {
    fn open(&self, name: &str) -> Result<Blob, Failure> {
        Ok(match self {
            Self::Path(path) => Box::new(FileRange::open(path).map_err(|error| Failure::io(name, &error))?),
            Self::Address(client, url) => Box::new(HttpBlob::open(client, url).map_err(Failure::unusable)?),
        })
    }
}

enum Kind<'a> {
    Blob {
        blob: BlobAt<'a>,
        annotations: Option<&'a Path>,
        toc: Option<&'a Path>,
    },
    Image {
        store: Box<dyn Store>,
        layers: Vec<LayerRef>,
    },
}

/// How far the blob of a layer has to be the one that the manifest names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// In size, for those who read a part of it.
    Size,
    /// In its digest as well.
    Digest,
}

/// The index that annotations name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    ZstdChunked,
    EStargz,
}

/// What looking at a layer came to.
pub(super) struct Seen<'l> {
    pub(super) exit: Exit,
    pub(super) report: Box<dyn LayerReport + 'l>,
}

impl Seen<'_> {
    /// A short report.
    pub(super) fn short(exit: Exit, report: Short) -> Self {
        Self {
            exit,
            report: Box::new(report),
        }
    }
}

impl Opened<'_> {
    /// The layer, where there is one.
    ///
    /// `what` asks for it.
    pub(super) fn only(&self, what: &str) -> Result<Layer, Failure> {
        match &self.kind {
            Kind::Blob { blob, annotations, toc } => self.blob(blob, *annotations, *toc),
            Kind::Image { store, layers } => match layers.as_slice() {
                [named] => {
                    let layer = self.layer(store.as_ref(), named)?;
                    match named.descriptor.mismatch(layer.blob.size(), None) {
                        Some(problem) => {
                            let problem = format!("{}: {problem}", layer.name);
                            Err(Failure::Message(Exit::Failures, problem))
                        }
                        None => Ok(layer),
                    }
                }
                _ => Err(Failure::unusable(format!(
                    "{}: {what} needs one layer, found {}; select one with --layer",
                    self.name,
                    layers.len()
                ))),
            },
        }
    }

    /// Looks at each layer in turn and reports it. Layers of an image that are not zstd:chunked are skipped.
    pub(super) fn each<'v>(
        &self,
        to: impl Into<To<'v>>,
        identity: Identity,
        mut look: impl for<'l> FnMut(&'l Layer) -> Result<Seen<'l>, Failure>,
    ) -> Result<Exit, Failure> {
        let mut to = to.into();
        let (store, layers) = match &self.kind {
            Kind::Blob { blob, annotations, toc } => {
                let mut layer = self.blob(blob, *annotations, *toc)?;
                if identity == Identity::Digest {
                    layer.fetch()?;
                }
                let Seen { exit, report } = look(&layer)?;
                let unreadable = |error: &io::Error| layer.unreadable(error);
                match to {
                    To::Terminal => Printer::text().print(|out| report.text(out), unreadable)?,
                    To::Json => print_report(report.as_ref(), unreadable)?,
                    To::List(list) => list.push(value(report.as_ref()).map_err(|error| layer.unreadable(&error))?),
                }
                return Ok(exit);
            }
            Kind::Image { store, layers } => (store, layers),
        };
        let mut exit = Exit::Nothing;
        // If a later layer cannot be read, no JSON is printed.
        let whole = match to {
            To::Terminal | To::List(_) => None,
            To::Json => Some(tempfile::tempfile().map_err(|error| Failure::io("temporary file", &error))?),
        };
        let mut printer = match &whole {
            None => Printer::text(),
            Some(file) => Printer::json_to(file)?,
        };
        if whole.is_some() {
            printer.print_text(&report::json_begin(&self.name))?;
        }
        for (at, named) in layers.iter().enumerate() {
            let mut layer = self.layer(store.as_ref(), named)?;
            let aside = layer.set_aside(&named.descriptor, identity)?;
            let Seen { exit: seen, report } = match aside {
                Some(seen) => seen,
                None => look(&layer)?,
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
            match &mut to {
                To::Terminal => {
                    if at > 0 {
                        printer.print_text("\n")?;
                    }
                    printer.print(|out| of_image.text(out), unreadable)?;
                }
                To::Json => printer.print(|out| report::json_layer(&of_image, at == 0, out), unreadable)?,
                To::List(list) => list.push(value(&of_image).map_err(|error| layer.unreadable(&error))?),
            }
        }
        if let Some(file) = whole {
            printer.print_text(&report::json_end())?;
            print_file(file)?;
        }
        Ok(exit)
    }

    /// The layer of a single blob.
    fn blob(&self, at: &BlobAt<'_>, annotations: Option<&Path>, toc: Option<&Path>) -> Result<Layer, Failure> {
        let toc = match toc {
            Some(toc) => Some(FileRange::open(toc).map_err(|error| Failure::io(&toc.display().to_string(), &error))?),
            None => None,
        };
        let blob = at.open(&self.name)?;
        let described = match annotations {
            Some(file) => Some(descriptor::read(file, blob.as_ref()).map_err(Failure::unusable)?),
            None => None,
        };
        let (annotations, media_type) = described
            .map(|described| (described.annotations, described.media_type))
            .unzip();
        Ok(Layer {
            name: self.name.clone(),
            is_remote: matches!(at, BlobAt::Address(..)),
            longest: self.longest,
            blob: Watched::new(blob),
            external_toc: toc,
            annotations,
            media_type: media_type.flatten(),
            diff_id: None,
            limits: self.limits,
        })
    }

    fn layer(&self, store: &dyn Store, layer: &LayerRef) -> Result<Layer, Failure> {
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

/// An open layer.
pub(super) struct Layer {
    /// What it is called: the path, as it was given, or image and digest.
    pub(super) name: String,
    /// Whether every read is a request to a server.
    pub(super) is_remote: bool,
    longest: u64,
    blob: Watched,
    external_toc: Option<FileRange>,
    annotations: Option<BTreeMap<String, String>>,
    /// The media type that the descriptor gives.
    media_type: Option<String>,
    /// The DiffID that the image's configuration gives.
    diff_id: Option<Digest>,
    limits: Limits,
}

impl Layer {
    /// The layer for the library, with this DiffID or else that of its image.
    pub(super) fn source(&self, diff_id: Option<Digest>) -> Source<'_> {
        Source {
            media_type: self.media_type.as_deref(),
            diff_id: diff_id.or(self.diff_id),
            limits: self.limits,
            ..Source::new(&self.blob, self.annotations.as_ref())
        }
    }

    /// The blob of an external TOC, where one was given.
    pub(super) fn external_toc(&self) -> Option<&dyn ReadAt> {
        let toc = self.external_toc.as_ref()?;
        Some(toc)
    }

    /// Whether it is a layer of eStargz: it begins as a gzip member does, and no annotation says that it is zstd:chunked.
    pub(super) fn is_estargz(&self) -> Result<bool, Failure> {
        let is_annotated = self.index() == Some(Named::ZstdChunked);
        let is_gzip = estargz::is_gzip(&self.blob).map_err(|error| self.unreadable(&error))?;
        Ok(is_gzip && !is_annotated)
    }

    /// Which index the annotations name; none if they name none, or are broken.
    fn index(&self) -> Option<Named> {
        match annotations::parse(self.annotations.as_ref()?, &mut Findings::new())? {
            NamedIndex::ZstdChunked(_) => Some(Named::ZstdChunked),
            NamedIndex::EStargz(_) => Some(Named::EStargz),
            NamedIndex::None => None,
        }
    }

    /// Takes the progress away, once the layer has been read and before something is printed.
    pub(super) fn finish(&self) {
        self.blob.done();
    }

    /// Takes the progress away for good: what is read from now on is printed at once.
    pub(super) fn quiet(&self) {
        self.blob.quiet();
    }

    /// The error of a layer that could be opened and not be read.
    pub(super) fn unreadable(&self, error: &io::Error) -> Failure {
        Failure::io(&self.name, error)
    }

    /// Gets the whole blob of a layer behind an address, once, for those who go over it several times.
    fn fetch(&mut self) -> Result<(), Failure> {
        if !self.is_remote {
            return Ok(());
        }
        if self.blob.size() > self.longest {
            let (size, longest) = (self.blob.size(), self.longest);
            let problem = format!(
                "{}: the layer has {size} bytes, at most {longest} are fetched (--max-blob)",
                self.name
            );
            return Err(Failure::unusable(problem));
        }
        let fetched = copy(&self.blob);
        self.finish();
        let file = fetched.map_err(|error| self.unreadable(&error))?;
        self.blob = Watched::new(Box::new(file));
        self.is_remote = false;
        Ok(())
    }

    /// Whether the blob is compressed with zstd, by its first bytes.
    fn is_zstd(&self) -> Result<bool, Failure> {
        let found = Compression::of_blob(&self.blob).map_err(|error| self.unreadable(&error))?;
        self.finish();
        Ok(found == Some(Compression::Zstd))
    }

    /// The report about a layer that is not read: its blob is not the one of its descriptor, or is not zstd:chunked.
    fn set_aside(&mut self, descriptor: &Descriptor, identity: Identity) -> Result<Option<Seen<'static>>, Failure> {
        let mut problem = descriptor.mismatch(self.blob.size(), None);
        let chunked = self.is_chunked().map_err(|error| self.unreadable(&error))?;
        if problem.is_none() && chunked && identity == Identity::Digest {
            self.fetch()?;
            let digest = descriptor::hash(&self.blob).map_err(|error| self.unreadable(&error))?;
            problem = descriptor.mismatch(self.blob.size(), Some(digest));
        }
        self.finish();
        Ok(match problem {
            Some(problem) => Some(Seen::short(Exit::Failures, report::mismatched(&self.name, &problem))),
            None if !chunked => {
                let kind = BlobKind::of(&self.blob).map_err(|error| self.unreadable(&error))?;
                self.finish();
                Some(Seen::short(Exit::Nothing, report::skipped(&self.name, &kind)))
            }
            None => None,
        })
    }

    /// Whether annotations or a footer name an index of zstd:chunked or of eStargz, be it a broken one.
    fn is_chunked(&self) -> io::Result<bool> {
        if estargz::is_gzip(&self.blob)? {
            let size = self.blob.size();
            let tail = Extent::between(size.saturating_sub(estargz::TAIL), size)
                .map_or(Ok(Vec::new()), |tail| self.blob.read_extent(tail))?;
            let footer = estargz::parse_footer(&tail, size, &mut Findings::new());
            return Ok(footer.is_some() || self.index().is_some());
        }
        let annotated = self.annotations.as_ref().is_some_and(|map| {
            let index = annotations::parse(map, &mut Findings::new());
            !matches!(index, Some(NamedIndex::None | NamedIndex::EStargz(_)))
        });
        if annotated || self.blob.size() < TAIL {
            return Ok(annotated);
        }
        let mut magic = [0; 8];
        self.blob
            .read_exact_at(&mut magic, self.blob.size().saturating_sub(8))?;
        Ok(Layout::ALL.iter().any(|layout| layout.magic() == magic))
    }
}

/// Reads a DiffID.
pub(super) fn parse_digest(text: &str) -> Result<Digest, String> {
    text.parse()
        .map_err(|_| "expected `sha256:` and 64 lower-case hexadecimal digits".to_owned())
}
