//! TOML files that people write, and the places in them that errors name.

use std::path::Path;

use serde::de::DeserializeOwned;

/// Reads a file with this text. Only the path's name is used.
///
/// # Errors
///
/// A sentence with the path and, if it is known, the line.
pub(crate) fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, String> {
    toml::from_str(text).map_err(|error: toml::de::Error| {
        let message = error.message().replace('\n', " ");
        let line = error.span().map(|span| format!(", line {}", line(text, span.start)));
        format!("{}{}: {message}", path.display(), line.unwrap_or_default())
    })
}

/// The sentence about something in the file that has an id and begins at this byte.
pub(crate) fn error(path: &Path, text: &str, at: usize, id: &str, sentence: &str) -> String {
    format!("{}, line {}, {id}: {sentence}", path.display(), line(text, at))
}

/// The number of the line in which this byte is.
fn line(text: &str, at: usize) -> usize {
    text.get(..at)
        .unwrap_or_default()
        .matches('\n')
        .count()
        .saturating_add(1)
}
