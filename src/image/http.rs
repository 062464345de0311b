//! Blobs behind an address: requests for ranges, and what may come back.
//!
//! A server is not trusted to answer what was asked. An answer counts only if it is 206 with exactly the range that was
//! asked for, of a blob whose size and entity tag stay the same; one that ends early, goes on, or is compressed on the way
//! is an error. Redirects are followed a bounded number of times; credentials go to the host that they are for, to the one that
//! it names for tokens, and nowhere else.
//!
//! Plain HTTP is for loopback addresses only, unless the caller asks for it.

mod blob;

use std::{
    fmt,
    io::{self, Read as _},
    net::IpAddr,
    time::{Duration, Instant},
};

use ureq::{
    Agent,
    http::{HeaderMap, Response, StatusCode, header},
    tls::{RootCerts, TlsConfig},
};
use url::{Host, Url};

pub use self::blob::HttpBlob;
use super::ImageError;

/// Most redirects that are followed for one request.
const REDIRECTS: usize = 5;

/// Longest time to wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);

/// How to talk to servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How long a server may keep silent, before its answer and within it.
    pub patience: Duration,
    /// How long all requests of a client may take together. A server that sends a byte a second is never silent.
    pub total: Duration,
    /// Whether plain HTTP is allowed to other hosts than loopback addresses.
    pub plain_http: bool,
}

impl Default for Options {
    /// Half a minute, six hours, and no plain HTTP to other hosts.
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(30),
            total: Duration::from_secs(6 * 60 * 60),
            plain_http: false,
        }
    }
}

/// A client, which keeps its connections.
#[derive(Clone, Debug)]
pub struct Client {
    agent: Agent,
    options: Options,
    start: Instant,
}

/// What is sent along with a request.
#[derive(Clone, Debug, Default)]
pub(super) struct Request<'a> {
    /// The value of `Accept`.
    pub(super) accept: Option<&'a str>,
    /// The value of `Range`.
    pub(super) range: Option<String>,
    /// The value of `Authorization`, for the host of the address only.
    pub(super) authorization: Option<&'a str>,
}

/// An answer whose body has not been read.
pub(super) struct Answer {
    /// Where it came from, after redirects.
    pub(super) url: Url,
    response: Response<ureq::Body>,
}

impl Client {
    /// A client with these options.
    pub fn new(options: Options) -> Self {
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .accept_encoding("identity")
            .user_agent(concat!("chunkproof/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls)
            .timeout_connect(Some(CONNECT.min(options.patience)))
            .timeout_recv_response(Some(options.patience))
            .timeout_per_read(Some(options.patience))
            .build()
            .new_agent();
        Self {
            agent,
            options,
            start: Instant::now(),
        }
    }

    /// Asks, and follows redirects.
    pub(super) fn get(&self, url: &Url, request: &Request<'_>) -> Result<Answer, ImageError> {
        let mut at = url.clone();
        for _ in 0..=REDIRECTS {
            self.check(&at)?;
            let left = self.options.total.saturating_sub(self.start.elapsed());
            if left.is_zero() {
                return Err(ImageError::io(Shown(&at), self.too_long()));
            }
            let mut builder = self.agent.get(at.as_str()).config().timeout_global(Some(left)).build();
            if let Some(accept) = request.accept {
                builder = builder.header(header::ACCEPT, accept);
            }
            if let Some(range) = &request.range {
                builder = builder.header(header::RANGE, range);
            }
            if let Some(authorization) = request.authorization.filter(|_| at.origin() == url.origin()) {
                builder = builder.header(header::AUTHORIZATION, authorization);
            }
            let response = builder
                .call()
                .map_err(|error| match error {
                    ureq::Error::Timeout(ureq::Timeout::Global) => self.too_long(),
                    error => into_io(error),
                })
                .map_err(|error| ImageError::io(Shown(&at), error))?;
            if !response.status().is_redirection() {
                return Ok(Answer { url: at, response });
            }
            at = redirected(&at, response.headers())?;
        }
        let problem = format!("more than {REDIRECTS} redirects");
        Err(ImageError::invalid(Shown(url), problem))
    }

    fn too_long(&self) -> io::Error {
        let seconds = self.options.total.as_secs();
        io::Error::new(
            io::ErrorKind::TimedOut,
            format!("all requests together took longer than {seconds} s (--max-time)"),
        )
    }

    /// Whether an address may be asked at all.
    fn check(&self, url: &Url) -> Result<(), ImageError> {
        match url.scheme() {
            "https" => Ok(()),
            "http" if self.options.plain_http || is_loopback(url) => Ok(()),
            "http" => Err(ImageError::invalid(
                Shown(url),
                "plain HTTP is only allowed to loopback addresses, expected HTTPS or --plain-http",
            )),
            other => Err(ImageError::invalid(
                Shown(url),
                format!("unsupported scheme {other:?}, expected http or https"),
            )),
        }
    }

    /// Whether a registry at this host is spoken to in plain HTTP.
    pub(super) fn scheme_for(&self, url: &Url) -> &'static str {
        if self.options.plain_http || is_loopback(url) {
            "http"
        } else {
            "https"
        }
    }
}

impl Answer {
    pub(super) fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The value of a header, if it is there once and is text.
    pub(super) fn header(&self, name: header::HeaderName) -> Option<&str> {
        let mut values = self.headers().get_all(name).iter();
        let value = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(value)
    }

