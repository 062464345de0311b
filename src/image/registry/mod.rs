//! Images in a registry, as the OCI distribution specification has it.
//!
//! An [`ImageReference`] names an image. Its manifest is asked for by tag or digest, and compared with the digest; from there on
//! everything is named by digests. A registry that requires credentials answers the first request with a challenge: [`auth`]
//! reads it, and answers with a token or with name and password. Blobs are read in ranges.

pub mod auth;
mod image_reference;

use std::{
    cell::RefCell,
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use ureq::http::{StatusCode, header};
use url::Url;

pub use self::image_reference::{BadImageReference, ImageReference};
use self::{
    auth::{Challenge, Credentials},
    image_reference::Selector,
};
use super::{
    Blob, Descriptor, ImageError, Store, document,
    http::{Answer, Authorize, Client, HttpBlob, Request, Shown},
};
use crate::format::Digest;

/// The image of a reference, with its registry.
pub struct Registry {
    client: Client,
    /// The address of the repository, with a slash at its end.
    base: Url,
    reference: ImageReference,
    session: Arc<Session>,
    /// Documents that were fetched to learn their digest.
    known: RefCell<BTreeMap<Digest, Vec<u8>>>,
}

impl Registry {
    /// The registry of this reference; nothing is asked yet.
    ///
    /// # Errors
    ///
    /// The reference names no host that an address can have.
    pub fn new(
        client: Client,
        reference: ImageReference,
        credentials: Option<Credentials>,
    ) -> Result<Self, ImageError> {
        let host = reference.api_host();
        let repository = reference.repository();
        let at = |scheme: &str| Url::parse(&format!("{scheme}://{host}/v2/{repository}/"));
        let base = at("https")
            .and_then(|url| at(client.scheme_for(&url)))
            .map_err(|error| ImageError::invalid(&reference, error.to_string()))?;
        Ok(Self {
            client,
            base,
            session: Arc::new(Session {
                scope: format!("repository:{repository}:pull"),
                credentials,
                authorization: Mutex::new(None),
            }),
            reference,
            known: RefCell::default(),
        })
    }

    /// The descriptor of what the reference names. It has neither annotations nor a platform.
    ///
    /// # Errors
    ///
    /// The registry cannot be reached, does not authorise the request, has no such image, or sends another one.
    pub fn top(&self) -> Result<Descriptor, ImageError> {
        let (name, digest) = match self.reference.selector() {
            Selector::Tag(tag) => (tag.clone(), None),
            Selector::Digest(digest) => (digest.to_string(), Some(*digest)),
        };
        let answer = self.get(&format!("manifests/{name}"), Some(ACCEPT))?;
        let media_type = answer
            .header(header::CONTENT_TYPE)
            .and_then(|value| value.split(';').next())
            .map(|value| value.trim().to_owned())
            .unwrap_or_default();
        let claimed = answer
            .header(header::HeaderName::from_static("docker-content-digest"))
            .and_then(|value| value.parse().ok());
        let what = Shown(&answer.url).to_string();
        let bytes = answer.body(document::LIMIT)?;
        let found = Digest::of(&bytes);
        if let Some(expected) = digest.or(claimed).filter(|&expected| expected != found) {
            let problem = format!("manifest digest {found} does not match the requested digest {expected}");
            return Err(ImageError::invalid(what, problem));
        }
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.known.borrow_mut().insert(found, bytes);
        Ok(Descriptor {
            media_type,
            digest: found,
            size,
            annotations: None,
            platform: None,
        })
    }

    fn get(&self, path: &str, accept: Option<&str>) -> Result<Answer, ImageError> {
        let url = self.url(path)?;
        let request = Request {
            accept,
            ..Request::default()
        };
        let answer = self.session.get(&self.client, &url, &request)?;
        match answer.status() {
            StatusCode::OK => Ok(answer),
            _ => Err(answer.unexpected("200")),
        }
    }

    fn url(&self, path: &str) -> Result<Url, ImageError> {
        // A path that begins with `sha256:` by itself would be read as a scheme; these begin with a folder.
        self.base
            .join(path)
            .map_err(|error| ImageError::invalid(&self.reference, error.to_string()))
    }
}

/// The documents that are understood.
const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
                      application/vnd.docker.distribution.manifest.list.v2+json, \
                      application/vnd.docker.distribution.manifest.v2+json";

impl Store for Registry {
    fn manifest(&self, descriptor: &Descriptor) -> Result<Vec<u8>, ImageError> {
        if let Some(bytes) = self.known.borrow().get(&descriptor.digest) {
            return Ok(bytes.clone());
        }
        self.get(&format!("manifests/{}", descriptor.digest), Some(ACCEPT))?
            .body(descriptor.size.min(document::LIMIT))
    }

    fn config(&self, descriptor: &Descriptor) -> Result<Vec<u8>, ImageError> {
        self.get(&format!("blobs/{}", descriptor.digest), None)?
            .body(descriptor.size.min(document::LIMIT))
    }

    fn blob(&self, descriptor: &Descriptor) -> Result<Blob, ImageError> {
        let url = self.url(&format!("blobs/{}", descriptor.digest))?;
        let blob = HttpBlob::open_as(&self.client, &url, Box::new(Arc::clone(&self.session)))?;
        Ok(Box::new(blob))
    }
}

/// The error of a registry that authorises nobody without credentials.
fn no_credentials(url: &Url) -> ImageError {
    let host = match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (host, _) => host.unwrap_or_default().to_owned(),
    };
    // Clients log in under the name that users know.
    let host = if host == "registry-1.docker.io" {
        "docker.io"
    } else {
        &host
    };
    ImageError::invalid(
        Shown(url),
        format!("the registry requires credentials and none were found; run `podman login {host}`"),
    )
}

