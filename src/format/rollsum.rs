//! Where a file is cut into chunks.
//!
//! Two versions of a file often share most of their content. So that they share chunks too, a file is cut where its
//! content says so, and not at fixed offsets: at every byte of which a rolling sum over the last 64 bytes has a certain
//! value. An insertion then moves the cuts behind it along with the content. The sum is that of Perkeep and bup, and a
//! cut comes after a byte when the low 16 bits of its second half are all ones, which on random content is once in 64 KiB.
//!
//! Runs of at least [`RUN`] zeros become chunks of their own, which a client makes without fetching anything. A run counts
//! in the sum but is not cut inside. The chunk before ends where the run begins, so a run at the start of a file, or
//! right behind a cut, has no chunk before it.
//!
//! The cuts are part of no rule: any sequence of chunks can be read. But only writers that cut alike share chunks, so
//! these are the cuts of containers/storage since v1.38.

use std::num::Wrapping;

/// Bytes in the window of the sum.
const WINDOW: usize = 64;

/// [`WINDOW`] as the sum counts.
const WINDOW_SUM: Wrapping<u32> = Wrapping(64);

/// What is added to every byte, so that zeros count.
const OFFSET: Wrapping<u32> = Wrapping(31);

/// The bits of the sum's second half that are all ones where a file is cut.
const SPLIT_MASK: u32 = 0xffff;

/// Fewest zeros in a row that make a chunk of zeros.
pub const RUN: u32 = 1024;

/// [`RUN`] zeros, for those that were counted and not kept.
const ZEROS: [u8; 1024] = [0; 1024];

/// The rolling sum.
///
/// ```
/// use chunkproof::format::rollsum::RollSum;
///
/// let mut sum = RollSum::new();
/// let cuts = (0..100_000_u32).filter(|i| {
///     sum.roll(i.wrapping_mul(2_654_435_761).to_be_bytes()[0]);
///     sum.is_split()
/// });
/// assert!(cuts.count() < 10);
/// ```
#[derive(Clone, Debug)]
pub struct RollSum {
    /// The sum of the window.
    first: Wrapping<u32>,
    /// The sum of all those sums, each for as long as its bytes were in the window.
    second: Wrapping<u32>,
    /// The last bytes, as a ring.
    window: [u8; WINDOW],
    /// The place of the oldest byte.
    oldest: usize,
}

impl Default for RollSum {
    fn default() -> Self {
        Self::new()
    }
}

impl RollSum {
    /// The sum before the first byte, which is that of a window of zeros.
    pub const fn new() -> Self {
        Self {
            first: Wrapping(64 * 31),
            second: Wrapping(64 * 63 * 31),
            window: [0; WINDOW],
            oldest: 0,
        }
    }

    /// Takes the next byte.
    pub fn roll(&mut self, byte: u8) {
        let Some(place) = self.window.get_mut(self.oldest) else {
            return;
        };
        let dropped = Wrapping(u32::from(std::mem::replace(place, byte)));
        self.oldest = self.oldest.wrapping_add(1) % WINDOW;
        self.first += Wrapping(u32::from(byte)) - dropped;
        self.second += self.first - WINDOW_SUM * (dropped + OFFSET);
    }

    /// Whether a chunk ends with the last byte.
    pub const fn is_split(&self) -> bool {
        self.second.0 & SPLIT_MASK == SPLIT_MASK
    }
}

/// What a [`Splitter`] makes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// The next bytes of the current chunk, never none.
    Bytes(&'a [u8]),
    /// The current chunk, which has bytes, is complete.
    End {
        /// Whether it is a run of zeros.
        zeros: bool,
    },
}

/// Cuts a file, which arrives in parts of any size, into chunks.
///
/// Every byte comes out again, in order. Memory does not grow: of a run of zeros that may still turn out too short only
/// the length is kept.
#[derive(Clone, Debug, Default)]
pub struct Splitter {
    sum: RollSum,
    state: State,
    /// Whether the current chunk has bytes already.
    has_bytes: bool,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// After so many zeros, fewer than [`RUN`], that are not given out yet.
    Data { zeros: u32 },
    /// Inside a run of zeros.
    Run,
}

impl Default for State {
    fn default() -> Self {
        Self::Data { zeros: 0 }
    }
}

type Sink<'s> = dyn FnMut(Piece<'_>) + 's;

