//! Magic offsets: footers with magics planted at arbitrary offsets of arbitrary bytes.
//!
//! The planter knows what it planted, so it predicts the result: a whole footer is read back as it was planned, a damaged
//! one is rejected, and of noise a naive reading in 128-bit arithmetic says what it is. Any disagreement is a finding.

use arbitrary::{Arbitrary, Unstructured};

use super::footer::reading;
use crate::format::{
    Extent, Findings, Position,
    footer::{self, Footer, Layout},
};

/// The end of a blob, and what a reader has to make of it.
#[derive(Debug)]
pub struct Planted {
    tail: Vec<u8>,
    blob_size: u64,
    expected: Expected,
}

#[derive(Debug)]
enum Expected {
    /// This footer and no finding.
    Footer(Footer),
    /// At least one finding.
    Rejected,
    /// Whatever the naive reading says.
    Naive,
}

/// A whole footer: its layout, the lengths of what it names, and what stands before it.
#[derive(Arbitrary, Debug)]
struct Plan {
    layout: u8,
    data: u32,
    toc_length: u32,
    toc_uncompressed: u64,
    tar_split: Option<(u32, u64)>,
    decoys: Vec<Decoy>,
}

/// A magic, or the start of a frame, where it means nothing.
#[derive(Arbitrary, Debug)]
struct Decoy {
    bytes: u8,
    at: u8,
}

/// One change that no reader may accept.
#[derive(Arbitrary, Debug)]
enum Damage {
    Spelling,
    MagicAt(u8),
    FrameMagic(u8),
    FrameLength(u32),
    Type(u64),
    AddTo { field: u8, amount: u64 },
    After(u8),
    Cut(u8),
}

impl<'a> Arbitrary<'a> for Planted {
    fn arbitrary(u: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        match u.int_in_range(0..=2)? {
            0 => Ok(Plan::arbitrary(u)?.plant(None)),
            1 => {
                let damage = Damage::arbitrary(u)?;
                Ok(Plan::arbitrary(u)?.plant(Some(damage)))
            }
            _ => noise(u),
        }
    }
}

/// Checks the parser against what was planted.
///
/// # Panics
///
/// On a disagreement, which is a finding for the fuzzer.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
pub fn check(planted: &Planted) {
    let mut findings = Findings::new();
    let parsed = footer::parse(&planted.tail, planted.blob_size, &mut findings).filter(|_| findings.is_empty());
    let naive = reading::read(&planted.tail, planted.blob_size);
    let expected = match planted.expected {
        Expected::Footer(footer) => Some(footer),
        Expected::Rejected => None,
        Expected::Naive => naive,
    };
    if parsed != expected || naive != expected {
        panic!("planted {planted:?}, parsed {parsed:?} with {findings:?}, read naively {naive:?}");
    }
}

impl Plan {
    fn plant(&self, damage: Option<Damage>) -> Planted {
        let footer = self.footer();
        let mut tail = vec![0x55; 64];
        for decoy in &self.decoys {
            decoy.plant(&mut tail);
        }
        let frame_at = tail.len();
        tail.extend(footer.to_frame());
        let frame_start = footer.tar_split.unwrap_or(footer.toc).extent.end();
        let frame_start = if footer.layout == Layout::V56 {
            frame_start.saturating_add(100)
        } else {
            frame_start
        };
        let mut blob_size = frame_start
            .saturating_add(8)
            .saturating_add(footer.layout.payload_length().into());
        let expected = match damage.map(|damage| damage.inflict(&footer, &mut tail, frame_at, &mut blob_size)) {
            None => Expected::Footer(footer),
            Some(true) => Expected::Rejected,
            // A change that changed nothing, or whose outcome depends on what stands around it.
            Some(false) => Expected::Naive,
        };
        Planted {
            tail,
            blob_size,
            expected,
        }
    }

    fn footer(&self) -> Footer {
        let layout = match self.layout % 3 {
            0 => Layout::V40,
            1 => Layout::V56,
            _ => Layout::V64,
        };
        let position = |offset: u64, length: u64, uncompressed: u64| Position {
            extent: Extent::new(offset, length).unwrap_or(FIRST),
            uncompressed,
        };
        let toc = position(
            u64::from(self.data).saturating_add(8),
            u64::from(self.toc_length).max(1),
            self.toc_uncompressed.max(1),
        );
        let tar_split = self
            .tar_split
            .filter(|_| layout == Layout::V64)
            .map(|(length, uncompressed)| {
                let offset = toc.extent.end().saturating_add(8);
                if length == 0 {
                    position(offset, 0, 0)
                } else {
                    position(offset, length.into(), uncompressed)
                }
            });
        Footer { layout, toc, tar_split }
    }
}

/// The smallest extent that a payload can have.
const FIRST: Extent = match Extent::new(8, 1) {
    Some(extent) => extent,
    None => unreachable!(),
};