    /// An error that names the status.
    pub(super) fn unexpected(&self, expected: &str) -> ImageError {
        ImageError::invalid(
            Shown(&self.url),
            format!("the server answered {}, expected {expected}", self.status()),
        )
    }

    /// The whole body, of at most `limit` bytes.
    pub(super) fn body(self, limit: u64) -> Result<Vec<u8>, ImageError> {
        let url = self.url.clone();
        let mut bytes = Vec::new();
        self.into_reader()?
            .take(limit.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|error| ImageError::io(Shown(&url), of_body(error)))?;
        if u64::try_from(bytes.len()).map_or(true, |length| length > limit) {
            let problem = format!("the answer is longer than {limit} bytes");
            return Err(ImageError::invalid(Shown(&url), problem));
        }
        Ok(bytes)
    }

    /// The body as it comes.
    fn into_reader(self) -> Result<impl io::Read, ImageError> {
        if let Some(encoding) = self.headers().get(header::CONTENT_ENCODING)
            && encoding != "identity"
        {
            let problem = format!("unsupported content encoding {encoding:?}, expected none");
            return Err(ImageError::invalid(Shown(&self.url), problem));
        }
        Ok(self.response.into_body().into_reader())
    }
}

/// An address without what may be secret in it: user, password and query.
pub(crate) struct Shown<'a>(pub(crate) &'a Url);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut url = self.0.clone();
        // Both fail only for addresses without a host, which have neither.
        let _no_host = url.set_username("");
        let _no_host = url.set_password(None);
        url.set_query(None);
        url.set_fragment(None);
        f.write_str(url.as_str())
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

fn redirected(from: &Url, headers: &HeaderMap) -> Result<Url, ImageError> {
    let to = headers
        .get(header::LOCATION)
        .and_then(|location| location.to_str().ok())
        .and_then(|location| from.join(location).ok())
        .ok_or_else(|| ImageError::invalid(Shown(from), "the redirect has no usable `Location`"))?;
    if from.scheme() == "https" && to.scheme() != "https" {
        let problem = format!("redirect from HTTPS to {}, expected HTTPS", Shown(&to));
        return Err(ImageError::invalid(Shown(from), problem));
    }
    // The client would send them to the next host as if they were the user's.
    if !to.username().is_empty() || to.password().is_some() {
        return Err(ImageError::invalid(
            Shown(from),
            "the redirect has a name or a password in its `Location`",
        ));
    }
    Ok(to)
}

fn into_io(error: ureq::Error) -> io::Error {
    match error {
        ureq::Error::Io(error) => error,
        ureq::Error::Timeout(_) => io::Error::new(io::ErrorKind::TimedOut, "the server did not answer in time"),
        other => io::Error::other(other.to_string()),
    }
}

/// The error of a body that breaks off, in the words of this module where the client gave up.
fn of_body(error: io::Error) -> io::Error {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<ureq::Error>()) {
        Some(ureq::Error::Timeout(ureq::Timeout::Global)) => io::Error::new(
            io::ErrorKind::TimedOut,
            "all requests together took too long (--max-time)",
        ),
        Some(ureq::Error::Timeout(_)) => into_io(ureq::Error::Timeout(ureq::Timeout::PerCall)),
        _ => error,
    }
}

/// What is sent to be allowed to read, anew for each request since it may expire.
pub(super) trait Authorize: Send + Sync {
    /// Asks with what the server wants.
    fn get(&self, client: &Client, url: &Url, request: &Request<'_>) -> Result<Answer, ImageError>;
}

/// Nobody.
struct Anonymous;

impl Authorize for Anonymous {
    fn get(&self, client: &Client, url: &Url, request: &Request<'_>) -> Result<Answer, ImageError> {
        client.get(url, request)
    }
}

#[cfg(test)]
mod tests {
    use super::{Client, Options, Shown, Url};

    #[test]
    fn plain_http_is_for_loopback() {
        let client = Client::new(Options::default());
        let open = Client::new(Options {
            plain_http: true,
            ..Options::default()
        });
        for (url, allowed) in [
            ("https://example.org/", true),
            ("http://example.org/", false),
            ("http://localhost.example.org/", false),
            ("http://127.0.0.1:5000/", true),
            ("http://127.9.9.9/", true),
            ("http://[::1]:5000/", true),
            ("http://localhost/", true),
            ("http://10.0.0.1/", false),
        ] {
            let url = Url::parse(url).unwrap();
            assert_eq!(client.check(&url).is_ok(), allowed, "{url}");
            assert!(open.check(&url).is_ok(), "{url}");
        }
        assert!(open.check(&Url::parse("ftp://127.0.0.1/").unwrap()).is_err());
    }

    #[test]
    fn secrets_are_not_shown() {
        let url = Url::parse("https://user:secret@example.org/a?signature=secret#x").unwrap();
        assert_eq!(Shown(&url).to_string(), "https://example.org/a");
    }
}
