//! Blobs behind an address: requests for ranges, and what may come back.
//!
//! A server is not trusted to answer what was asked. An answer counts only if it is 206 with exactly the range that was
//! asked for, of a blob whose size and entity tag stay the same; one that ends early, goes on, or is compressed on the way
//! is an error. Redirects are followed a bounded number of times; credentials go to the host that they are for, to the one that
//! it names for tokens, and nowhere else.
//!
//! Plain HTTP is for loopback addresses only, unless the caller asks for it.

use std::{
    fmt,
    io::{self, Read as _},
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use ureq::{
    Agent,
    http::{HeaderMap, Response, StatusCode, header},
    tls::{RootCerts, TlsConfig},
};
use url::{Host, Url};

use super::ImageError;
use crate::format::range::ReadAt;

/// Most redirects that are followed for one request.
const REDIRECTS: usize = 5;

/// Longest time to wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);

/// How to talk to servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How long a server may keep silent, before its answer and within it.
    pub patience: Duration,
    /// Whether plain HTTP is allowed to other hosts than loopback addresses.
    pub plain_http: bool,
}

impl Default for Options {
    /// Half a minute, and no plain HTTP to other hosts.
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(30),
            plain_http: false,
        }
    }
}

/// A client, which keeps its connections.
#[derive(Clone, Debug)]
pub struct Client {
    agent: Agent,
    options: Options,
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
        Self { agent, options }
    }

    /// Asks, and follows redirects.
    pub(super) fn get(&self, url: &Url, request: &Request<'_>) -> Result<Answer, ImageError> {
        let mut at = url.clone();
        for _ in 0..=REDIRECTS {
            self.check(&at)?;
            let mut builder = self.agent.get(at.as_str());
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
                .map_err(|error| ImageError::io(Shown(&at), into_io(error)))?;
            if !response.status().is_redirection() {
                return Ok(Answer { url: at, response });
            }
            at = redirected(&at, response.headers())?;
        }
        let problem = format!("redirected more than {REDIRECTS} times, expected an answer");
        Err(ImageError::invalid(Shown(url), problem))
    }

    /// Whether an address may be asked at all.
    fn check(&self, url: &Url) -> Result<(), ImageError> {
        match url.scheme() {
            "https" => Ok(()),
            "http" if self.options.plain_http || is_loopback(url) => Ok(()),
            "http" => Err(ImageError::invalid(
                Shown(url),
                "plain HTTP to a host that is no loopback address, expected HTTPS (or --plain-http)",
            )),
            other => Err(ImageError::invalid(
                Shown(url),
                format!("the scheme is {other:?}, expected http or https"),
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
            .map_err(|error| ImageError::io(Shown(&url), error))?;
        if u64::try_from(bytes.len()).map_or(true, |length| length > limit) {
            let problem = format!("the answer has more than {limit} bytes, expected no more");
            return Err(ImageError::invalid(Shown(&url), problem));
        }
        Ok(bytes)
    }

    /// The body as it comes.
    fn into_reader(self) -> Result<impl io::Read, ImageError> {
        if let Some(encoding) = self.headers().get(header::CONTENT_ENCODING)
            && encoding != "identity"
        {
            let problem = format!("the content encoding is {encoding:?}, expected none");
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
        .ok_or_else(|| ImageError::invalid(Shown(from), "redirected without a location, expected one"))?;
    if from.scheme() == "https" && to.scheme() != "https" {
        let problem = format!("redirected to {}, expected HTTPS to stay HTTPS", Shown(&to));
        return Err(ImageError::invalid(Shown(from), problem));
    }
    Ok(to)
}

fn into_io(error: ureq::Error) -> io::Error {
    match error {
        ureq::Error::Io(error) => error,
        ureq::Error::Timeout(_) => io::Error::new(io::ErrorKind::TimedOut, "no answer in time"),
        other => io::Error::other(other.to_string()),
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

/// A blob behind an address, read in ranges.
pub struct HttpBlob {
    client: Client,
    url: Url,
    authorize: Box<dyn Authorize>,
    size: u64,
    /// The entity tag, where the server gives a strong one.
    tag: Option<String>,
    blocks: Mutex<Vec<Block>>,
}

/// What was fetched, to answer the reads that follow.
struct Block {
    offset: u64,
    bytes: Vec<u8>,
}

/// Most bytes that are fetched ahead of what is asked for.
const AHEAD: usize = 1 << 20;

/// Blocks that are kept: for each of the threads of `verify` the one that it reads on from, and some of the index.
const BLOCKS: usize = 6;

impl HttpBlob {
    /// Opens the blob at an address.
    ///
    /// # Errors
    ///
    /// The server cannot be reached, has no such blob, or does not answer requests for ranges.
    pub fn open(client: &Client, url: &Url) -> Result<Self, ImageError> {
        Self::open_as(client, url, Box::new(Anonymous))
    }

    pub(super) fn open_as(client: &Client, url: &Url, authorize: Box<dyn Authorize>) -> Result<Self, ImageError> {
        let request = Request {
            range: Some("bytes=0-0".to_owned()),
            ..Request::default()
        };
        let answer = authorize.get(client, url, &request)?;
        let content_range = answer.header(header::CONTENT_RANGE).and_then(ContentRange::parse);
        let size = match (answer.status(), content_range) {
            (
                StatusCode::PARTIAL_CONTENT,
                Some(ContentRange {
                    range: Some((0, 0)),
                    size: Some(size),
                }),
            ) => size,
            (StatusCode::PARTIAL_CONTENT, _) => {
                let problem = "the content range is not that of the first byte, expected `bytes 0-0/` and the size";
                return Err(ImageError::invalid(Shown(url), problem));
            }
            // There is no first byte.
            (
                StatusCode::RANGE_NOT_SATISFIABLE,
                Some(ContentRange {
                    range: None,
                    size: Some(0),
                }),
            ) => 0,
            (StatusCode::OK, _) => {
                let problem =
                    "the server ignores ranges, expected 206 to a request for one; download the blob and give its path";
                return Err(ImageError::invalid(Shown(url), problem));
            }
            _ => return Err(answer.unexpected("206 to a request for a range")),
        };
        Ok(Self {
            client: client.clone(),
            url: url.clone(),
            size,
            tag: strong_tag(&answer),
            authorize,
            blocks: Mutex::default(),
        })
    }

    /// Fetches exactly these bytes, of which there is at least one.
    fn fetch(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        self.fetch_range(offset, length).map_err(|error| match error {
            ImageError::Io { what, error } => io::Error::new(error.kind(), format!("{what}: {error}")),
            invalid @ ImageError::Invalid { .. } => io::Error::new(io::ErrorKind::InvalidData, invalid.to_string()),
        })
    }

    fn fetch_range(&self, offset: u64, length: usize) -> Result<Vec<u8>, ImageError> {
        let count = u64::try_from(length).unwrap_or(u64::MAX);
        let last = offset.saturating_add(count).saturating_sub(1);
        let request = Request {
            range: Some(format!("bytes={offset}-{last}")),
            ..Request::default()
        };
        let answer = self.authorize.get(&self.client, &self.url, &request)?;
        let invalid = |problem: String| Err(ImageError::invalid(Shown(&self.url), problem));
        if answer.status() == StatusCode::OK {
            return invalid(format!(
                "the server answered with the whole blob, expected the range {offset}-{last}"
            ));
        }
        if answer.status() != StatusCode::PARTIAL_CONTENT {
            return Err(answer.unexpected("206 to a request for a range"));
        }
        let found = answer.header(header::CONTENT_RANGE).unwrap_or_default().to_owned();
        let right = ContentRange {
            range: Some((offset, last)),
            size: Some(self.size),
        };
        if ContentRange::parse(&found) != Some(right) {
            return invalid(format!(
                "the content range is {found:?}, expected \"bytes {offset}-{last}/{}\"",
                self.size
            ));
        }
        if self.tag.is_some() && strong_tag(&answer) != self.tag {
            return invalid("the blob was changed in between: its entity tag is another one".to_owned());
        }
        let mut bytes = vec![0; length];
        let mut reader = answer.into_reader()?;
        reader.read_exact(&mut bytes).map_err(|error| {
            if error.kind() == io::ErrorKind::UnexpectedEof {
                let problem = format!("the answer ends early, expected the {length} bytes of {offset}-{last}");
                ImageError::io(Shown(&self.url), io::Error::new(error.kind(), problem))
            } else {
                ImageError::io(Shown(&self.url), error)
            }
        })?;
        match reader.read(&mut [0]) {
            Ok(0) => Ok(bytes),
            Ok(_) => invalid(format!(
                "the answer goes on, expected the {length} bytes of {offset}-{last}"
            )),
            Err(error) => Err(ImageError::io(Shown(&self.url), error)),
        }
    }
}

impl ReadAt for HttpBlob {
    fn size(&self) -> u64 {
        self.size
    }

    /// Reads that follow each other are answered from what is fetched ahead, twice as much each time, so that reading from
    /// front to back takes few requests and a read here and there fetches no more than it asks for.
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let wanted = u64::try_from(buffer.len()).unwrap_or(u64::MAX);
        let left = self
            .size
            .checked_sub(offset)
            .filter(|&left| left >= wanted)
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut rest = buffer;
        let mut at = offset;
        let mut before = None;
        {
            let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
            let found = blocks.iter().position(|block| block.holds_or_ends_at(at));
            if let Some(block) = found.map(|index| blocks.remove(index)) {
                let copied = block.copy_to(rest, at);
                rest = rest.get_mut(copied..).unwrap_or_default();
                at = at.saturating_add(u64::try_from(copied).unwrap_or(u64::MAX));
                before = Some(block.bytes.len());
                if rest.is_empty() {
                    blocks.push(block);
                    return Ok(());
                }
            }
        }
        if rest.is_empty() {
            return Ok(());
        }
        // A block was read to its end: this is a reader that goes on.
        let ahead = before.map_or(0, |length| length.saturating_mul(2).min(AHEAD));
        let left = left.saturating_sub(at.saturating_sub(offset));
        let length = rest.len().max(ahead).min(usize::try_from(left).unwrap_or(usize::MAX));
        let block = Block {
            offset: at,
            bytes: self.fetch(at, length)?,
        };
        block.copy_to(rest, at);
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        if block.bytes.len() <= AHEAD {
            if blocks.len() >= BLOCKS {
                blocks.remove(0);
            }
            blocks.push(block);
        }
        Ok(())
    }
}

impl Block {
    fn end(&self) -> u64 {
        self.offset
            .saturating_add(u64::try_from(self.bytes.len()).unwrap_or(u64::MAX))
    }

    fn holds_or_ends_at(&self, offset: u64) -> bool {
        self.offset <= offset && offset <= self.end()
    }

    /// Copies what there is from this offset on, and returns how much.
    fn copy_to(&self, buffer: &mut [u8], offset: u64) -> usize {
        let from = offset
            .checked_sub(self.offset)
            .and_then(|skip| usize::try_from(skip).ok())
            .and_then(|skip| self.bytes.get(skip..))
            .unwrap_or_default();
        let length = from.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..length), from.get(..length)) {
            to.copy_from_slice(from);
        }
        length
    }
}

/// What `Content-Range` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ContentRange {
    /// First and last byte; none for an answer that has no range.
    range: Option<(u64, u64)>,
    /// Size of the whole; none if the server does not know.
    size: Option<u64>,
}

impl ContentRange {
    fn parse(text: &str) -> Option<Self> {
        let (range, size) = text.strip_prefix("bytes ")?.split_once('/')?;
        let number = |digits: &str| {
            let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| digits.parse().ok()).flatten()
        };
        let range = match range {
            "*" => None,
            range => {
                let (first, last) = range.split_once('-')?;
                Some((number(first)?, number(last)?))
            }
        };
        let size = match size {
            "*" => None,
            size => Some(number(size)?),
        };
        Some(Self { range, size })
    }
}

/// The entity tag, if it stands for these very bytes.
fn strong_tag(answer: &Answer) -> Option<String> {
    answer
        .header(header::ETAG)
        .filter(|tag| tag.starts_with('"'))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{Client, ContentRange, Options, Shown, Url};

    #[test]
    fn content_ranges() {
        let all = |first, last, size| {
            Some(ContentRange {
                range: Some((first, last)),
                size,
            })
        };
        for (text, expected) in [
            ("bytes 0-0/10", all(0, 0, Some(10))),
            ("bytes 5-9/*", all(5, 9, None)),
            (
                "bytes */0",
                Some(ContentRange {
                    range: None,
                    size: Some(0),
                }),
            ),
            ("bytes 0-0", None),
            ("bytes +0-0/10", None),
            ("bytes -0/10", None),
            ("items 0-0/10", None),
            ("", None),
        ] {
            assert_eq!(ContentRange::parse(text), expected, "{text}");
        }
    }

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