impl Splitter {
    /// A splitter at the start of a file.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes of the file.
    pub fn push(&mut self, bytes: &[u8], sink: &mut Sink<'_>) {
        let mut rest = bytes;
        while let Some(&first) = rest.first() {
            let is_zero = first == 0;
            let length = rest
                .iter()
                .position(|&byte| (byte == 0) != is_zero)
                .unwrap_or(rest.len());
            let (taken, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            if is_zero {
                self.push_zeros(taken, sink);
            } else {
                self.end_zeros(sink);
                self.push_data(taken, sink);
            }
            rest = after;
        }
    }

    /// Says that the file ends here.
    pub fn finish(mut self, sink: &mut Sink<'_>) {
        self.end_zeros(sink);
        self.end_chunk(false, sink);
    }

    fn push_zeros(&mut self, bytes: &[u8], sink: &mut Sink<'_>) {
        if let State::Data { zeros } = self.state {
            let known = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            if zeros.saturating_add(known) < RUN {
                self.state = State::Data {
                    zeros: zeros.saturating_add(known),
                };
                return;
            }
            self.end_chunk(false, sink);
            self.state = State::Run;
            self.give(zeros_of(zeros), sink);
        }
        self.give(bytes, sink);
    }

    /// Gives out the zeros that have come, now that there are no more.
    fn end_zeros(&mut self, sink: &mut Sink<'_>) {
        match std::mem::take(&mut self.state) {
            State::Data { zeros } => self.push_data(zeros_of(zeros), sink),
            State::Run => {
                self.end_chunk(true, sink);
                // A window of zeros has the sum that a file begins with, however many there were before.
                self.sum = RollSum::new();
            }
        }
    }

    fn push_data(&mut self, bytes: &[u8], sink: &mut Sink<'_>) {
        let mut rest = bytes;
        while let Some(length) = self.find_split(rest) {
            let (taken, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            self.give(taken, sink);
            self.end_chunk(false, sink);
            rest = after;
        }
        self.give(rest, sink);
    }

    /// The number of bytes up to the first cut; none if all are of one chunk.
    fn find_split(&mut self, bytes: &[u8]) -> Option<usize> {
        let index = bytes.iter().position(|&byte| {
            self.sum.roll(byte);
            self.sum.is_split()
        })?;
        index.checked_add(1)
    }

    fn give(&mut self, bytes: &[u8], sink: &mut Sink<'_>) {
        if !bytes.is_empty() {
            self.has_bytes = true;
            sink(Piece::Bytes(bytes));
        }
    }

    fn end_chunk(&mut self, zeros: bool, sink: &mut Sink<'_>) {
        if std::mem::take(&mut self.has_bytes) {
            sink(Piece::End { zeros });
        }
    }
}

/// So many zeros, fewer than [`RUN`].
fn zeros_of(count: u32) -> &'static [u8] {
    usize::try_from(count)
        .ok()
        .and_then(|count| ZEROS.get(..count))
        .unwrap_or(&ZEROS)
}

#[cfg(test)]
mod tests {
    use super::{Piece, RollSum, Splitter};

    /// Bytes without zeros that look random.
    fn noise(length: usize) -> Vec<u8> {
        let mut state = 1u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            u8::try_from(state >> 24).unwrap().max(1)
        };
        std::iter::repeat_with(&mut next).take(length).collect()
    }

    /// The chunks of a file that comes in parts of this size: length, and whether it is a run of zeros.
    fn chunks(file: &[u8], part: usize) -> Vec<(usize, bool)> {
        let (mut chunks, mut length, mut out) = (Vec::new(), 0, Vec::new());
        let mut sink = |piece: Piece<'_>| match piece {
            Piece::Bytes(bytes) => {
                assert!(!bytes.is_empty());
                length += bytes.len();
                out.extend_from_slice(bytes);
            }
            Piece::End { zeros } => chunks.push((std::mem::take(&mut length), zeros)),
        };
        let mut splitter = Splitter::new();
        for part in file.chunks(part) {
            splitter.push(part, &mut sink);
        }
        splitter.finish(&mut sink);
        assert_eq!(length, 0, "bytes after the last chunk");
        assert_eq!(out, file);
        chunks
    }

    #[test]
    fn runs_of_zeros() {
        let data = |length| vec![7; length];
        let zeros = |length| vec![0; length];
        for (file, expected) in [
            (vec![], vec![]),
            (zeros(1), vec![(1, false)]),
            (zeros(1023), vec![(1023, false)]),
            (zeros(1024), vec![(1024, true)]),
            (zeros(100_000), vec![(100_000, true)]),
            ([zeros(1024), data(1)].concat(), vec![(1024, true), (1, false)]),
            ([data(1), zeros(1024)].concat(), vec![(1, false), (1024, true)]),
            ([data(1), zeros(1023)].concat(), vec![(1024, false)]),
            ([zeros(1023), data(1)].concat(), vec![(1024, false)]),
            (
                [data(5), zeros(5000), data(3), zeros(2000), data(1)].concat(),
                vec![(5, false), (5000, true), (3, false), (2000, true), (1, false)],
            ),
        ] {
            for part in [1, 7, 1000, 1 << 20] {
                assert_eq!(chunks(&file, part), expected, "{} bytes by {part}", file.len());
            }
        }
    }

    #[test]
    fn cuts_are_those_of_the_sum() {
        let file = noise(400_000);
        let mut sum = RollSum::new();
        let mut cuts: Vec<usize> = Vec::new();
        for (index, &byte) in file.iter().enumerate() {
            sum.roll(byte);
            if sum.is_split() {
                cuts.push(index + 1);
            }
        }
        assert!(cuts.len() > 2, "{cuts:?}");
        let mut end = 0;
        let found: Vec<usize> = chunks(&file, 4096)
            .into_iter()
            .map(|(length, _)| {
                end += length;
                end
            })
            .collect();
        cuts.push(file.len());
        assert_eq!(found, cuts);

        // A run that begins at a cut has no empty chunk before it.
        let cut = cuts[0];
        let file = [&file[..cut], &[0; 1024]].concat();
        assert_eq!(chunks(&file, 4096), [(cut, false), (1024, true)]);
    }

    /// What lets a run be passed over without rolling through it.
    #[test]
    fn a_window_of_zeros_has_the_first_sum() {
        let mut sum = RollSum::new();
        for byte in noise(1000) {
            sum.roll(byte);
        }
        assert_ne!(sum.second, RollSum::new().second);
        for _ in 0..64 {
            sum.roll(0);
        }
        assert_eq!((sum.first, sum.second), (RollSum::new().first, RollSum::new().second));
    }

    #[test]
    fn the_sum_forgets_what_left_the_window() {
        let tail = noise(64);
        let sum_after = |before: &[u8]| {
            let mut sum = RollSum::new();
            for &byte in before.iter().chain(&tail) {
                sum.roll(byte);
            }
            (sum.first, sum.second)
        };
        assert_eq!(sum_after(b""), sum_after(&noise(5000)));
    }
}
