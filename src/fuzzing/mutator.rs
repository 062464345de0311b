//! The mutators of the targets. What an input is made of is changed by edits, as far as that is known; now and then, and where it is
//! not, the fuzzer's own mutation does it.

use crate::forge::random::Random;

/// The fuzzer's own mutation of a buffer: its bytes, how many of them are the input, and how many may be.
pub type Plain<'a> = &'a mut dyn FnMut(&mut [u8], usize, usize) -> usize;

/// How a target changes inputs.
#[derive(Clone, Copy, Debug)]
pub struct Mutation(pub(super) Change);

/// A change of an input; none for the fuzzer's own mutation.
pub(super) type Change = fn(&[u8], &mut Random, Plain<'_>) -> Option<Vec<u8>>;

impl Mutation {
    /// Changes an input in the fuzzer's buffer, and returns its new length.
    pub fn apply(self, data: &mut [u8], size: usize, max_size: usize, seed: u32, plain: Plain<'_>) -> usize {
        let bytes = data.get(..size).filter(|_| !seed.is_multiple_of(4));
        let changed = bytes.and_then(|bytes| (self.0)(bytes, &mut Random::new(seed.into()), plain));
        let changed = changed.filter(|changed| changed.len() <= max_size);
        match changed.and_then(|changed| Some((data.get_mut(..changed.len())?, changed))) {
            Some((place, changed)) => {
                place.copy_from_slice(&changed);
                changed.len()
            }
            None => plain(data, size, max_size),
        }
    }
}

/// Bytes after the fuzzer's own mutation.
pub(crate) fn own(bytes: &[u8], plain: Plain<'_>) -> Vec<u8> {
    let room = bytes.len() + 512;
    let mut changed = bytes.to_vec();
    changed.resize(room, 0);
    let size = plain(&mut changed, bytes.len(), room);
    changed.truncate(size);
    changed
}
