//! Packs the set of vectors, which the feature `set` compiles into the program.
//!
//! Plain, the set would be two thirds of the program. `src/vectors/embedded.rs` names what is made here.

use std::io;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(feature = "set")]
    pack::all()?;
    Ok(())
}

#[cfg(feature = "set")]
mod pack {
    use std::{
        env,
        ffi::OsStr,
        fs,
        io::{self, Write as _},
        path::{Path, PathBuf},
    };

    use flate2::{Compression, write::DeflateEncoder};

    /// Packs each document in `vectors/` and each case file in `vectors/draft/` by itself, and all of `vectors/blobs/` together, with a
    /// list of names and lengths.
    pub(super) fn all() -> io::Result<()> {
        println!("cargo::rerun-if-changed=vectors");
        let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
        let is_case_file = |file: &PathBuf| file.to_string_lossy().contains("draft-");
        let drafts = files_in(Path::new("vectors/draft"))?.into_iter().filter(is_case_file);
        for file in files_in(Path::new("vectors"))?.into_iter().chain(drafts) {
            if file.extension() == Some(OsStr::new("json")) {
                let name = file.file_stem().unwrap_or_default();
                fs::write(out.join(name).with_extension("deflate"), pack(&fs::read(&file)?)?)?;
            }
        }
        let (mut blobs, mut list) = (Vec::new(), String::from("&[\n"));
        for file in files_in(Path::new("vectors/blobs"))? {
            let blob = fs::read(&file)?;
            let name = file.file_name().unwrap_or_default();
            list += &format!("    ({:?}, {}),\n", name.to_string_lossy(), blob.len());
            blobs.extend(blob);
        }
        fs::write(out.join("blobs.deflate"), pack(&blobs)?)?;
        fs::write(out.join("blobs.rs"), list + "]\n")
    }

    fn pack(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::default());
        packed.write_all(bytes)?;
        packed.finish()
    }

    /// The files in a folder, in the order of their names, so that the program is the same on every machine.
    fn files_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                files.push(entry.path());
            }
        }
        files.sort();
        Ok(files)
    }
}
