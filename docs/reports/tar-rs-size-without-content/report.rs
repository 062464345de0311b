//! The size of a link, a directory or a device hides the entries after it.
#![cfg(test)]

use tar::Archive;

fn entry(name: &str, kind: u8, size: usize) -> Vec<u8> {
    let mut header = [0; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[100..108].copy_from_slice(b"0000755\0");
    header[108..116].copy_from_slice(b"0000000\0");
    header[116..124].copy_from_slice(b"0000000\0");
    header[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    header[136..148].copy_from_slice(b"00000000000\0");
    header[148..156].fill(b' ');
    header[156] = kind;
    header[157] = b'a';
    header[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header.to_vec()
}

#[track_caller]
fn hides(kind: u8) {
    // The size is that of the entry after it.
    let tar = [
        entry("a", b'0', 0),
        entry("without-content", kind, 512),
        entry("hidden", b'0', 0),
        entry("z", b'0', 0),
        vec![0; 1024],
    ]
    .concat();
    let names: Vec<String> = Archive::new(&tar[..])
        .entries()
        .unwrap()
        .map(|entry| entry.unwrap().path().unwrap().display().to_string())
        .collect();
    let right = ["a", "without-content", "hidden", "z"];
    assert!(names != right, "repaired: type {}: {names:?}", char::from(kind));
    assert_eq!(names, ["a", "without-content", "z"]);
}

#[test]
fn symbolic_link() {
    hides(b'2');
}

#[test]
fn directory() {
    hides(b'5');
}

#[test]
fn devices_and_fifo() {
    hides(b'3');
    hides(b'4');
    hides(b'6');
}