/// What has been agreed on with a registry.
struct Session {
    scope: String,
    credentials: Option<Credentials>,
    /// The value of `Authorization` that was last good.
    authorization: Mutex<Option<String>>,
}

impl Authorize for Arc<Session> {
    /// Asks, and asks again with what a refusal wants. A token that has expired is refused in the same way.
    fn get(&self, client: &Client, url: &Url, request: &Request<'_>) -> Result<Answer, ImageError> {
        let known = self
            .authorization
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let answer = client.get(
            url,
            &Request {
                authorization: known.as_deref(),
                ..request.clone()
            },
        )?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        // What a host wants to which we were redirected must not decide where name and password go.
        if answer.url.origin() != url.origin() {
            let problem = "the registry redirected to this host, which requires credentials; they are not sent there";
            return Err(ImageError::invalid(Shown(&answer.url), problem));
        }
        let challenges = answer.headers().get_all(header::WWW_AUTHENTICATE);
        let challenge = challenges
            .iter()
            .filter_map(|value| value.to_str().ok())
            .find_map(Challenge::parse)
            .ok_or_else(|| {
                let problem = "the registry requires an unsupported kind of authentication, expected Basic or Bearer";
                ImageError::invalid(Shown(&answer.url), problem)
            })?;
        let authorization = match &challenge {
            Challenge::Basic => match &self.credentials {
                Some(credentials) => credentials.basic(),
                None => return Err(no_credentials(url)),
            },
            Challenge::Bearer { realm, service } => auth::token(
                client,
                url,
                realm,
                service.as_deref(),
                &self.scope,
                self.credentials.as_ref(),
            )?,
        };
        let again = client.get(
            url,
            &Request {
                authorization: Some(&authorization),
                ..request.clone()
            },
        )?;
        if again.status() == StatusCode::UNAUTHORIZED {
            return Err(match self.credentials {
                Some(_) => ImageError::invalid(Shown(url), "the registry rejected the credentials"),
                None => no_credentials(url),
            });
        }
        *self.authorization.lock().unwrap_or_else(PoisonError::into_inner) = Some(authorization);
        Ok(again)
    }
}
