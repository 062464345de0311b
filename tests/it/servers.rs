//! A server of our own, which answers as a test wants.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

/// What a client asked for.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) target: String,
    /// Header names are in lower case.
    pub(crate) headers: BTreeMap<String, String>,
}

impl Request {
    /// First and last byte of the range that is asked for.
    pub(crate) fn range(&self) -> Option<(usize, usize)> {
        let (first, last) = self.headers.get("range")?.strip_prefix("bytes=")?.split_once('-')?;
        Some((first.parse().ok()?, last.parse().ok()?))
    }
}

/// What the server does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    /// Bytes of the body that are sent before the connection is closed; all of them by default.
    pub(crate) cut: Option<usize>,
    /// Says nothing and keeps the connection.
    pub(crate) stall: bool,
    /// Sends a byte of the body now and then.
    pub(crate) drip: bool,
}

impl Reply {
    pub(crate) fn status(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: 200,
            body: body.into(),
            ..Self::default()
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The range that was asked for, of a blob; the whole of it if none was.
    pub(crate) fn of(blob: &[u8], request: &Request) -> Self {
        let Some((first, last)) = request.range() else {
            return Self::ok(blob);
        };
        let Some(part) = blob
            .get(first..blob.len().min(last + 1))
            .filter(|part| !part.is_empty())
        else {
            return Self::status(416).with("Content-Range", format!("bytes */{}", blob.len()));
        };
        let last = first + part.len() - 1;
        Self {
            status: 206,
            body: part.to_vec(),
            ..Self::default()
        }
        .with("Content-Range", format!("bytes {first}-{last}/{}", blob.len()))
    }
}

/// A server on a loopback port, until it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    served: Arc<AtomicU64>,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    pub(crate) fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            stopped: Arc::default(),
            served: Arc::default(),
            requests: Arc::default(),
        };
        let stopped = Arc::clone(&server.stopped);
        let served = Arc::clone(&server.served);
        let requests = Arc::clone(&server.requests);
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    break;
                }
                let (answer, served, requests) = (Arc::clone(&answer), Arc::clone(&served), Arc::clone(&requests));
                thread::spawn(move || {
                    // A client that goes away is none of the server's business.
                    let _gone = serve(stream.unwrap(), &*answer, &served, &requests);
                });
            }
        });
        server
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    /// Bytes of bodies that were sent.
    pub(crate) fn served(&self) -> u64 {
        self.served.load(Ordering::SeqCst)
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a connection.
        let _refused = TcpStream::connect(self.address);
    }
}

fn serve(
    mut stream: TcpStream,
    answer: &dyn Fn(&Request) -> Reply,
    served: &AtomicU64,
    requests: &Mutex<Vec<Request>>,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?.take(1 << 16)).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let mut headers = BTreeMap::new();
    for line in lines {
        let line = line?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let target = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let request = Request { target, headers };
    requests.lock().unwrap().push(request.clone());
    let reply = answer(&request);
    if reply.stall {
        thread::sleep(Duration::from_secs(20));
        return Ok(());
    }
    let mut head = format!("HTTP/1.1 {} Answer\r\nConnection: close\r\n", reply.status);
    if !reply.headers.iter().any(|(name, _)| *name == "Content-Length") {
        head += &format!("Content-Length: {}\r\n", reply.body.len());
    }
    for (name, value) in &reply.headers {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    let body = &reply.body[..reply.cut.unwrap_or(reply.body.len())];
    served.fetch_add(body.len().try_into().unwrap(), Ordering::SeqCst);
    if reply.drip {
        for byte in body.chunks(1) {
            stream.write_all(byte)?;
            stream.flush()?;
            thread::sleep(Duration::from_millis(100));
        }
        return Ok(());
    }
    stream.write_all(body)
}
