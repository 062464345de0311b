//! `verify`, `inspect` and `reconstruct` on addresses and registries of our own making, as a user runs them.

use std::{
    fs,
    path::Path,
    process::Output,
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::servers::{Reply, Request, Server};
use crate::support::{ends, known_good, program};
use chunkproof::format::Digest;
use serde_json::{Value, json};

const LAYER: &str = "mixed-skopeo118";

fn blob() -> Vec<u8> {
    fs::read(known_good(LAYER).join("layer.tar.zst")).unwrap()
}

fn diff_id() -> String {
    let provenance: Value =
        serde_json::from_slice(&fs::read(known_good(LAYER).join("provenance.json")).unwrap()).unwrap();
    format!("sha256:{}", provenance["tar"]["sha256"].as_str().unwrap())
}

/// Runs the program where it finds no credentials but those that it is told of.
fn chunkproof(arguments: &[&str]) -> Output {
    let empty = tempfile::tempdir().unwrap();
    program().args(arguments).env("HOME", empty.path()).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn with_annotations<'a>(command: &'a str, url: &'a str) -> Vec<String> {
    let annotations = known_good(LAYER).join("annotations.json").display().to_string();
    [command, url, "--annotations", &annotations]
        .map(str::to_owned)
        .to_vec()
}

fn run(command: &str, url: &str, more: &[&str]) -> Output {
    let mut arguments = with_annotations(command, url);
    arguments.extend(more.iter().map(|&argument| argument.to_owned()));
    chunkproof(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn a_blob_behind_an_address() {
    let bytes = blob();
    let size = u64::try_from(bytes.len()).unwrap();
    let server = Server::start(move |request| Reply::of(&blob(), request));
    let url = server.url("/layer");
    ends(&run("verify", &url, &[]), 0, "valid");
    let whole = server.served();
    assert!(whole < size + 10, "{whole} bytes of {size}, which is more than once");

    ends(&run("inspect", &url, &[]), 0, "authority  authenticated by the TOC");
    let index = server.served() - whole;
    // TOC and tar-split of this layer have 1620 and 1334 bytes.
    assert!(index < 4096, "{index} bytes for the index");
    ends(&run("index", &url, &[]), 0, "");
    assert_eq!(server.served() - whole, 2 * index, "the same is needed for the list");

    let folder = tempfile::tempdir().unwrap();
    let tar = folder.path().join("layer.tar");
    ends(&run("reconstruct", &url, &["-o", tar.to_str().unwrap()]), 0, "rebuilt");
    assert_eq!(Digest::of(&fs::read(tar).unwrap()).to_string(), diff_id());
}

/// Each of these servers does something else than it was asked for.
#[test]
fn servers_that_do_not_answer_what_was_asked() {
    type Answer = fn(&Request) -> Reply;
    let rows: &[(&str, Answer)] = &[
        ("the server does not support range requests", |_| Reply::ok(blob())),
        ("the server answered 400 Bad Request", |_| Reply::status(400)),
        ("the server answered 404 Not Found", |_| Reply::status(404)),
        ("the server answered 500 Internal Server Error", |_| Reply::status(500)),
        ("the server answered 416", |_| Reply::status(416)),
        ("unexpected `Content-Range` of the first byte", |_| Reply::status(206)),
        ("the content range is \"bytes 0-0/", |request| {
            let first = Request {
                headers: [("range".to_owned(), "bytes=0-0".to_owned())].into(),
                ..request.clone()
            };
            Reply::of(&blob(), &first)
        }),
        ("the answer ends early, expected the 72 bytes of", |request| {
            let reply = Reply::of(&blob(), request);
            Reply {
                cut: (reply.body.len() > 2).then_some(10),
                ..reply
            }
        }),
        ("the answer ends early, expected the 72 bytes of", |request| {
            let mut reply = Reply::of(&blob(), request);
            if reply.body.len() > 2 {
                reply.body.truncate(10);
            }
            reply
        }),
        ("the answer is too long, expected the 72 bytes of", |request| {
            let mut reply = Reply::of(&blob(), request);
            if reply.body.len() > 2 {
                reply.body.push(0);
            }
            reply
        }),
        (
            "the server answered with the whole blob, expected the range",
            |request| {
                if request.range() == Some((0, 0)) {
                    Reply::of(&blob(), request)
                } else {
                    Reply::ok(blob())
                }
            },
        ),
        ("unsupported content encoding \"gzip\", expected none", |request| {
            Reply::of(&blob(), request).with("Content-Encoding", "gzip")
        }),
        ("the blob changed between two requests", |request| {
            let tag = if request.range() == Some((0, 0)) {
                "\"a\""
            } else {
                "\"b\""
            };
            Reply::of(&blob(), request).with("ETag", tag)
        }),
        ("more than 5 redirects", |_| {
            Reply::status(302).with("Location", "/again?token=secret")
        }),
        ("the redirect has no usable `Location`", |_| Reply::status(307)),
        ("plain HTTP is only allowed to loopback addresses", |_| {
            Reply::status(302).with("Location", "http://example.invalid/")
        }),
        ("the redirect has a name or a password in its `Location`", |request| {
            let host = request.headers.get("host").map_or("127.0.0.1", String::as_str);
            Reply::status(302).with("Location", format!("http://user:secret@{host}/layer"))
        }),
        ("the redirect has a name or a password in its `Location`", |_| {
            Reply::status(302).with("Location", "http://user@127.0.0.1:1/layer")
        }),
        ("unsupported scheme \"file\"", |_| {
            Reply::status(302).with("Location", "file:///etc/passwd")
        }),
    ];
    for (said, answer) in rows {
        let server = Server::start(answer);
        let output = run("inspect", &server.url("/layer?key=secret"), &[]);
        ends(&output, 2, said);
        assert!(!text(&output.stderr).contains("secret"), "{output:?}");
    }
}

/// Bytes that are others than those of the blob break a rule, wherever they are.
#[test]
fn other_bytes_than_asked_for() {
    let server = Server::start(|request| {
        let mut bytes = blob();
        // The first byte of the TOC's payload.
        bytes[301_494 + 9] ^= 1;
        Reply::of(&bytes, request)
    });
    ends(&run("inspect", &server.url("/"), &[]), 0, "TOC-01");
    ends(&run("verify", &server.url("/"), &[]), 1, "TOC-01");
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    let server = Server::start(|_| Reply {
        stall: true,
        ..Reply::default()
    });
    ends(
        &run("inspect", &server.url("/"), &["--timeout", "1"]),
        2,
        "did not answer in time",
    );
}

/// A server that sends a byte now and then is never silent, and one can claim any size.
#[test]
fn what_a_server_may_take_is_bounded() {
    let server = Server::start(|request| Reply {
        drip: true,
        ..Reply::of(&blob(), request)
    });
    ends(
        &run("verify", &server.url("/"), &["--max-time", "1"]),
        2,
        &format!("error: {}: all requests together took", server.url("/")),
    );
    let server = Server::start(|request| match request.range() {
        Some((first, last)) => Reply {
            status: 206,
            body: vec![0; last + 1 - first],
            ..Reply::default()
        }
        .with("Content-Range", format!("bytes {first}-{last}/{}", 1_u64 << 62)),
        None => Reply::status(400),
    });
    ends(
        &run("verify", &server.url("/"), &[]),
        2,
        "the layer has 4611686018427387904 bytes, at most 68719476736 are fetched (--max-blob)",
    );
    let server = Server::start(|request| Reply::of(&blob(), request));
    ends(
        &run("verify", &server.url("/"), &["--max-blob", "1K"]),
        2,
        "at most 1024 are fetched",
    );
}

#[test]
fn a_blob_of_no_bytes() {
    let server = Server::start(|request| Reply::of(b"", request));
    ends(&chunkproof(&["verify", &server.url("/")]), 1, "FTR-01");
}

#[test]
fn nobody_is_there() {
    let url = Server::start(|_| Reply::status(404)).url("/layer");
    let output = run("verify", &url, &[]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    ends(&chunkproof(&["verify", "http://"]), 2, "empty host");
    ends(&chunkproof(&["verify", "http://example.invalid/"]), 2, "plain HTTP");
    ends(&chunkproof(&["verify", "docker://UPPER"]), 2, "has a malformed name");
    ends(
        &run("verify", &url, &["--layer", "1"]),
        2,
        "--layer and --platform need an image",
    );
}

/// An image as a registry has it.
#[derive(Clone)]
struct Image {
    /// Documents and blobs, by digest.
    blobs: Vec<Vec<u8>>,
    manifest: Vec<u8>,
}

impl Image {
    fn new(diff_id: &str) -> Self {
        let annotations: Value =
            serde_json::from_slice(&fs::read(known_good(LAYER).join("annotations.json")).unwrap()).unwrap();
        let config =
            json!({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [diff_id]}});
        let config = config.to_string().into_bytes();
        let descriptor = |media_type: &str, bytes: &[u8]| json!({"mediaType": media_type, "digest": Digest::of(bytes).to_string(), "size": bytes.len()});
        let mut layer = descriptor("application/vnd.oci.image.layer.v1.tar+zstd", &blob());
        layer["annotations"] = annotations;
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": descriptor("application/vnd.oci.image.config.v1+json", &config),
            "layers": [layer],
        });
        Self {
            blobs: vec![config, blob()],
            manifest: manifest.to_string().into_bytes(),
        }
    }

    /// What a registry answers for the image `test/image:tag`.
    fn answer(&self, request: &Request) -> Reply {
        let Some(path) = request.target.strip_prefix("/v2/test/image/") else {
            return Reply::status(404);
        };
        let digest = Digest::of(&self.manifest).to_string();
        if path == "manifests/tag" || path == format!("manifests/{digest}") {
            return Reply::ok(self.manifest.clone())
                .with("Content-Type", "application/vnd.oci.image.manifest.v1+json")
                .with("Docker-Content-Digest", digest);
        }
        let named = |bytes: &&Vec<u8>| path == format!("blobs/{}", Digest::of(bytes));
        match self.blobs.iter().find(named) {
            Some(bytes) => Reply::of(bytes, request),
            None => Reply::status(404),
        }
    }
}

fn reference(server: &Server) -> String {
    format!("docker://{}/test/image:tag", server.host())
}

#[test]
fn an_image_in_a_registry() {
    let image = Image::new(&diff_id());
    let digest = Digest::of(&image.manifest);
    let server = Server::start(move |request| image.answer(request));
    ends(&chunkproof(&["verify", &reference(&server)]), 0, "valid");
    let by_digest = format!("docker://{}/test/image@{digest}", server.host());
    ends(&chunkproof(&["verify", &by_digest]), 0, "valid");
    let before = server.served();
    ends(&chunkproof(&["inspect", &reference(&server)]), 0, "dialect    g5");
    let served = server.served() - before;
    assert!(served < 6000, "{served} bytes for manifest, configuration and index");

    let other = format!("docker://{}/test/image:other", server.host());
    ends(&chunkproof(&["verify", &other]), 2, "404 Not Found, expected 200");
    let wrong = format!("docker://{}/test/image@{}", server.host(), Digest::of(b"wrong"));
    ends(&chunkproof(&["verify", &wrong]), 2, "404 Not Found");
}

#[test]
fn images_that_are_not_what_is_named() {
    type Change = fn(&mut Image);
    let rows: &[(i32, &str, Change)] = &[
        (1, "CMP-04", |image| {
            *image = Image::new(&Digest::of(b"other").to_string());
        }),
        (1, "blob digest ", |image| {
            // The registry finds it by the digest that it had.
            image.blobs[1][5000] ^= 1;
        }),
        (2, "404 Not Found", |image| {
            image.blobs.remove(0);
        }),
    ];
    for (code, said, change) in rows {
        let mut image = Image::new(&diff_id());
        let right = image.clone();
        change(&mut image);
        let server = Server::start(move |request| {
            let path = request.target.rsplit('/').next().unwrap_or_default();
            let named = right
                .blobs
                .iter()
                .position(|bytes| Digest::of(bytes).to_string() == path);
            match named.and_then(|index| image.blobs.get(index)) {
                Some(bytes) if image.blobs.len() == right.blobs.len() && image.manifest == right.manifest => {
                    Reply::of(bytes, request)
                }
                _ => image.answer(request),
            }
        });
        ends(&chunkproof(&["verify", &reference(&server)]), *code, said);
    }
    let image = Image::new(&diff_id());
    let server = Server::start(move |request| image.answer(request).with("Docker-Content-Digest", "sha256:00"));
    ends(&chunkproof(&["verify", &reference(&server)]), 0, "valid");
    let server = Server::start(|_| Reply::ok("not the manifest"));
    let by_digest = format!("docker://{}/test/image@{}", server.host(), Digest::of(b"wanted"));
    ends(&chunkproof(&["verify", &by_digest]), 2, "manifest digest ");
    ends(&chunkproof(&["verify", &reference(&server)]), 4, "no layer matches");
}

/// A file of credentials for the host of a server.
fn authfile(folder: &Path, server: &Server) -> String {
    let path = folder.join("auth.json");
    // user:secret
    let auths = json!({"auths": {server.host(): {"auth": "dXNlcjpzZWNyZXQ="}}});
    fs::write(&path, auths.to_string()).unwrap();
    path.display().to_string()
}

#[test]
fn names_and_passwords() {
    let image = Image::new(&diff_id());
    let server = Server::start(move |request| match request.headers.get("authorization") {
        Some(given) if given == "Basic dXNlcjpzZWNyZXQ=" => image.answer(request),
        _ => Reply::status(401).with("WWW-Authenticate", "Basic realm=\"test\""),
    });
    let folder = tempfile::tempdir().unwrap();
    let file = authfile(folder.path(), &server);
    ends(
        &chunkproof(&["verify", &reference(&server), "--authfile", &file]),
        0,
        "valid",
    );
    ends(
        &chunkproof(&["verify", &reference(&server)]),
        2,
        "the registry requires credentials and none were found; run `podman login 127.0.0.1:",
    );
    fs::write(&file, r#"{"auths":{"127.0.0.1":{"auth":"eDp5"}}}"#).unwrap();
    let missing = folder.path().join("missing").display().to_string();
    for (file, said) in [(&file, "none were found"), (&missing, "No such file")] {
        ends(
            &chunkproof(&["verify", &reference(&server), "--authfile", file]),
            2,
            said,
        );
    }
    fs::write(&file, "secret").unwrap();
    let output = chunkproof(&["verify", &reference(&server), "--authfile", &file]);
    ends(&output, 2, "not a file of credentials");
    assert!(!text(&output.stderr).contains("secret"));
}

#[test]
fn tokens() {
    static TOKENS: AtomicUsize = AtomicUsize::new(0);
    let image = Image::new(&diff_id());
    let tokens = Server::start(|request| {
        assert!(request.target.contains("service=registry"), "{request:?}");
        assert!(
            request.target.contains("scope=repository%3Atest%2Fimage%3Apull"),
            "{request:?}"
        );
        assert_eq!(
            request.headers.get("authorization").map(String::as_str),
            Some("Basic dXNlcjpzZWNyZXQ=")
        );
        let number = TOKENS.fetch_add(1, Ordering::SeqCst);
        Reply::ok(format!("{{\"token\":\"token-{number}\"}}"))
    });
    let realm = tokens.url("/token");
    let server = Server::start(move |request| {
        // The first token is good for one request.
        let good = match request.headers.get("authorization").map(String::as_str) {
            Some("Bearer token-0") => request.target.ends_with("manifests/tag"),
            Some("Bearer token-1") => true,
            _ => false,
        };
        if good {
            image.answer(request)
        } else {
            Reply::status(401).with(
                "WWW-Authenticate",
                format!("Bearer realm=\"{realm}\",service=\"registry\""),
            )
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let file = authfile(folder.path(), &server);
    ends(
        &chunkproof(&["verify", &reference(&server), "--authfile", &file]),
        0,
        "valid",
    );
    assert_eq!(TOKENS.load(Ordering::SeqCst), 2);
}

/// Registries send blobs from elsewhere, and what lets one in here is none of their business there.
#[test]
fn credentials_stay_at_their_host() {
    let image = Image::new(&diff_id());
    let elsewhere = Server::start(|request| Reply::of(&blob(), request));
    let to = elsewhere.url("/store?signature=secret");
    let server = Server::start(move |request| {
        if !request.headers.contains_key("authorization") {
            return Reply::status(401).with("WWW-Authenticate", "Basic realm=\"test\"");
        }
        let layer = format!("/v2/test/image/blobs/{}", Digest::of(&image.blobs[1]));
        if request.target == layer {
            Reply::status(307).with("Location", to.clone())
        } else {
            image.answer(request)
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let file = authfile(folder.path(), &server);
    ends(
        &chunkproof(&["verify", &reference(&server), "--authfile", &file]),
        0,
        "valid",
    );
    let requests = elsewhere.requests();
    assert!(!requests.is_empty());
    assert!(
        requests
            .iter()
            .all(|request| !request.headers.contains_key("authorization"))
    );
}

/// A host that a registry redirects to cannot send for a token, and so for a password, to wherever it likes.
#[test]
fn a_redirect_does_not_choose_who_gets_the_password() {
    let image = Image::new(&diff_id());
    let thief = Server::start(|_| Reply::ok("{\"token\":\"x\"}"));
    let realm = thief.url("/token");
    let elsewhere =
        Server::start(move |_| Reply::status(401).with("WWW-Authenticate", format!("Bearer realm=\"{realm}\"")));
    let to = elsewhere.url("/store");
    let server = Server::start(move |request| {
        if request.target.contains("/blobs/") {
            Reply::status(307).with("Location", to.clone())
        } else {
            image.answer(request)
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let file = authfile(folder.path(), &server);
    ends(
        &chunkproof(&["verify", &reference(&server), "--authfile", &file]),
        2,
        "redirected to this host, which requires credentials",
    );
    assert_eq!(thief.requests().len(), 0);
}

#[test]
fn the_file_of_credentials_that_the_environment_names() {
    let image = Image::new(&diff_id());
    let server = Server::start(move |request| match request.headers.get("authorization") {
        Some(given) if given == "Basic dXNlcjpzZWNyZXQ=" => image.answer(request),
        _ => Reply::status(401).with("WWW-Authenticate", "Basic realm=\"test\""),
    });
    let folder = tempfile::tempdir().unwrap();
    let file = authfile(folder.path(), &server);
    let output = program()
        .args(["verify", &reference(&server)])
        .env("REGISTRY_AUTH_FILE", file)
        .output()
        .unwrap();
    ends(&output, 0, "valid");
}
