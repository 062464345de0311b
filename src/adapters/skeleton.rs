//! Skeletons of adapters, with the protocol beside them: what `chunkproof adapter new` writes.
//!
//! Everything is compiled in, so that it works in an empty folder.

use std::{
    fmt, fs,
    io::{self, Write as _},
    path::Path,
};

/// A language that adapters are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Python.
    Python,
    /// Go.
    Go,
    /// Rust.
    Rust,
    /// JavaScript, for Node.js.
    JavaScript,
    /// Java.
    Java,
    /// C.
    C,
}

/// What a skeleton is made of.
struct Skeleton {
    /// Paths and contents, the adapter first and then the protocol.
    files: &'static [(&'static str, &'static str)],
    /// The command that builds it; empty where nothing has to be built.
    build: &'static str,
    /// The command that starts it, in its folder.
    run: &'static str,
}

/// A file of `adapters/kit`.
macro_rules! kit {
    ($path:literal) => {
        include_str!(concat!("../../adapters/kit/", $path))
    };
}

impl Language {
    /// Every language.
    pub const ALL: &'static [Self] = &[
        Self::Python,
        Self::Go,
        Self::Rust,
        Self::JavaScript,
        Self::Java,
        Self::C,
    ];

    /// The name on the command line, which is that of the folder in `adapters/kit`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Go => "go",
            Self::Rust => "rust",
            Self::JavaScript => "javascript",
            Self::Java => "java",
            Self::C => "c",
        }
    }

    /// The command that builds an adapter in its folder; empty where nothing has to be built.
    pub const fn build(self) -> &'static str {
        self.skeleton().build
    }

    /// The command that starts an adapter in its folder.
    pub const fn run(self) -> &'static str {
        self.skeleton().run
    }

    const fn skeleton(self) -> Skeleton {
        match self {
            Self::Python => Skeleton {
                files: &[
                    ("adapter.py", kit!("python/skeleton/adapter.py")),
                    ("chunkproof_adapter.py", kit!("python/chunkproof_adapter.py")),
                ],
                build: "",
                run: "python3 adapter.py",
            },
            Self::Go => Skeleton {
                files: &[
                    ("main.go", kit!("go/skeleton/main.go")),
                    ("chunkproof/adapter.go", kit!("go/adapter.go")),
                    ("go.mod", kit!("go/skeleton/go.mod")),
                ],
                build: "go build -o adapter .",
                run: "./adapter",
            },
            Self::Rust => Skeleton {
                files: &[
                    ("src/main.rs", kit!("rust/skeleton/main.rs")),
                    ("src/chunkproof_adapter.rs", kit!("rust/chunkproof_adapter.rs")),
                    // A folder with a `Cargo.toml` would be left out of the package of this crate.
                    ("Cargo.toml", kit!("rust/skeleton/manifest.toml")),
                ],
                build: "cargo build --release",
                run: "target/release/adapter",
            },
            Self::JavaScript => Skeleton {
                files: &[
                    ("adapter.js", kit!("javascript/skeleton/adapter.js")),
                    ("chunkproof_adapter.js", kit!("javascript/chunkproof_adapter.js")),
                ],
                build: "",
                run: "node adapter.js",
            },
            Self::Java => Skeleton {
                files: &[
                    ("Main.java", kit!("java/skeleton/Main.java")),
                    ("ChunkproofAdapter.java", kit!("java/ChunkproofAdapter.java")),
                ],
                build: "javac -d classes Main.java ChunkproofAdapter.java",
                run: "java -cp classes Main",
            },
            Self::C => Skeleton {
                files: &[
                    ("adapter.c", kit!("c/skeleton/adapter.c")),
                    ("chunkproof_adapter.c", kit!("c/chunkproof_adapter.c")),
                    ("chunkproof_adapter.h", kit!("c/chunkproof_adapter.h")),
                ],
                build: "cc -std=c99 -O2 -o adapter adapter.c chunkproof_adapter.c",
                run: "./adapter",
            },
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Writes a skeleton into a folder, and returns the paths of the files in it.
///
/// # Errors
///
/// A file that is there already, and then nothing is written, or one that cannot be written; with its path.
pub fn write(language: Language, folder: &Path) -> Result<Vec<&'static str>, (String, io::Error)> {
    let skeleton = language.skeleton();
    let readme = readme(&skeleton);
    let files: Vec<(&str, &str)> = [("README.md", readme.as_str())]
        .into_iter()
        .chain(skeleton.files.iter().copied())
        .collect();
    let at = |path: &str, error| (folder.join(path).display().to_string(), error);
    for (path, _) in &files {
        if folder.join(path).symlink_metadata().is_ok() {
            return Err(at(path, io::ErrorKind::AlreadyExists.into()));
        }
    }
    for (path, text) in &files {
        let file = folder.join(path);
        let parent = file.parent().unwrap_or(folder);
        fs::create_dir_all(parent)
            .and_then(|()| fs::File::create_new(&file))
            .and_then(|mut created| created.write_all(text.as_bytes()))
            .map_err(|error| at(path, error))?;
    }
    let paths = skeleton.files.iter().map(|(path, _)| *path);
    Ok(paths.chain(["README.md"]).collect())
}

fn readme(skeleton: &Skeleton) -> String {
    let Skeleton { files, build, run } = skeleton;
    let names: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
    let (adapter, protocol) = (
        names.first().copied().unwrap_or_default(),
        names.get(1).copied().unwrap_or_default(),
    );
    let build = if build.is_empty() {
        String::new()
    } else {
        format!("    {build}\n")
    };
    format!(
        "An adapter for chunkproof. `{adapter}` is for you to fill in; `{protocol}` has the protocol.\n\n{build}    chunkproof adapter check \
         \"{run}\"\n    chunkproof run --impl \"{run}\"\n"
    )
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Language, write};

    #[test]
    fn nothing_is_overwritten() {
        for &language in Language::ALL {
            let folder = tempfile::tempdir().unwrap();
            let written = write(language, folder.path()).unwrap();
            let last = folder.path().join(written.last().unwrap());
            for path in &written {
                fs::remove_file(folder.path().join(path)).unwrap();
            }
            fs::write(&last, "mine").unwrap();
            let (path, _) = write(language, folder.path()).unwrap_err();
            assert_eq!(path, last.display().to_string());
            assert_eq!(fs::read_to_string(&last).unwrap(), "mine");
            assert!(!folder.path().join(written[0]).exists(), "{language}");
        }
    }
}
