//! Builds the implementations in Go, with the code of their adapters, as one library that is linked into the target.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The adapters, and the packages that their code becomes.
const ADAPTERS: &[(&str, &str)] = &[
    ("containers-storage", "storage"),
    ("tar-split", "tarsplit"),
    ("estargz", "estargz"),
];

/// Packages whose branches and comparisons libFuzzer is told of. What else is linked is not under test.
const INSTRUMENTED: &[&str] = &[
    "go.podman.io/storage/pkg/chunked/...",
    "github.com/vbatts/tar-split/...",
    "github.com/containerd/stargz-snapshotter/estargz/...",
];

/// Those of the adapters for their newest versions; `libfuzzer` is for the runtime of Go.
const TAGS: &str =
    "inside,current,libfuzzer,containers_image_openpgp,exclude_graphdriver_btrfs,exclude_graphdriver_devicemapper";

fn main() {
    let own = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap());
    let adapters = own.join("../../adapters");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap());
    for folder in ADAPTERS
        .iter()
        .map(|(adapter, _)| adapters.join(adapter))
        .chain([own.join("go"), adapters.join("kit/go")])
    {
        println!("cargo::rerun-if-changed={}", folder.display());
    }

    let version = version(&own.join("go/go.mod"), "go.podman.io/storage");
    let storage = adapters.join("containers-storage");
    run(Command::new("go")
        .args(["run", "./build", &version])
        .arg(&out)
        .arg("source")
        .current_dir(storage));

    let peers = out.join("peers");
    let _ = fs::remove_dir_all(&peers);
    copy(&own.join("go"), &peers, &|text| text);
    for (adapter, package) in ADAPTERS {
        copy(&own.join("go").join(package), &peers.join(package), &|text| text);
        copy(&adapters.join(adapter), &peers.join(package), &|text| {
            text.replacen("\npackage main\n", &format!("\npackage {package}\n"), 1)
        });
    }

    let mut build = Command::new("go");
    build.args(["build", "-buildmode=c-archive", "-trimpath", "-tags", TAGS]);
    build.args(
        INSTRUMENTED
            .iter()
            .map(|packages| format!("-gcflags={packages}=-d=libfuzzer")),
    );
    build
        .args(["-o", "libgopeers.a", "."])
        .env("CGO_ENABLED", "1")
        .current_dir(&peers);
    run(&mut build);
    println!("cargo::rustc-link-search=native={}", peers.display());
    println!("cargo::rustc-link-lib=static=gopeers");
}

/// Copies the source files of Go in a folder, and what is changed of each, and the lists of modules where these are those of this target.
fn copy(from: &Path, to: &Path, change: &dyn Fn(String) -> String) {
    fs::create_dir_all(to).unwrap();
    let is_of_target = from.ends_with("go");
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
        if kind == "go" || is_of_target && ["mod", "sum"].contains(&kind) {
            // A comment may come before the package, or nothing.
            let text = format!("\n{}", fs::read_to_string(&path).unwrap());
            fs::write(to.join(path.file_name().unwrap()), change(text)).unwrap();
        }
    }
}

/// The version of a module in a list.
fn version(list: &Path, module: &str) -> String {
    let text = fs::read_to_string(list).unwrap();
    let line = text
        .lines()
        .find_map(|line| line.trim().strip_prefix(module)?.strip_prefix(" v"));
    format!(
        "v{}",
        line.unwrap_or_else(|| panic!("{}: there is no {module}", list.display()))
    )
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
}
