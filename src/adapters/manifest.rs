//! `adapter.toml`.

use std::{collections::BTreeMap, fmt, path::PathBuf, str::FromStr};

use serde::Deserialize;

use super::released::Released;
use crate::vectors::{LayerFormat, Op};

/// What `adapter.toml` says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// What is under test, in one line.
    pub about: String,
    /// The language that it is written in.
    pub language: String,
    /// Where it comes from.
    pub homepage: String,
    /// Where its releases are, if a registry has them.
    pub released: Option<Released>,
    /// Whether the gate leaves it to the nightly run, which has more time.
    #[serde(default)]
    pub nightly: bool,
    /// Programs that have to be on the path to build or to run it.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Files and folders outside the adapter's folder of which it is built, as paths from there.
    #[serde(default)]
    pub sources: Vec<PathBuf>,
    /// Commands that build it, in the adapter's folder. No shell is involved.
    #[serde(default)]
    pub build: Vec<Vec<String>>,
    /// Variables of the environment for these commands.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Program and arguments of an adapter that speaks the protocol.
    #[serde(default)]
    pub run: Vec<String>,
    /// How a command-line tool is used, instead of `run`.
    #[serde(default, rename = "tool")]
    pub tools: Vec<Tool>,
    /// The command that prints the version of an installed tool.
    #[serde(default)]
    pub version_from: Vec<String>,
    /// The version of an installed tool that `expected.toml` is about.
    pub expected_of: Option<String>,
    /// The versions, the newest first.
    pub versions: Vec<Version>,
}

/// A version.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// Its name.
    pub version: String,
    /// What tells it from another use of the same version, such as a second interface of a library.
    pub variant: Option<String>,
    /// Placeholders of its own.
    #[serde(default)]
    pub with: BTreeMap<String, String>,
}

impl Version {
    /// The version, with a plus sign and the variant if it has one.
    pub fn id(&self) -> String {
        match &self.variant {
            Some(variant) => format!("{}+{variant}", self.version),
            None => self.version.clone(),
        }
    }
}

/// How a command-line tool does an operation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// The operation.
    pub op: Op,
    /// The dialects that it reads.
    pub dialects: Vec<LayerFormat>,
    /// Program and arguments. No shell is involved.
    pub command: Vec<String>,
    /// Where its output is.
    pub output: Place,
    /// Exit codes that are crashes, such as that of a panic; a signal always is. 0 is to accept, and any other to reject.
    #[serde(default)]
    pub crash: Vec<i32>,
}

/// Where the output of a tool is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// On stdout.
    Stdout,
    /// In the file `{output}`.
    File,
    /// In the file `{output}`, which is gzip.
    GzipFile,
    /// In the OCI image layout `{output}`, whose one image has one layer.
    Oci,
}

/// What is wrong with an `adapter.toml`, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestError(String);

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ManifestError {}

impl FromStr for Manifest {
    type Err = ManifestError;

    fn from_str(text: &str) -> Result<Self, ManifestError> {
        let manifest: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().and_then(|span| text.get(..span.start));
            let line = line.map(|before| before.matches('\n').count().saturating_add(1));
            let message = error.message().replace('\n', " ");
            ManifestError(line.map_or_else(|| message.clone(), |line| format!("line {line}: {message}")))
        })?;
        match manifest.problem() {
            Some(problem) => Err(ManifestError(problem)),
            None => Ok(manifest),
        }
    }
}

impl Manifest {
    fn problem(&self) -> Option<String> {
        let Some(first) = self.versions.first() else {
            return Some("no version is listed".to_owned());
        };
        if self.run.is_empty() == self.tools.is_empty() {
            return Some("expected either `run` or at least one `[[tool]]`".to_owned());
        }
        if self
            .build
            .iter()
            .chain(self.tools.iter().map(|tool| &tool.command))
            .any(Vec::is_empty)
        {
            return Some("a command is empty".to_owned());
        }
        self.versions.iter().enumerate().find_map(|(index, version)| {
            let name = &version.id();
            // It becomes the name of a folder.
            let fit = |byte: u8| byte.is_ascii_alphanumeric() || b".-_+".contains(&byte);
            if name.is_empty() || name.starts_with('.') || !name.bytes().all(fit) {
                return Some(format!(
                    "{name:?} is not a version: expected letters, digits, `.`, `-`, `_` and `+`"
                ));
            }
            if self.versions.iter().take(index).any(|earlier| earlier.id() == *name) {
                return Some(format!("duplicate version {name}"));
            }
            if !version.with.keys().eq(first.with.keys()) {
                return Some(format!(
                    "the version {name} has other placeholders than {}",
                    first.version
                ));
            }
            None
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Manifest;

    const GOOD: &str = r#"
about = "a decoder"
language = "c"
homepage = "https://example.org"
run = ["{out}/adapter"]
[[versions]]
version = "v1.2.0-rc.1"
with = { tags = "new" }
[[versions]]
version = "v1.1.0"
with = { tags = "old" }
"#;

    #[test]
    fn what_is_wrong_is_said() {
        assert!(GOOD.parse::<Manifest>().is_ok());
        for (from, to, problem) in [
            ("run = ", "runs = ", "line 5: unknown field `runs`"),
            (
                r#"run = ["{out}/adapter"]"#,
                "",
                "expected either `run` or at least one `[[tool]]`",
            ),
            ("\"v1.1.0\"", "\"v1.2.0-rc.1\"", "duplicate version v1.2.0-rc.1"),
            ("\"v1.1.0\"", "\"../v1\"", "\"../v1\" is not a version"),
            (
                "{ tags = \"old\" }",
                "{}",
                "the version v1.1.0 has other placeholders than v1.2.0-rc.1",
            ),
            ("run = ", "build = [[]]\nrun = ", "a command is empty"),
            (
                "run = ",
                "released = \"gem:a\"\nrun = ",
                "line 5: unknown registry \"gem\"",
            ),
        ] {
            let error = GOOD.replace(from, to).parse::<Manifest>().unwrap_err().to_string();
            assert!(error.starts_with(problem), "{error}, expected {problem}");
        }
    }
}
