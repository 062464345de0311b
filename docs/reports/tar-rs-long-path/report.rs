//! The time for a path grows with the cube of the number of its folders.
#![cfg(test)]

use std::{
    fs,
    time::{Duration, Instant},
};

use tar::{Archive, Builder, Header};

fn seconds(folders: usize) -> Duration {
    let mut header = Header::new_gnu();
    header.set_size(0);
    header.set_mode(0o644);
    let mut builder = Builder::new(Vec::new());
    builder
        .append_data(&mut header, format!("{}file", "a/".repeat(folders)), &b""[..])
        .unwrap();
    let tar = builder.into_inner().unwrap();
    let to = std::env::temp_dir().join(format!("tar-rs-long-path-{}-{folders}", std::process::id()));
    let start = Instant::now();
    Archive::new(&tar[..]).unpack(&to).unwrap();
    let time = start.elapsed();
    fs::remove_dir_all(&to).unwrap();
    time
}

#[test]
fn four_times_as_many_folders() {
    let (short, long) = (seconds(100), seconds(400));
    assert!(long > short * 8, "repaired: {short:?} and {long:?}");
}
