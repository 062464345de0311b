//! Nothing that is not ours acts on a terminal, whatever a layer, an adapter, a registry or a file is called or says.
//!
//! The program is told to use colour, since it would strip escapes otherwise, its own and those of others.

use std::{
    ffi::OsStr,
    fs,
    os::unix::ffi::OsStrExt as _,
    path::PathBuf,
    process::{Command, Output},
};

use crate::hostile::{ACTS, assert_harmless, broken_tars, estargz, layer, tar, tocs};
use crate::servers::{Reply, Server};
use crate::support::{program, root};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Runs the program with colour and looks at both streams.
fn chunkproof<S: AsRef<OsStr>>(arguments: &[S]) -> Output {
    let mut command = program();
    command.args(arguments).args(["--color", "always"]);
    seen(command)
}

fn seen(mut command: Command) -> Output {
    let output = command.env("RUST_BACKTRACE", "0").output().unwrap();
    let what = format!("{command:?}");
    assert_harmless(&what, &output.stdout);
    assert_harmless(&what, &output.stderr);
    output
}

/// A file whose name acts on a terminal as well.
fn file(folder: &TempDir, content: &[u8]) -> PathBuf {
    let name = [ACTS.as_bytes(), b"\xff.bin"].concat();
    let path = folder.path().join(OsStr::from_bytes(&name));
    fs::write(&path, content).unwrap();
    path
}

/// Runs every command that reads a layer on it; they end as they may. The JSON is JSON.
fn look_at(blob: &[u8], more: &[&OsStr]) {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, blob);
    let out = folder.path().join(format!("{ACTS}.tar"));
    for command in ["inspect", "verify", "index", "reconstruct"] {
        for format in ["terminal", "json"] {
            let mut arguments = vec![
                OsStr::new(command),
                path.as_os_str(),
                OsStr::new("--format"),
                OsStr::new(format),
            ];
            if command == "reconstruct" {
                arguments.extend([OsStr::new("-o"), out.as_os_str()]);
            }
            arguments.extend(more);
            let output = chunkproof(&arguments);
            if format == "json" && !output.stdout.is_empty() {
                serde_json::from_slice::<Value>(&output.stdout).unwrap();
            }
        }
    }
}

#[test]
fn toc_of_a_layer() {
    for toc in tocs() {
        look_at(&layer(&toc), &[]);
    }
}

#[test]
fn toc_of_an_estargz_layer() {
    for toc in tocs() {
        look_at(&estargz(&toc), &[]);
    }
}

/// A finding names the file and the xattr, and says how it would look.
#[test]
fn finding_shows_escapes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("layer");
    let toc = json!({"version": 1, "entries": [{"type": "dir", "name": "a", "xattrs": {ACTS: "?"}}]});
    fs::write(&path, layer(toc.to_string().as_bytes())).unwrap();
    let output = chunkproof(&[OsStr::new("verify"), path.as_os_str()]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains(r"toc at /entries/0/xattrs/\u{1b}]0;title\u{7}"), "{text}");
    assert!(text.contains(r"\r\nforged: valid\u{9b}35m\u{7f}\u{202e}"), "{text}");
}

