//! How a registry authorises requests: with a name and password in each request, or with a token that another server gives
//! for them, or to anyone.
//!
//! Names and passwords are read from the files that other clients write when one logs in. These files and the answers with
//! tokens are read by an ordinary parser of JSON, unlike what is around a layer: they say nothing
//! about a layer, and other programs own their form.

use std::{collections::BTreeMap, fmt, io, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use ureq::http::StatusCode;
use url::Url;

use super::super::{
    ImageError,
    http::{Client, Request, Shown},
};
use crate::bounded;

/// Largest answer of a server that gives tokens, in bytes.
const TOKEN_LIMIT: u64 = 1 << 20;

/// Largest file of credentials, in bytes.
const FILE_LIMIT: u64 = 1 << 20;

/// A name and password. They are never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// `name:password` in base64.
    encoded: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(..)")
    }
}

#[derive(Deserialize)]
struct AuthFile {
    #[serde(default)]
    auths: BTreeMap<String, Auth>,
}

#[derive(Deserialize)]
struct Auth {
    #[serde(default)]
    auth: Option<String>,
}

impl Credentials {
    /// Those for a repository of a host, from a file as `podman login`, `skopeo login` and `docker login` write it. The key
    /// that names most of `host/repository` counts.
    ///
    /// # Errors
    ///
    /// The file is there and cannot be read, or is not of that kind.
    pub fn from_file(path: &Path, host: &str, repository: &str) -> Result<Option<Self>, ImageError> {
        let bytes = bounded::read(path, FILE_LIMIT).map_err(|error| match error.kind() {
            io::ErrorKind::FileTooLarge => {
                ImageError::invalid(path.display(), format!("not a file of credentials: {error}"))
            }
            _ => ImageError::io(path.display(), error),
        })?;
        // What the parser says may quote the file.
        let file: AuthFile = serde_json::from_slice(&bytes).map_err(|_| {
            ImageError::invalid(path.display(), "not a file of credentials, expected JSON with `auths`")
        })?;
        Ok(file.pick(host, repository))
    }

    /// The value of `Authorization` that shows them.
    pub(super) fn basic(&self) -> String {
        format!("Basic {}", self.encoded)
    }
}

impl AuthFile {
    fn pick(self, host: &str, repository: &str) -> Option<Credentials> {
        let full = format!("{host}/{repository}");
        let mut best: Option<(usize, Credentials)> = None;
        for (key, auth) in self.auths {
            let Some(encoded) = auth.auth.filter(|encoded| is_pair(encoded)) else {
                continue;
            };
            // Docker writes its own registry as `https://index.docker.io/v1/`.
            let key = match key
                .trim_start_matches("https://")
                .trim_start_matches("http://")
                .trim_end_matches('/')
            {
                "index.docker.io/v1" => "docker.io",
                key => key,
            };
            let names = full == key || full.strip_prefix(key).is_some_and(|rest| rest.starts_with('/'));
            if names && best.as_ref().is_none_or(|(length, _)| key.len() > *length) {
                best = Some((key.len(), Credentials { encoded }));
            }
        }
        best.map(|(_, credentials)| credentials)
    }
}

/// Whether this is a name and a password in base64, and so fit for a header.
fn is_pair(encoded: &str) -> bool {
    STANDARD.decode(encoded).is_ok_and(|pair| pair.contains(&b':'))
}

/// What a registry that refuses wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// A name and password.
    Basic,
    /// A token, from the server at `realm`.
    Bearer { realm: String, service: Option<String> },
}

impl Challenge {
    /// Reads a value of `WWW-Authenticate`; none if it wants something else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once(' ').unwrap_or((text, ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Self::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let mut parameters = parameters(rest)?;
        Some(Self::Bearer {
            realm: parameters.remove("realm")?,
            service: parameters.remove("service"),
        })
    }
}

/// `key="value",key=value`, with `\` before what it stands for in quotes.
fn parameters(text: &str) -> Option<BTreeMap<String, String>> {
    let mut parameters = BTreeMap::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=')?;
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => unquote(quoted)?,
            None => {
                let end = after.find(',').unwrap_or(after.len());
                let (value, after) = after.split_at_checked(end)?;
                (value.trim().to_owned(), after)
            }
        };
        parameters.insert(key.trim().to_ascii_lowercase(), value);
        rest = after.trim_start().trim_start_matches(',').trim_start();
    }
    Some(parameters)
}

