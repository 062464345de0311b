//! The files that are measured on, and the command lines of ours.

use std::{
    fs::{self, File},
    io::{self, BufWriter},
    path::{Path, PathBuf},
};

use crate::{
    measure::Line,
    tar::{self, Made, Size},
};

/// A tar with its layer, and a folder for what commands write.
pub struct Work {
    pub ours: PathBuf,
    pub folder: PathBuf,
    pub made: Made,
    pub tar: PathBuf,
    pub layer: PathBuf,
    pub annotations: PathBuf,
    /// Cores that our commands may use; all, if none are named.
    pub cores: Option<usize>,
}

impl Work {
    /// Makes tar and layer in a folder of this name.
    pub fn make(ours: &Path, folder: &Path, name: &str, size: Size) -> Result<Self, String> {
        let folder = folder.join(name);
        let failed = |error: io::Error| format!("{}: {error}", folder.display());
        fs::create_dir(&folder).map_err(failed)?;
        let tar = folder.join("layer.tar");
        let out = File::create(&tar).map_err(failed)?;
        let made = tar::make(BufWriter::with_capacity(1 << 20, out), size).map_err(failed)?;
        let work = Self {
            ours: ours.to_owned(),
            made,
            tar,
            layer: folder.join("layer.tar.zst"),
            annotations: folder.join("annotations.json"),
            folder,
            cores: None,
        };
        work.write(3, &work.layer, &work.annotations).run()?;
        Ok(work)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub fn line(&self) -> Line {
        let mut line = Line::new(&self.ours);
        line.cores = self.cores;
        line
    }

    /// A command that reads the layer.
    pub fn read(&self, command: &str) -> Line {
        self.line()
            .with([command])
            .with([&self.layer])
            .with(["--annotations"])
            .with([&self.annotations])
    }

    pub fn reconstruct(&self) -> Line {
        self.read("reconstruct").with(["-o", "-"])
    }

    pub fn write(&self, level: i32, layer: &Path, annotations: &Path) -> Line {
        let line = self.line().with(["write"]).with([&self.tar]).with(["-o"]).with([layer]);
        line.with(["--annotations"])
            .with([annotations])
            .with(["--level", &level.to_string()])
    }

    pub fn disassemble(&self) -> Line {
        let line = self
            .line()
            .with(["tarsplit", "disassemble", "--output"])
            .with([self.path("tar-split.json.gz")]);
        line.with([&self.tar])
    }

    pub fn assemble(&self) -> Line {
        let line = self
            .line()
            .with(["tarsplit", "assemble", "--input"])
            .with([self.path("tar-split.json.gz")]);
        line.with(["--path"]).with([self.path("files")])
    }

    /// Unpacks the tar, for those who put it together again.
    pub fn unpack(&self) -> Result<(), String> {
        let files = self.path("files");
        let unpacked = File::open(&self.tar).and_then(|file| ::tar::Archive::new(file).unpack(&files));
        unpacked.map_err(|error| format!("{}: {error}", files.display()))
    }
}
