//! What names an image in a registry: `docker://host:port/name:tag` or `docker://host/name@sha256:...`.

use std::{fmt, str::FromStr};

use crate::format::Digest;

/// The host of references that name none.
const DEFAULT_HOST: &str = "docker.io";

/// An image in a registry.
///
/// As for other clients, a first part without a dot, colon or `localhost` is no host but part of the name on docker.io,
/// where names of one part are below `library/`; and the tag of a reference without one is `latest`.
///
/// ```
/// use chunkproof::image::registry::ImageReference;
///
/// let reference: ImageReference = "docker://fedora".parse().unwrap();
/// assert_eq!(reference.to_string(), "docker.io/library/fedora:latest");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageReference {
    host: String,
    repository: String,
    selector: Selector,
}

/// What selects an image of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Selector {
    Tag(String),
    Digest(Digest),
}

/// The text names no image in a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadImageReference(String);

impl fmt::Display for BadImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadImageReference {}

impl ImageReference {
    /// The host and port, as keys of credentials have it.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The name of the repository.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The host that speaks the protocol: docker.io's is another one.
    pub(super) fn api_host(&self) -> &str {
        if self.host == DEFAULT_HOST {
            "registry-1.docker.io"
        } else {
            &self.host
        }
    }

    pub(super) const fn selector(&self) -> &Selector {
        &self.selector
    }
}

impl FromStr for ImageReference {
    type Err = BadImageReference;

    fn from_str(text: &str) -> Result<Self, BadImageReference> {
        let bad = |problem: &str| BadImageReference(format!("{text:?} {problem}"));
        let rest = text
            .strip_prefix("docker://")
            .ok_or_else(|| bad("does not begin with `docker://`"))?;
        let (rest, digest) = match rest.split_once('@') {
            Some((rest, digest)) => {
                let digest = digest.parse().map_err(|_| {
                    bad("has a malformed digest after `@`, expected `sha256:` and 64 lower-case hexadecimal digits")
                })?;
                (rest, Some(digest))
            }
            None => (rest, None),
        };
        let (host, path) = match rest.split_once('/') {
            Some((host, path)) if host == "localhost" || host.contains(['.', ':']) => (host, path),
            _ => (DEFAULT_HOST, rest),
        };
        if !is_host(host) {
            return Err(bad("has a malformed host or port before its first slash"));
        }
        let (name, tag) = match path.rsplit_once(':') {
            Some((name, tag)) => (name, Some(tag)),
            None => (path, None),
        };
        if tag.is_some_and(|tag| !is_tag(tag)) {
            return Err(bad("has a malformed tag after its last colon"));
        }
        let repository = if host == DEFAULT_HOST && !name.contains('/') {
            format!("library/{name}")
        } else {
            name.to_owned()
        };
        if repository.len() > 255 || !repository.split('/').all(is_component) {
            return Err(bad(
                "has a malformed name, expected lower-case letters, digits and single separators",
            ));
        }
        Ok(Self {
            host: host.to_owned(),
            repository,
            selector: match digest {
                Some(digest) => Selector::Digest(digest),
                None => Selector::Tag(tag.unwrap_or("latest").to_owned()),
            },
        })
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.repository)?;
        match &self.selector {
            Selector::Tag(tag) => write!(f, ":{tag}"),
            Selector::Digest(digest) => write!(f, "@{digest}"),
        }
    }
}

/// Whether this is a host, in brackets if it is an IPv6 address, with or without a port.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, rest)) => (address, rest.strip_prefix(':').or(rest.is_empty().then_some("0"))),
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, Some("0")),
        },
    };
    let in_host = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let in_address = |byte: u8| byte.is_ascii_hexdigit() || byte == b':';
    let is_address = text.starts_with('[');
    !host.is_empty()
        && host
            .bytes()
            .all(|byte| if is_address { in_address(byte) } else { in_host(byte) })
        && port.is_some_and(|port| port.parse::<u16>().is_ok() && port.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`
fn is_tag(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= 128
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|byte| word(byte) || matches!(byte, b'.' | b'-'))
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
fn is_component(text: &str) -> bool {
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let separators = text
        .split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        .filter(|separator| !separator.is_empty());
    let is_separator =
        |separator: &str| matches!(separator, "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-');
    text.bytes().next().is_some_and(alphanumeric)
        && text.bytes().last().is_some_and(alphanumeric)
        && separators.into_iter().all(is_separator)
}

#[cfg(test)]
mod tests {
    use super::ImageReference;

    #[test]
    fn references() {
        let digest = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        let by_digest = format!("docker://localhost:5000/a/b@{digest}");
        let both = format!("docker://localhost:5000/a/b:tag@{digest}");
        let expected = format!("localhost:5000/a/b@{digest}");
        for (text, expected) in [
            ("docker://fedora", Some("docker.io/library/fedora:latest")),
            ("docker://fedora:41", Some("docker.io/library/fedora:41")),
            ("docker://user/image", Some("docker.io/user/image:latest")),
            ("docker://quay.io/a/b-c__d.e:V1", Some("quay.io/a/b-c__d.e:V1")),
            ("docker://localhost/a", Some("localhost/a:latest")),
            ("docker://127.0.0.1:5000/a:x", Some("127.0.0.1:5000/a:x")),
            ("docker://[::1]:5000/a", Some("[::1]:5000/a:latest")),
            (&*by_digest, Some(&*expected)),
            (&*both, Some(&*expected)),
            ("fedora", None),
            ("docker://", None),
            ("docker://UPPER", None),
            ("docker://a//b", None),
            ("docker://a/../b", None),
            ("docker://a/b:", None),
            ("docker://a/b:x y", None),
            ("docker://a/b\r\nHost: x", None),
            ("docker://user:secret@quay.io/a", None),
            ("docker://quay.io:/a", None),
            ("docker://quay.io:99999/a", None),
            ("docker://quay.io:+1/a", None),
            ("docker://a/b@sha256:00", None),
            ("docker://quay.io/a?b", None),
        ] {
            let reference: Option<ImageReference> = text.parse().ok();
            assert_eq!(
                reference.map(|reference| reference.to_string()).as_deref(),
                expected,
                "{text}"
            );
        }
    }
}