/// The value up to its closing quote, and what follows.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, text.get(at..)?.get(1..)?)),
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

/// Asks for a token to pull, at the address that the registry names, and gives the value of `Authorization` that shows it.
pub(super) fn token(
    client: &Client,
    registry: &Url,
    realm: &str,
    service: Option<&str>,
    scope: &str,
    credentials: Option<&Credentials>,
) -> Result<String, ImageError> {
    #[derive(Deserialize)]
    struct Token {
        #[serde(default)]
        token: Option<String>,
        #[serde(default)]
        access_token: Option<String>,
    }

    let mut url = Url::parse(realm).map_err(|error| ImageError::invalid(realm, error.to_string()))?;
    if registry.scheme() == "https" && url.scheme() != "https" {
        return Err(ImageError::invalid(
            Shown(&url),
            "the registry requests a token over plain HTTP, expected HTTPS",
        ));
    }
    {
        let mut query = url.query_pairs_mut();
        if let Some(service) = service {
            query.append_pair("service", service);
        }
        query.append_pair("scope", scope);
    }
    let basic = credentials.map(Credentials::basic);
    let request = Request {
        authorization: basic.as_deref(),
        ..Request::default()
    };
    let answer = client.get(&url, &request)?;
    if answer.status() != StatusCode::OK {
        return Err(answer.unexpected("200 and a token"));
    }
    let bytes = answer.body(TOKEN_LIMIT)?;
    // What the parser says may quote the token.
    let token: Token = serde_json::from_slice(&bytes).map_err(|_| {
        ImageError::invalid(
            Shown(&url),
            "the answer of the token server is malformed, expected JSON with `token`",
        )
    })?;
    let token = token.token.or(token.access_token).unwrap_or_default();
    let fit = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    if !fit {
        return Err(ImageError::invalid(
            Shown(&url),
            "the answer of the token server has no usable `token`",
        ));
    }
    Ok(format!("Bearer {token}"))
}

#[cfg(test)]
mod tests {
    use super::{AuthFile, Challenge};

    #[test]
    fn challenges() {
        let bearer = |realm: &str, service: Option<&str>| {
            Some(Challenge::Bearer {
                realm: realm.into(),
                service: service.map(Into::into),
            })
        };
        for (text, expected) in [
            ("Basic realm=\"x\"", Some(Challenge::Basic)),
            ("basic", Some(Challenge::Basic)),
            (
                "Bearer realm=\"https://auth/token\",service=\"reg\",scope=\"repository:a:pull,push\"",
                bearer("https://auth/token", Some("reg")),
            ),
            (
                "bearer service=reg, realm=https://auth/",
                bearer("https://auth/", Some("reg")),
            ),
            ("Bearer realm=\"a\\\"b\"", bearer("a\"b", None)),
            ("Bearer service=\"reg\"", None),
            ("Bearer realm=\"open", None),
            ("Negotiate", None),
            ("", None),
        ] {
            assert_eq!(Challenge::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn the_longest_key_counts() {
        let pick = |host: &str, repository: &str| {
            let file: AuthFile = serde_json::from_str(
                r#"{"auths":{"quay.io":{"auth":"YTox"},"quay.io/a":{"auth":"YTox"},"quay.io/a/b":{"auth":"YToy"},
                    "https://index.docker.io/v1/":{"auth":"YToz"},"bad.io":{"auth":"\r\nX: y"},"none.io":{}}}"#,
            )
            .unwrap();
            file.pick(host, repository).map(|credentials| credentials.basic())
        };
        for (host, repository, expected) in [
            ("quay.io", "c", Some("Basic YTox")),
            ("quay.io", "a/b", Some("Basic YToy")),
            ("quay.io", "a/bc", Some("Basic YTox")),
            ("docker.io", "library/x", Some("Basic YToz")),
            ("quay.io.evil.org", "a", None),
            ("bad.io", "a", None),
            ("none.io", "a", None),
        ] {
            assert_eq!(pick(host, repository).as_deref(), expected, "{host}/{repository}");
        }
    }
}
