//! How much memory commands take for layers of many entries.

use std::{fs, process::Command};

use crate::support::{chunkproof_in, stderr, tar_entry};

const ENTRIES: usize = 20_000;

/// It keeps the TOC, and neither headers nor segments of the tar-split, with which it takes 50 MB. The target for large layers is
/// 1 KiB an entry and 20 MB (`docs/performance.md`).
#[test]
fn verify_keeps_no_tar_split() {
    let folder = tempfile::tempdir().unwrap();
    let mut tar = Vec::new();
    for number in 0..ENTRIES {
        let name = format!("usr/share/doc/package-{:03}/file-{number:05}", number / 64);
        let content = if number % 4 == 0 { name.as_str() } else { "" };
        tar.extend(tar_entry(&name, b'0', content.as_bytes()));
    }
    tar.resize(tar.len() + 1024, 0);
    fs::write(folder.path().join("layer.tar"), tar).unwrap();
    let written = chunkproof_in(
        folder.path(),
        &[
            "write",
            "layer.tar",
            "-o",
            "layer.tar.zst",
            "--annotations",
            "annotations.json",
        ],
    );
    assert!(written.status.success(), "{}", stderr(&written));
    for (command, most) in [("verify", 28_000), ("index", 28_000), ("inspect", 28_000)] {
        let threads = if command == "verify" { "--threads 1" } else { "" };
        // Unlike the address space, data does not count what the allocator reserves.
        let line = format!(
            "ulimit -d {most} && exec {} {command} layer.tar.zst --annotations annotations.json {threads}",
            env!("CARGO_BIN_EXE_chunkproof")
        );
        let output = Command::new("sh")
            .args(["-c", &line])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{command}: {}", stderr(&output));
    }
}
