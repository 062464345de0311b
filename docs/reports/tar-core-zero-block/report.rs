//! A single zero block is passed over, and the entries after it count.
#![cfg(test)]

use tar_core::{
    EntryType, Header,
    parse::{Limits, ParseEvent, Parser},
};

#[test]
fn file_after_a_zero_block() {
    let mut header = Header::new_ustar();
    header.set_path(b"after").unwrap();
    header.set_entry_type(EntryType::Regular);
    header.set_size(0).unwrap();
    header.set_checksum();
    let tar = [&[0; 512][..], header.as_bytes(), &[0; 1024]].concat();
    match Parser::new(Limits::default()).parse(&tar) {
        Ok(ParseEvent::Entry { entry, .. }) => assert_eq!(&*entry.path, b"after"),
        other => panic!("repaired: {other:?}"),
    }
}