#[test]
fn layer_that_is_written_and_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let (path, out) = (file(&folder, &tar()), folder.path().join(format!("{ACTS}.zst")));
    let annotations = folder.path().join(format!("{ACTS}.json"));
    let arguments = [
        OsStr::new("write"),
        path.as_os_str(),
        OsStr::new("-o"),
        out.as_os_str(),
        OsStr::new("--annotations"),
        annotations.as_os_str(),
    ];
    let output = chunkproof(&arguments);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let options = [OsStr::new("--annotations"), annotations.as_os_str()];
    look_at(&fs::read(&out).unwrap(), &options);
    let listed = chunkproof(&[&[OsStr::new("index"), out.as_os_str()], options.as_slice()].concat());
    let text = String::from_utf8(listed.stdout).unwrap();
    assert!(text.contains(r#" -> "\u{1b}]0;title"#), "{text}");
    // A pipe gets the bytes as they are.
    let mut command = program();
    let rebuilt = command
        .arg("reconstruct")
        .arg(&out)
        .args(options)
        .args(["-o", "-"])
        .output()
        .unwrap();
    assert_eq!(rebuilt.stdout, tar());
    assert_harmless("reconstruct -o -", &rebuilt.stderr);
}

#[test]
fn tars_and_tar_splits() {
    for tar in broken_tars() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(&folder, &tar);
        let out = folder.path().join(format!("{ACTS}.out"));
        chunkproof(&[OsStr::new("write"), path.as_os_str(), OsStr::new("-o"), out.as_os_str()]);
        let disassemble = ["tarsplit", "disassemble", "--no-stdout", "--output"].map(OsStr::new);
        chunkproof(&[&disassemble[..], &[out.as_os_str(), path.as_os_str()]].concat());
    }
    let name = json!(ACTS).to_string();
    for line in [
        format!(r#"{{"type":1,"name":{name},"size":5,"payload":"AAAAAAAAAAA=","position":0}}"#),
        format!(r#"{{"type":1,"name":{name},"size":5,"payload":{name},"position":0}}"#),
        format!(r#"{{"type":{name}}}"#),
        format!(r#"{{"type":2,"payload":{name},"position":0}}"#),
        format!(r#"{{{name}:1,{name}:2}}"#),
        ACTS.to_owned(),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = file(&folder, format!("{line}\n").as_bytes());
        let out = folder.path().join(format!("{ACTS}.tar"));
        let arguments = ["tarsplit", "assemble", "--path"].map(OsStr::new);
        let files = [
            folder.path().as_os_str(),
            OsStr::new("--input"),
            path.as_os_str(),
            OsStr::new("--output"),
            out.as_os_str(),
        ];
        let output = chunkproof(&[&arguments[..], &files].concat());
        assert_ne!(output.status.code(), Some(0), "{line}");
    }
}

#[test]
fn annotations_and_image_layouts() {
    let blob = layer(&tocs()[0]);
    for text in [
        json!({ACTS: ACTS}).to_string(),
        json!({ACTS: 1}).to_string(),
        json!({"io.github.containers.zstd-chunked.manifest-checksum": ACTS}).to_string(),
        json!({"io.github.containers.zstd-chunked.manifest-position": ACTS}).to_string(),
        json!({"mediaType": ACTS, "digest": ACTS, "size": 1, "annotations": {}}).to_string(),
        json!({"layers": [{"digest": ACTS}]}).to_string(),
        json!({"containerd.io/snapshot/stargz/toc.digest": ACTS}).to_string(),
        ACTS.to_owned(),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = file(&folder, text.as_bytes());
        look_at(&blob, &[OsStr::new("--annotations"), path.as_os_str()]);
    }
    for (index, version) in [
        (
            json!({"schemaVersion": 2, "manifests": [{"mediaType": ACTS, "digest": ACTS, "size": 1}]}),
            "1.0.0",
        ),
        (json!({"schemaVersion": 2, "mediaType": ACTS, "manifests": []}), "1.0.0"),
        (json!({"schemaVersion": 2, ACTS: 1, "manifests": [{}]}), "1.0.0"),
        (json!(ACTS), "1.0.0"),
        (json!({}), ACTS),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let layout = folder.path().join(ACTS);
        fs::create_dir_all(layout.join("blobs/sha256")).unwrap();
        fs::write(
            layout.join("oci-layout"),
            json!({"imageLayoutVersion": version}).to_string(),
        )
        .unwrap();
        fs::write(layout.join("index.json"), index.to_string()).unwrap();
        for command in ["verify", "inspect", "index"] {
            chunkproof(&[OsStr::new(command), layout.as_os_str()]);
            let mut named = OsStr::new("oci:").to_owned();
            named.push(&layout);
            named.push(":");
            named.push(ACTS);
            chunkproof(&[OsStr::new(command), &named]);
        }
    }
}

#[test]
fn registries() {
    let manifest = json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": ACTS, "digest": ACTS, "size": 1}, "layers": [{"mediaType": ACTS, "digest": ACTS, "size": 1,
        "annotations": {ACTS: ACTS}}]});
    let hostile = format!(r#"{{"errors":[{{"code":"{ACTS}","message":"{ACTS}"}}]}}"#);
    let replies = [
        Reply {
            body: hostile.clone().into_bytes(),
            ..Reply::status(404)
        },
        Reply {
            body: hostile.repeat(10_000).into_bytes(),
            ..Reply::status(500)
        },
        Reply::status(401).with(
            "WWW-Authenticate",
            "Bearer realm=\"\u{9b}35m\u{202e}\",service=\"\u{1b}]0;a\u{7}\"",
        ),
        Reply::status(401).with("WWW-Authenticate", "\u{9b}35m\u{202e} \u{1b}[35m"),
        Reply::status(302).with("Location", "\u{9b}35m\u{202e}://\u{1b}[35m"),
        Reply::status(206).with("Content-Range", "bytes \u{9b}35m\u{202e}"),
        Reply::ok(ACTS).with("Content-Type", "\u{9b}35m/\u{202e}"),
        Reply::ok(ACTS).with("Content-Encoding", "\u{9b}35m\u{202e}"),
        Reply::ok(ACTS).with("Docker-Content-Digest", "\u{9b}35m\u{202e}"),
        Reply::ok(manifest.to_string()).with("Content-Type", "application/vnd.oci.image.manifest.v1+json"),
        Reply::ok(json!({ACTS: ACTS}).to_string()).with("Content-Type", "application/json"),
    ];
    for reply in replies {
        let server = Server::start(move |_| reply.clone());
        for name in [
            format!("docker://{}/a/b:c", server.host()),
            format!("docker://{}/{ACTS}", server.host()),
            server.url("/layer"),
            server.url(&format!("/{ACTS}")),
        ] {
            for format in ["terminal", "json"] {
                let output = chunkproof(&["verify", &name, "--format", format]);
                assert_ne!(output.status.code(), Some(0), "{output:?}");
            }
        }
    }
}

/// Arguments are often names of files.
#[test]
fn command_lines() {
    for arguments in [
        vec![ACTS],
        vec!["show", ACTS],
        vec!["list", "--only", ACTS],
        vec!["list", "--tag", ACTS],
        vec!["run", "--impl", ACTS],
        vec!["run", "--adapter", ACTS],
        vec!["run", "--expect", ACTS, "--impl", "reference"],
        vec![
            "run",
            "--only",
            "footer/v64",
            "--impl",
            "reference",
            "--record",
            "/dev/null/\u{1b}[35m/",
        ],
        vec!["compare", ACTS, ACTS],
        vec!["matrix", ACTS],
        vec!["extract", "footer/v64", "-o", ACTS, ACTS],
        vec!["verify", ACTS],
        vec!["write", ACTS, "-o", ACTS],
        vec!["hunt", "--impl", ACTS],
        vec!["minimize", ACTS],
        vec!["promote", ACTS, "--op", "footer/parse"],
        vec!["add", ACTS, "--check"],
        vec!["run", "--vectors", ACTS],
        vec!["replay", ACTS, ACTS],
        vec!["generate", "--check", "--output", ACTS],
        vec!["adapter", "new", "--lang", ACTS, ACTS],
        vec!["adapter", "new", "--lang", "python", "/dev/null/\u{1b}[35m"],
        vec!["adapter", "check", ACTS],
        vec!["adapter", "build", ACTS],
        vec!["adapter", "list", "--adapters", ACTS],
        vec!["adapter", "tool", ACTS, "--version", ACTS, "--built", ACTS],
        vec!["completions", ACTS],
    ] {
        let output = chunkproof(&arguments);
        assert_ne!(output.status.code(), Some(0), "{arguments:?} {output:?}");
    }
}

/// Runs the program beside the miniatures.
fn miniature(arguments: &[&str]) -> Output {
    let mut command = crate::miniatures::command(arguments);
    command.args(["--color", "always"]);
    seen(command)
}

/// A page has its data in long lines, some of them packed.
fn assert_harmless_page(arguments: &[&str]) {
    let page = String::from_utf8(crate::miniatures::chunkproof(arguments).stdout).unwrap();
    let lines = page
        .lines()
        .filter(|line| !line.starts_with("<script type=\"text/plain\""));
    let short: String = lines.map(|line| line.replace(',', ",\n") + "\n").collect();
    assert!(short.ends_with("</html>\n"));
    assert_harmless(&format!("{arguments:?}"), short.as_bytes());
}

const HOSTILE: &str = "python3 hostile_text.py";

#[test]
fn adapter_in_every_report() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (kept, other, report) = (path("kept.json"), path("other.json"), path("report.json"));
    // Enough cases for each of its answers, and a valid one that it rejects.
    const CASES: &str = "footer/v64-{toc*,without-tar-split}";
    let run = ["run", "--impl", HOSTILE, "--only", CASES, "--jobs", "1"];
    let output = miniature(&[&run[..], &["--record", &kept, "--verbose"]].concat());
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    for shown in [
        r"\u{1b}]0;title\u{7}\u{1b}[2J\u{1b}[35m\r\nforged: valid\u{9b}35m\u{7f}\u{202e}",
        " more bytes)",
        "stderr",
        r"\xff\xfe",
        "reject: ",
        "unknown field",
    ] {
        assert!(text.contains(shown), "{shown}: {}", &text[..text.len().min(5000)]);
    }
    assert!(text.len() < 1 << 20, "{} bytes", text.len());
    let output = miniature(&[&run[..], &["--format", "json"]].concat());
    serde_json::from_slice::<Value>(&output.stdout).unwrap();
    assert!(output.stdout.len() < 1 << 20, "{} bytes", output.stdout.len());
    fs::write(&report, &output.stdout).unwrap();
    for format in ["terminal", "junit", "github", "markdown", "badge"] {
        let output = miniature(&[&run[..], &["--format", format]].concat());
        assert_eq!(output.status.code(), Some(1), "{output:?}");
    }
    assert_harmless_page(&[&run[..], &["--format", "html"]].concat());
    assert_harmless("kept results", &fs::read(&kept).unwrap());
    miniature(&["run", "--impl", "reference", "--only", CASES, "--record", &other]);
    miniature(&["adapter", "check", HOSTILE]);
    for by in ["op", "case"] {
        for format in ["terminal", "markdown", "json"] {
            let output = miniature(&["matrix", "--by", by, "--format", format, &kept, &other]);
            assert_eq!(output.status.code(), Some(0), "{output:?}");
        }
    }
    assert_harmless_page(&["matrix", "--only", CASES, "--format", "html", &kept, &other]);
    for format in ["terminal", "json"] {
        for (before, after) in [(&kept, &other), (&other, &report)] {
            let output = miniature(&["compare", "--format", format, before, after]);
            assert_eq!(output.status.code(), Some(1), "{output:?}");
        }
        miniature(&[
            "hunt",
            "--impl",
            HOSTILE,
            "--impl",
            "reference",
            "--only",
            "footer/v64*",
            "--runs",
            "20",
            "--format",
            format,
        ]);
    }
}

#[test]
fn adapter_that_does_not_start() {
    for option in ["--silent", "--unknown"] {
        let spec = format!("{HOSTILE} {option}");
        for format in ["terminal", "json"] {
            let output = miniature(&["run", "--impl", &spec, "--only", "footer/v64", "--format", format]);
            assert_eq!(output.status.code(), Some(3), "{output:?}");
            assert!(
                output.stderr.len() + output.stdout.len() < 20_000,
                "{}",
                output.stderr.len()
            );
        }
    }
}

/// Results that somebody else kept are from outside as well.
#[test]
fn kept_results() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kept.json");
    let good = "../../adapters/tar-split/results";
    let good = root().join("tests/miniatures").join(good);
    let some = fs::read_dir(good).unwrap().next().unwrap().unwrap().path();
    let results: Value = serde_json::from_slice(&fs::read(some).unwrap()).unwrap();
    for field in ["name", "version", "language", "set"] {
        for text in [ACTS, "\u{202e}"] {
            let mut results = results.clone();
            results[field] = json!(text);
            fs::write(&path, results.to_string()).unwrap();
            for format in ["terminal", "markdown", "html", "json"] {
                let output = chunkproof(&["matrix", "--format", format, path.to_str().unwrap()]);
                assert_eq!(output.status.code(), Some(2), "{output:?}");
            }
        }
    }
}
