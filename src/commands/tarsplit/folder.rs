//! Files below a folder, and none outside of it.
//!
//! A tar-split comes from the maker of the layer, so its names are hostile input. They are taken as paths from the
//! folder, as Go does: `/a` is `a` below it. Where Go would follow `../a`, or a symbolic link that leads out, there is no
//! file here. Links that stay inside are followed, since a tar can put a file into a linked directory.

use std::{
    cell::Cell,
    ffi::OsStr,
    fs::{self, File},
    io::{self, Read},
    os::{fd::OwnedFd, unix::ffi::OsStrExt as _},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{Mode, OFlags, open, openat},
    io::Errno,
};

use crate::format::{
    Findings,
    path::go_clean,
    tarsplit::{self, Delivery, Files},
};

/// The files of an unpacked tar.
pub(super) struct Folder<'a> {
    /// Without symbolic links.
    path: PathBuf,
    handle: OwnedFd,
    /// The first file that is there and could not be read.
    pub(super) failure: Option<(PathBuf, io::Error)>,
    /// Whether nobody wants any more files.
    pub(super) stopped: &'a Cell<bool>,
    /// For what is read of a file.
    buffer: Vec<u8>,
}

impl<'a> Folder<'a> {
    pub(super) fn open(path: &Path, stopped: &'a Cell<bool>) -> io::Result<Self> {
        let path = fs::canonicalize(path)?;
        let handle = open(&path, OFlags::DIRECTORY | READ, Mode::empty())?;
        Ok(Self {
            path,
            handle,
            failure: None,
            stopped,
            buffer: vec![0; PIECE],
        })
    }

    /// Opens a file by its name in the tar-split; none if there is no such file below the folder.
    fn file(&self, name: &Path) -> io::Result<Option<File>> {
        let found = match self.open_below(name) {
            Some(file) => Ok(file),
            None => self.resolve(name).and_then(|path| self.walk(&path)),
        };
        match found {
            Ok(file) if file.metadata()?.is_file() => Ok(Some(file)),
            Ok(_) => Ok(None),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Opens a file in one step, where the system can and no part of the path leads out, not even to come back.
    #[cfg(target_os = "linux")]
    fn open_below(&self, name: &Path) -> Option<File> {
        use rustix::fs::{ResolveFlags, openat2};

        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        let file = openat2(&self.handle, name, READ | OFlags::NONBLOCK, Mode::empty(), resolve);
        file.ok().map(Into::into)
    }

    #[cfg(not(target_os = "linux"))]
    const fn open_below(&self, _: &Path) -> Option<File> {
        None
    }

    /// The path of a file from the folder, without symbolic links.
    fn resolve(&self, name: &Path) -> io::Result<PathBuf> {
        if name.starts_with("..") {
            return Err(io::ErrorKind::NotFound.into());
        }
        let path = fs::canonicalize(self.path.join(name))?;
        path.strip_prefix(&self.path)
            .map(Path::to_owned)
            .map_err(|_| io::ErrorKind::NotFound.into())
    }

    /// Opens one component after another and follows no link, so that a link that has been put in the way since does
    /// not lead out either.
    fn walk(&self, path: &Path) -> io::Result<File> {
        // A named pipe is no reason to wait.
        let flags = READ | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let mut at = openat(&self.handle, ".", flags, Mode::empty())?;
        for component in path {
            at = openat(&at, component, flags, Mode::empty())?;
        }
        Ok(at.into())
    }
}

const READ: OFlags = OFlags::RDONLY.union(OFlags::CLOEXEC);

/// Whether the error says that there is no such file.
fn is_absent(error: &io::Error) -> bool {
    match Errno::from_io_error(error) {
        // The last is what opening a socket gives.
        Some(errno) => matches!(
            errno,
            Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::NAMETOOLONG | Errno::NXIO
        ),
        // A name with a NUL never gets to the system.
        None => matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidInput),
    }
}

impl Files for Folder<'_> {
    fn deliver(&mut self, file: &tarsplit::File, _: &mut Findings, sink: &mut dyn FnMut(&[u8]) -> bool) -> Delivery {
        if self.stopped.get() {
            return Delivery::Failed;
        }
        let name = go_clean(&file.name);
        let name = name.strip_prefix(b"/").unwrap_or(&name);
        let name = Path::new(OsStr::from_bytes(name));
        let delivered = match self.file(name) {
            Ok(None) => return Delivery::NoFile,
            Ok(Some(file)) => copy(file, &mut self.buffer, sink),
            Err(error) => Err(error),
        };
        match delivered {
            Ok(()) => Delivery::Done,
            Err(error) => {
                self.failure = Some((self.path.join(name), error));
                self.stopped.set(true);
                Delivery::Failed
            }
        }
    }
}

/// Bytes of a file that are read at a time.
const PIECE: usize = 1 << 18;

fn copy(mut file: File, buffer: &mut [u8], sink: &mut dyn FnMut(&[u8]) -> bool) -> io::Result<()> {
    loop {
        match file.read(buffer) {
            Ok(0) => return Ok(()),
            Ok(length) if sink(buffer.get(..length).unwrap_or_default()) => {}
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
