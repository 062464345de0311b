//! Layers of images in a real registry.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::TcpStream,
    path::Path,
    process::Output,
};

use crate::registries::Registry;
use crate::support::{ends, known_good, program};
use chunkproof::format::Digest;
use serde_json::{Value, json};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const LAYER: &str = "mixed-skopeo118";

impl Registry {
    /// Sends a request and returns status and `Location`.
    fn send(&self, method: &str, target: &str, kind: &str, body: &[u8]) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let head = format!(
            "{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\nContent-Type: {kind}\r\n\
             Authorization: Basic dXNlcjpzZWNyZXQ=\r\nContent-Length: {}\r\n\r\n",
            self.port,
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut lines = BufReader::new(stream).lines();
        let status = lines
            .next()
            .unwrap()
            .unwrap()
            .split(' ')
            .nth(1)
            .unwrap()
            .parse()
            .unwrap();
        let location = lines
            .map_while(Result::ok)
            .take_while(|line| !line.is_empty())
            .find_map(|line| line.strip_prefix("Location: ").map(str::to_owned));
        (status, location.unwrap_or_default())
    }

    fn push_blob(&self, kind: &str, bytes: &[u8]) -> Value {
        let digest = Digest::of(bytes).to_string();
        let (status, location) = self.send("POST", "/v2/test/image/blobs/uploads/", "", b"");
        assert_eq!(status, 202);
        let upload = location.split_once(&format!(":{}", self.port)).unwrap().1;
        let (status, _) = self.send(
            "PUT",
            &format!("{upload}&digest={digest}"),
            "application/octet-stream",
            bytes,
        );
        assert_eq!(status, 201);
        json!({"mediaType": kind, "digest": digest, "size": bytes.len()})
    }

    /// Pushes an image of one known layer, under this tag.
    fn push(&self, tag: &str, layer: &[u8]) {
        let json = |file| serde_json::from_slice::<Value>(&fs::read(known_good(LAYER).join(file)).unwrap()).unwrap();
        let diff_id = format!("sha256:{}", json("provenance.json")["tar"]["sha256"].as_str().unwrap());
        let config =
            json!({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [diff_id]}});
        let config = self.push_blob(
            "application/vnd.oci.image.config.v1+json",
            config.to_string().as_bytes(),
        );
        let mut layer = self.push_blob("application/vnd.oci.image.layer.v1.tar+zstd", layer);
        layer["annotations"] = json("annotations.json");
        let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]});
        let target = format!("/v2/test/image/manifests/{tag}");
        let (status, _) = self.send("PUT", &target, MANIFEST, manifest.to_string().as_bytes());
        assert_eq!(status, 201);
    }
}

fn chunkproof(home: &Path, arguments: &[&str]) -> Output {
    program().args(arguments).env("HOME", home).output().unwrap()
}

#[test]
fn images_of_a_registry() {
    let Some(registry) = Registry::start(false) else {
        return;
    };
    let home = registry.folder.path();
    let layer = fs::read(known_good(LAYER).join("layer.tar.zst")).unwrap();
    registry.push("good", &layer);
    let good = registry.reference("good");
    ends(&chunkproof(home, &["verify", &good]), 0, "authenticated by the TOC");
    ends(&chunkproof(home, &["inspect", &good]), 0, "dialect    g5");
    ends(&chunkproof(home, &["index", &good]), 0, "16 entries");
    let tar = home.join("layer.tar");
    ends(
        &chunkproof(home, &["reconstruct", &good, "-o", tar.to_str().unwrap()]),
        0,
        "rebuilt",
    );
    let blob = format!(
        "http://127.0.0.1:{}/v2/test/image/blobs/{}",
        registry.port,
        Digest::of(&layer)
    );
    ends(&chunkproof(home, &["verify", &blob]), 0, "nothing authenticates it");

    let mut broken = layer;
    broken[301_494 + 100] ^= 1;
    registry.push("broken", &broken);
    let broken = registry.reference("broken");
    ends(&chunkproof(home, &["verify", &broken]), 1, "TOC-01");
    ends(
        &chunkproof(home, &["verify", &registry.reference("absent")]),
        2,
        "404 Not Found",
    );
}

#[test]
fn a_registry_with_a_password() {
    let Some(registry) = Registry::start(true) else {
        return;
    };
    let home = registry.folder.path();
    registry.push("good", &fs::read(known_good(LAYER).join("layer.tar.zst")).unwrap());
    let good = registry.reference("good");
    ends(
        &chunkproof(home, &["verify", &good]),
        2,
        &format!(
            "the registry requires credentials and none were found; run `podman login 127.0.0.1:{}`",
            registry.port
        ),
    );
    let host = format!("127.0.0.1:{}", registry.port);
    for (auth, code, said) in [
        ("dXNlcjp3cm9uZw==", 2, "the registry rejected the credentials"),
        ("dXNlcjpzZWNyZXQ=", 0, "authenticated"),
    ] {
        fs::create_dir_all(home.join(".docker")).unwrap();
        let auths = json!({"auths": {host.as_str(): {"auth": auth}}});
        fs::write(home.join(".docker/config.json"), auths.to_string()).unwrap();
        ends(&chunkproof(home, &["verify", &good]), code, said);
    }
}