impl Decoy {
    fn plant(&self, tail: &mut [u8]) {
        let bytes: &[u8] = match self.bytes % 5 {
            0 => b"GnUlInUx",
            1 => b"GNUlInUx",
            2 => b"\x50\x2a\x4d\x18\x28\0\0\0",
            3 => b"\x50\x2a\x4d\x18\x38\0\0\0",
            _ => b"\x50\x2a\x4d\x18\x40\0\0\0",
        };
        overwrite(tail, usize::from(self.at), bytes);
    }
}

impl Damage {
    /// Whether the footer is surely broken now.
    fn inflict(&self, footer: &Footer, tail: &mut Vec<u8>, frame_at: usize, blob_size: &mut u64) -> bool {
        let payload_at = frame_at.saturating_add(8);
        let magic_at = usize::try_from(footer.layout.magic_offset()).unwrap_or(0);
        let in_payload = |at: usize| payload_at.saturating_add(at);
        match *self {
            Self::Spelling => {
                let other: &[u8; 8] = if footer.layout == Layout::V64 {
                    b"GnUlInUx"
                } else {
                    b"GNUlInUx"
                };
                overwrite(tail, in_payload(magic_at), other)
            }
            Self::MagicAt(at) => {
                overwrite(tail, in_payload(magic_at), &[0; 8]);
                overwrite(tail, in_payload(usize::from(at)), &footer.layout.magic());
                usize::from(at) != magic_at
            }
            Self::FrameMagic(nibble) => overwrite(tail, frame_at, &[0x50 | (nibble & 15)]) && nibble & 15 != 0,
            Self::FrameLength(length) => {
                overwrite(tail, frame_at.saturating_add(4), &length.to_le_bytes())
                    && length != footer.layout.payload_length()
            }
            Self::Type(value) => overwrite(tail, in_payload(24), &value.to_le_bytes()) && value != 1,
            Self::AddTo { field, amount } => {
                let at = in_payload(usize::from(field % 7).saturating_mul(8));
                let Some(old) = tail
                    .get(at..)
                    .and_then(|rest| rest.first_chunk())
                    .map(|b| u64::from_le_bytes(*b))
                else {
                    return false;
                };
                overwrite(tail, at, &old.wrapping_add(amount).to_le_bytes());
                // The uncompressed lengths may be anything, that of the TOC anything but zero.
                false
            }
            Self::After(count) => {
                tail.extend(std::iter::repeat_n(0xaa, usize::from(count)));
                *blob_size = blob_size.saturating_add(count.into());
                count > 0
            }
            Self::Cut(count) => {
                let count = usize::from(count).min(tail.len());
                tail.truncate(tail.len().saturating_sub(count));
                *blob_size = blob_size.saturating_sub(u64::try_from(count).unwrap_or(0));
                false
            }
        }
    }
}

fn noise(u: &mut Unstructured<'_>) -> arbitrary::Result<Planted> {
    let decoys = Vec::<Decoy>::arbitrary(u)?;
    let blob_size = u64::arbitrary(u)?;
    let mut tail = Vec::<u8>::arbitrary(u)?;
    tail.truncate(256);
    for decoy in decoys {
        decoy.plant(&mut tail);
    }
    let length = u64::try_from(tail.len()).unwrap_or(u64::MAX);
    Ok(Planted {
        // A tail is no longer than its blob.
        blob_size: blob_size.max(length),
        tail,
        expected: Expected::Naive,
    })
}

/// Overwrites what fits; whether all of it did.
fn overwrite(bytes: &mut [u8], at: usize, with: &[u8]) -> bool {
    let Some(rest) = bytes.get_mut(at..) else {
        return false;
    };
    let fits = rest.len() >= with.len();
    for (byte, new) in rest.iter_mut().zip(with) {
        *byte = *new;
    }
    fits
}

/// Runs the fuzz target on bytes, as libFuzzer would: what is too short for a plan is no finding.
pub fn run(bytes: &[u8]) {
    if let Ok(planted) = Planted::arbitrary_take_rest(Unstructured::new(bytes)) {
        check(&planted);
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use arbitrary::{Arbitrary as _, Unstructured};

    use super::{Expected, Planted, check};
    use crate::forge::random::Random;

    #[test]
    fn the_corpus_holds() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/magic-offsets");
        let mut kinds = [0; 3];
        for file in std::fs::read_dir(folder).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            let planted = Planted::arbitrary_take_rest(Unstructured::new(&bytes)).unwrap();
            check(&planted);
            kinds[match planted.expected {
                Expected::Footer(_) => 0,
                Expected::Rejected => 1,
                Expected::Naive => 2,
            }] += 1;
        }
        assert!(
            kinds.iter().all(|&count| count > 0),
            "a kind of input has no seed: {kinds:?}"
        );
    }

    /// A little of what the fuzzer does, on stable, from a fixed seed.
    #[test]
    fn random_inputs_hold() {
        let mut random = Random::new(0);
        let mut bytes = [0u8; 256];
        for _ in 0..20_000 {
            random.fill(&mut bytes);
            check(&Planted::arbitrary_take_rest(Unstructured::new(&bytes)).unwrap());
        }
    }
}
