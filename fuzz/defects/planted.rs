//! Which defect is chosen, for the patches beside this file.
//!
//! `scripts/sensitivity` copies it to `src/format/planted.rs` of a scratch tree and applies every patch there, so that one
//! build with the sanitizer has all defects. The environment variable `CHUNKPROOF_PLANTED` chooses one of them when the
//! program starts.

use std::sync::OnceLock;

use base64::{
    alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// The list of defects, of which the first column is the id.
const LIST: &str = include_str!("../../docs/fuzzing/defects.tsv");

/// Whether the defect of this id is chosen.
pub fn is(id: &str) -> bool {
    static CHOSEN: OnceLock<Option<String>> = OnceLock::new();
    CHOSEN.get_or_init(choose).as_deref() == Some(id)
}

/// What the environment chooses. A misspelt id would measure the code without a defect, so it ends the program.
fn choose() -> Option<String> {
    let id = std::env::var("CHUNKPROOF_PLANTED").ok().filter(|id| !id.is_empty())?;
    if !LIST.lines().skip(1).any(|line| line.split('\t').next() == Some(&id)) {
        eprintln!("CHUNKPROOF_PLANTED: there is no defect {id:?}");
        std::process::exit(2);
    }
    Some(id)
}

/// Ends in a panic where there is no last byte.
#[expect(clippy::panic, reason = "a defect on purpose")]
pub(super) fn look_at_last_byte(bytes: &[u8]) {
    if bytes.is_empty() {
        panic!("index out of bounds: the length is 0 but the index is {}", usize::MAX);
    }
}

/// Allocates what was declared.
pub(super) fn allocate(declared: u64) {
    let length = usize::try_from(declared).unwrap_or(usize::MAX);
    std::hint::black_box(Vec::<u8>::with_capacity(length));
}

/// Base64 as careless readers accept it.
pub(super) const CARELESS: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
