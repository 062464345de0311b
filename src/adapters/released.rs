//! Where implementations are released, and which release is the newest there.
//!
//! The program of each registry asks it, so that the settings of the machine count, such as those of a mirror.

use std::{fmt, process::Command};

use serde::Deserialize;

/// Where an implementation is released, as `released` in `adapter.toml` names it: `go:MODULE`, `crates:NAME`, `npm:NAME` or
/// `pypi:NAME`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Released {
    registry: Registry,
    name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Registry {
    Go,
    Crates,
    Npm,
    Pypi,
}

impl TryFrom<String> for Released {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (registry, name) = text.split_once(':').unwrap_or((&text, ""));
        let registry = match registry {
            "go" => Registry::Go,
            "crates" => Registry::Crates,
            "npm" => Registry::Npm,
            "pypi" => Registry::Pypi,
            _ => {
                return Err(format!(
                    "unknown registry {registry:?}: expected go, crates, npm or pypi"
                ));
            }
        };
        // The name becomes an argument of a program.
        let fit = |byte: u8| byte.is_ascii_alphanumeric() || b"./-_@".contains(&byte);
        if name.is_empty() || name.starts_with('-') || !name.bytes().all(fit) {
            return Err(format!("{name:?} is not the name of a package"));
        }
        Ok(Self {
            registry,
            name: name.to_owned(),
        })
    }
}

impl fmt::Display for Released {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Released {
    /// The newest release.
    ///
    /// # Errors
    ///
    /// A sentence: the program of the registry is missing, it fails, or its answer has no version.
    pub fn newest(&self) -> Result<String, String> {
        let name = &self.name;
        let words: &[&str] = match self.registry {
            Registry::Go => &["go", "list", "-m", "-f", "{{.Version}}", &format!("{name}@latest")],
            Registry::Crates => &["cargo", "info", "--quiet", name],
            Registry::Npm => &["npm", "view", name, "version"],
            Registry::Pypi => &["python3", "-m", "pip", "index", "versions", name],
        };
        let (program, arguments) = words.split_first().ok_or("no program")?;
        let answer = Command::new(program)
            .args(arguments)
            // A project in the current folder has nothing to say.
            .current_dir(std::env::temp_dir())
            .output()
            .map_err(|error| format!("{program} cannot be started: {error}"))?;
        let stdout = String::from_utf8_lossy(&answer.stdout);
        if !answer.status.success() {
            let stderr = String::from_utf8_lossy(&answer.stderr);
            let line = stderr.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
            return Err(format!("{program} failed with {}: {}", answer.status, line.trim()));
        }
        let version = self.version(&stdout);
        version.ok_or_else(|| format!("{program} names no version of {name}"))
    }

    /// The version in what the program of the registry has printed.
    fn version(&self, stdout: &str) -> Option<String> {
        let mut lines = stdout.lines();
        let version = match self.registry {
            Registry::Go | Registry::Npm => lines.next()?,
            // `version: 1.2.0`, perhaps with a remark.
            Registry::Crates => lines.find_map(|line| line.strip_prefix("version: "))?,
            // `name (1.2.0)`.
            Registry::Pypi => lines.next()?.split_once('(')?.1.split_once(')')?.0,
        };
        version.split_whitespace().next().map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::Released;

    fn released(text: &str) -> Result<Released, String> {
        text.to_owned().try_into()
    }

    #[test]
    fn a_place_is_a_registry_and_a_name() {
        for good in ["go:example.org/a/b", "crates:a-b", "npm:@scope/a", "pypi:a"] {
            assert!(released(good).is_ok(), "{good}");
        }
        for (bad, problem) in [
            ("gem:a", "unknown registry \"gem\": expected go, crates, npm or pypi"),
            ("a", "unknown registry \"a\""),
            ("npm:", "\"\" is not the name"),
            ("go:--config=a", "\"--config=a\" is not the name"),
            ("go:a b", "\"a b\" is not the name"),
        ] {
            let error = released(bad).unwrap_err();
            assert!(error.starts_with(problem), "{bad}: {error}");
        }
    }

    #[test]
    fn the_answer_of_each_registry_has_a_version() {
        for (place, stdout, expected) in [
            ("go:a", "v1.20.4\n", Some("v1.20.4")),
            ("npm:a", "0.1.1\n", Some("0.1.1")),
            (
                "crates:a",
                "a #tag\nabout it\nversion: 0.9.4 (latest 1.0.0)\nlicense: MIT\n",
                Some("0.9.4"),
            ),
            (
                "pypi:a",
                "a (0.25.0)\nAvailable versions: 0.25.0, 0.24.0\n",
                Some("0.25.0"),
            ),
            ("pypi:a", "nothing\n", None),
            ("crates:a", "", None),
            ("npm:a", "\n", None),
        ] {
            let version = released(place).unwrap().version(stdout);
            assert_eq!(version.as_deref(), expected, "{place}: {stdout}");
        }
    }
}
