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
    let clean = name.strip_suffix('/').unwrap_or(name);
    if is_clean(clean.as_bytes()) {
        return RootPath {
            path: clean.to_owned(),
            escapes: false,
        };
    }
    resolve(name)
}

fn resolve(name: &str) -> RootPath {
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
    let clean = name.strip_suffix(b"/").unwrap_or(name);
    if is_clean(clean) {
        return clean.to_vec();
    }
    go_resolve(name)
}

fn go_resolve(name: &[u8]) -> Vec<u8> {
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

/// Whether a name has nothing to be cleaned, as nearly all have: then there is nothing to take apart.
fn is_clean(name: &[u8]) -> bool {
    name.split(|&byte| byte == b'/')
        .all(|component| !matches!(component, b"" | b"." | b".."))
}

#[cfg(test)]
mod tests {
    use super::{from_root, go_clean, go_resolve, resolve};

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

    #[test]
    fn names_that_are_not_taken_apart_come_out_the_same() {
        let mut names = vec![String::new()];
        for at in 0.. {
            let Some(name) = names.get(at).cloned() else {
                break;
            };
            assert_eq!(from_root(&name), resolve(&name), "{name:?}");
            assert_eq!(go_clean(name.as_bytes()), go_resolve(name.as_bytes()), "{name:?}");
            if name.len() < 7 {
                names.extend(["a", ".", "/"].map(|more| format!("{name}{more}")));
            }
        }
        assert_eq!(names.len(), 3280);
    }
}
