//! A blob that is read in ranges.

use std::{
    io::{self, Read as _},
    sync::{Mutex, PoisonError},
};

use ureq::http::{StatusCode, header};
use url::Url;

use super::{super::ImageError, Anonymous, Answer, Authorize, Client, Request, Shown, of_body};
use crate::format::range::ReadAt;

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

    pub(in crate::image) fn open_as(
        client: &Client,
        url: &Url,
        authorize: Box<dyn Authorize>,
    ) -> Result<Self, ImageError> {
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
                let problem = "unexpected `Content-Range` of the first byte, expected `bytes 0-0/` and the size";
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
                let problem = "the server does not support range requests: it answered 200, expected 206; download the blob and give its path";
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

    /// Fetches exactly these bytes, of which there is at least one. The error names the address only where a redirect led to
    /// another one: those who read a blob name it themselves.
    fn fetch(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        self.fetch_range(offset, length).map_err(|error| {
            let (what, kind, problem) = match error {
                ImageError::Io { what, error } => (what, error.kind(), error.to_string()),
                ImageError::Invalid { what, problem } => (what, io::ErrorKind::InvalidData, problem),
            };
            if what == Shown(&self.url).to_string() {
                io::Error::new(kind, problem)
            } else {
                io::Error::new(kind, format!("{what}: {problem}"))
            }
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
            return invalid("the blob changed between two requests: its entity tag is different".to_owned());
        }
        let mut bytes = vec![0; length];
        let mut reader = answer.into_reader()?;
        reader.read_exact(&mut bytes).map_err(|error| {
            if error.kind() == io::ErrorKind::UnexpectedEof {
                let problem = format!("the answer ends early, expected the {length} bytes of {offset}-{last}");
                ImageError::io(Shown(&self.url), io::Error::new(error.kind(), problem))
            } else {
                ImageError::io(Shown(&self.url), of_body(error))
            }
        })?;
        match reader.read(&mut [0]) {
            Ok(0) => Ok(bytes),
            Ok(_) => invalid(format!(
                "the answer is too long, expected the {length} bytes of {offset}-{last}"
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
    use super::ContentRange;

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
}
