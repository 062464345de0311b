//! Paths of a layer.
//!
//! Names in a layer are bytes joined by `/`. A TOC compares them as cleaned paths from the root; tar-split compares them
//! as Go's `filepath.Clean` leaves them, which keeps a leading `..` and tells `a` from `/a`.

/// A name as a path from the root of the layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootPath {
    /// Components joined by `/`, none of them empty, `.` or `..`; the root itself is empty.
    pub path: String,
    /// Whether a `..` led out of the root, where it was clamped.
    pub escapes: bool,
}

/// Cleans a name as a path from the root of the layer.
///
/// ```
/// use chunkproof::format::path::from_root;
///
/// assert_eq!(from_root("./usr//lib/../bin/").path, "usr/bin");
/// assert_eq!(from_root("/").path, "");
/// assert!(from_root("../a").escapes);
/// ```
pub fn from_root(name: &str) -> RootPath {
    let mut components: Vec<&str> = Vec::new();
    let mut escapes = false;
    for component in name.split('/') {
        match component {
            "" | "." => {}
            ".." => escapes |= components.pop().is_none(),
            _ => components.push(component),
        }
    }
    RootPath {
        path: components.join("/"),
        escapes,
    }
}

/// Cleans a name as Go's `filepath.Clean` does on Unix.
///
/// ```
/// use chunkproof::format::path::go_clean;
///
/// assert_eq!(go_clean(b"./a/"), go_clean(b"a"));
/// assert_ne!(go_clean(b"/a"), go_clean(b"a"));
/// assert_eq!(go_clean(b""), b".");
/// assert_eq!(go_clean(b"/../a"), b"/a");
/// assert_eq!(go_clean(b"../../a"), b"../../a");
/// ```
pub fn go_clean(name: &[u8]) -> Vec<u8> {
    let rooted = name.starts_with(b"/");
    let mut components: Vec<&[u8]> = Vec::new();
    for component in name.split(|&byte| byte == b'/') {
        match component {
            b"" | b"." => {}
            b".." => match components.last() {
                Some(&last) if last != b".." => {
                    components.pop();
                }
                _ if rooted => {}
                _ => components.push(component),
            },
            _ => components.push(component),
        }
    }
    let mut out = if rooted { b"/".to_vec() } else { Vec::new() };
    out.extend(components.join(b"/".as_slice()));
    if out.is_empty() {
        out.push(b'.');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::from_root;

    #[test]
    fn root_paths() {
        for (name, path, escapes) in [
            ("", "", false),
            (".", "", false),
            ("./", "", false),
            ("/.", "", false),
            ("a/", "a", false),
            ("/a//b/.", "a/b", false),
            ("a/../b", "b", false),
            ("a/../../b", "b", true),
            ("..", "", true),
            ("...", "...", false),
        ] {
            let cleaned = from_root(name);
            assert_eq!((cleaned.path.as_str(), cleaned.escapes), (path, escapes), "{name:?}");
        }
    }
}
