//! What is put under test: a built-in implementation or a command line.

use std::fmt;

use super::{builtin::Name, protocol::Hello};

/// An implementation, as `--impl` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Implementation {
    spec: String,
    kind: Kind,
    /// Whether it is named as an adapter.
    is_adapter: bool,
    /// What tells this use of a version from others.
    variant: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Builtin(Name),
    /// This program, with these arguments.
    Own(Vec<String>),
    Command {
        program: String,
        arguments: Vec<String>,
    },
}

/// Why a text names no implementation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImplementationError(String);

impl fmt::Display for ImplementationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ImplementationError {}

impl Implementation {
    /// The implementation of this name or this command line.
    ///
    /// A command line is split at white space; quotes of both kinds keep white space together, and there are no escapes,
    /// variables or globs. No shell is involved.
    ///
    /// # Errors
    ///
    /// An empty command line, a quote that is not closed.
    pub fn parse(spec: &str) -> Result<Self, ImplementationError> {
        if let Ok(name) = spec.parse() {
            return Ok(Self::builtin(name));
        }
        let mut words = split(spec).ok_or_else(|| ImplementationError(format!("a quote is not closed in {spec:?}")))?;
        if words.is_empty() {
            return Err(ImplementationError(
                "the command of an implementation is empty".to_owned(),
            ));
        }
        Ok(Self {
            spec: spec.to_owned(),
            kind: Kind::Command {
                program: words.remove(0),
                arguments: words,
            },
            is_adapter: false,
            variant: None,
        })
    }

    /// A built-in implementation.
    pub fn builtin(name: Name) -> Self {
        Self {
            spec: name.as_str().to_owned(),
            kind: Kind::Builtin(name),
            is_adapter: false,
            variant: None,
        }
    }

    /// An adapter that `spec` names: a program with arguments, or arguments of this program if it is `own`.
    /// A `variant` becomes part of the version that it says it has.
    pub fn adapter(spec: String, mut command: Vec<String>, variant: Option<String>, own: bool) -> Self {
        let kind = if own || command.is_empty() {
            Kind::Own(command)
        } else {
            Kind::Command {
                program: command.remove(0),
                arguments: command,
            }
        };
        Self {
            spec,
            kind,
            is_adapter: true,
            variant,
        }
    }

    /// What it is, when its answer to the first request is this.
    pub(crate) fn named(&self, mut hello: Hello) -> Hello {
        if let Some(variant) = &self.variant {
            hello.version = format!("{}+{variant}", hello.version);
        }
        hello
    }

    /// The option of the command line that takes the text which names it.
    pub const fn option(&self) -> &'static str {
        if self.is_adapter { "--adapter" } else { "--impl" }
    }

    /// The text that names it.
    pub fn spec(&self) -> &str {
        &self.spec
    }

    /// Which built-in implementation it is, if it is one.
    pub const fn as_builtin(&self) -> Option<Name> {
        match self.kind {
            Kind::Builtin(name) => Some(name),
            Kind::Own(_) | Kind::Command { .. } => None,
        }
    }

    /// Program and arguments that start it. Built-in implementations are processes like all others.
    pub(super) fn command(&self) -> Result<(String, Vec<String>), String> {
        match &self.kind {
            Kind::Command { program, arguments } => Ok((program.clone(), arguments.clone())),
            Kind::Own(arguments) => Ok((this_program()?, arguments.clone())),
            Kind::Builtin(name) => {
                let arguments = ["adapter", "serve", name.as_str()];
                Ok((this_program()?, arguments.map(str::to_owned).to_vec()))
            }
        }
    }
}

fn this_program() -> Result<String, String> {
    let this = std::env::current_exe().map_err(|error| format!("cannot find this program: {error}"))?;
    let this = this.into_os_string().into_string();
    this.map_err(|path| format!("the path of this program is not UTF-8: {path:?}"))
}

/// The words of a command line; none if a quote is not closed.
fn split(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for letter in line.chars() {
        match quote {
            Some(open) if letter == open => quote = None,
            Some(_) => word.get_or_insert_default().push(letter),
            None if letter == '"' || letter == '\'' => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            None if letter.is_whitespace() => words.extend(word.take()),
            None => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::{Implementation, split};

    #[test]
    fn command_lines_are_split_at_white_space_outside_quotes() {
        for (line, words) in [
            ("a b", Some(vec!["a", "b"])),
            ("  a\t b ", Some(vec!["a", "b"])),
            ("a 'b c' \"d 'e\"", Some(vec!["a", "b c", "d 'e"])),
            ("a''b ''", Some(vec!["ab", ""])),
            ("a \\b", Some(vec!["a", "\\b"])),
            ("a 'b", None),
            (" ", Some(vec![])),
        ] {
            let expected = words.map(|words| words.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(split(line), expected, "{line}");
        }
    }

    #[test]
    fn names_of_built_in_implementations_come_first() {
        assert!(Implementation::parse("reference").unwrap().as_builtin().is_some());
        assert!(Implementation::parse("./reference").unwrap().as_builtin().is_none());
        assert!(Implementation::parse("").is_err());
    }
}
