//! The file of a snapshot, by the name of what it is of.

use std::path::Path;

use crate::commands::file::is_stream;

/// The end of each name.
pub(super) const EXTENSION: &str = ".txt";

/// The file for a layer, which has a number if it is one of an image.
pub(super) fn of(argument: &Path, number: Option<usize>) -> String {
    let text = argument.to_string_lossy();
    let own = if is_stream(argument) {
        "stdin".into()
    } else {
        own_name(&text)
    };
    let own = match number {
        None => without_extension(&own),
        Some(_) => &own,
    };
    let mut name: String = own
        .chars()
        .map(|letter| match letter {
            '.' | '_' | '-' => letter,
            letter if letter.is_ascii_alphanumeric() => letter,
            _ => '-',
        })
        .collect();
    // No file is hidden, and none has only an extension.
    if name.is_empty() || name.starts_with('.') {
        name.insert(0, '_');
    }
    if let Some(number) = number {
        name += &format!(".{number}");
    }
    name + EXTENSION
}

/// What is left of an argument without the folders in front of a path, and without a transport.
fn own_name(argument: &str) -> String {
    if let Some(reference) = argument.strip_prefix("docker://") {
        return reference.to_owned();
    }
    let address = ["http://", "https://"]
        .iter()
        .find_map(|scheme| argument.strip_prefix(scheme));
    if let Some(address) = address {
        let path = address.split(['?', '#']).next().unwrap_or_default();
        return path.rsplit('/').next().unwrap_or_default().to_owned();
    }
    let transport = ["oci:", "oci-archive:", "docker-archive:"]
        .iter()
        .find_map(|transport| argument.strip_prefix(transport));
    let (path, name) = match (transport, argument.strip_prefix("dir:")) {
        (Some(rest), _) => rest.find([':', '@']).map_or((rest, ""), |at| rest.split_at(at)),
        (None, Some(folder)) => (folder, ""),
        (None, None) => (argument, ""),
    };
    let file = Path::new(path).file_name().unwrap_or_default();
    format!("{}{name}", file.to_string_lossy())
}

/// A name without what tells that it is a layer.
fn without_extension(name: &str) -> &str {
    let extensions = [".tar.zst", ".tar.zstd", ".tar.gz", ".tgz", ".zst", ".gz", ".tar"];
    let found = extensions.iter().find_map(|extension| name.strip_suffix(extension));
    found.filter(|name| !name.is_empty()).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::of;

    #[test]
    fn names_are_those_of_files_and_images() {
        for (argument, number, expected) in [
            ("layer.tar.zst", None, "layer.txt"),
            ("a/b/base.tar", None, "base.txt"),
            ("-", None, "stdin.txt"),
            (".zst", None, "_.zst.txt"),
            ("na\u{ef}ve layer", None, "na-ve-layer.txt"),
            ("https://host/a/layer.zst?x=1", None, "layer.txt"),
            ("images", Some(1), "images.1.txt"),
            ("oci:a/images:latest", Some(2), "images-latest.2.txt"),
            ("oci:a/images", Some(2), "images.2.txt"),
            ("oci:a/images@sha256:01", Some(1), "images-sha256-01.1.txt"),
            ("dir:a:b/image", Some(1), "image.1.txt"),
            ("docker-archive:a/b.tar:x/y:1", Some(1), "b.tar-x-y-1.1.txt"),
            ("docker://localhost:5000/a/b:1", Some(1), "localhost-5000-a-b-1.1.txt"),
            ("..", Some(1), "_.1.txt"),
        ] {
            assert_eq!(of(Path::new(argument), number), expected, "{argument}");
        }
    }
}
