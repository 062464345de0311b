//! Of a key that is twice in a PAX header the first record counts.
#![cfg(test)]

use tar::{Archive, Builder, EntryType, Header};

#[test]
fn path() {
    let records = b"14 path=first\n15 path=second\n";
    let mut pax = Header::new_ustar();
    pax.set_entry_type(EntryType::XHeader);
    pax.set_size(records.len() as u64);
    pax.set_cksum();
    let mut file = Header::new_ustar();
    file.set_path("name").unwrap();
    file.set_size(0);
    file.set_cksum();
    let mut builder = Builder::new(Vec::new());
    builder.append(&pax, &records[..]).unwrap();
    builder.append(&file, &b""[..]).unwrap();
    let tar = builder.into_inner().unwrap();
    let mut archive = Archive::new(&tar[..]);
    let entry = archive.entries().unwrap().next().unwrap().unwrap();
    let name = entry.path_bytes().into_owned();
    assert!(name != b"second", "repaired: the last path counts");
    assert_eq!(name, b"first");
}
