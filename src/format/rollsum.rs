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
const WINDOW_SUM: Wrapping<u16> = Wrapping(64);

/// What is added to every byte, so that zeros count.
const OFFSET: Wrapping<u16> = Wrapping(31);

/// The sum's second half where a file is cut. Bits above the sixteenth have no part in it, so none are kept.
const SPLIT: Wrapping<u16> = Wrapping(u16::MAX);

/// Fewest zeros in a row that make a chunk of zeros.
pub const RUN: usize = 1024;

/// [`RUN`] zeros, for those that were counted and not kept.
const ZEROS: [u8; RUN] = [0; RUN];

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
    first: Wrapping<u16>,
    /// The sum of all those sums, each for as long as its bytes were in the window.
    second: Wrapping<u16>,
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
            second: Wrapping((64 * 31_u16).wrapping_mul(63)),
            window: [0; WINDOW],
            oldest: 0,
        }
    }

    /// Takes the next byte.
    pub fn roll(&mut self, byte: u8) {
        let Some(place) = self.window.get_mut(self.oldest) else {
            return;
        };
        let dropped = Wrapping(u16::from(std::mem::replace(place, byte)));
        self.oldest = self.oldest.wrapping_add(1) % WINDOW;
        self.first += Wrapping(u16::from(byte)) - dropped;
        self.second += self.first - WINDOW_SUM * (dropped + OFFSET);
    }

    /// Whether a chunk ends with the last byte.
    pub const fn is_split(&self) -> bool {
        self.second.0 == SPLIT.0
    }

    /// Takes bytes up to the first with which a chunk ends, and returns how many; none if it has taken all and no chunk ends.
    pub fn find_split(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = bytes.len().min(WINDOW);
        if let Some(found) = self.roll_to_split(bytes.get(..at)?) {
            return Some(found);
        }
        // From here on the byte that leaves the window is in the slice, too, and many are taken at a time.
        let (arriving, _) = bytes.get(at..)?.as_chunks::<WINDOW>();
        let (dropped, _) = bytes.as_chunks::<WINDOW>();
        for (arriving, dropped) in arriving.iter().zip(dropped) {
            let before = (self.first, self.second);
            if self.roll_window(arriving, dropped) {
                (self.first, self.second) = before;
                break;
            }
            at = at.saturating_add(WINDOW);
        }
        let (taken, rest) = bytes.split_at_checked(at)?;
        if let Some(window) = taken.last_chunk() {
            (self.window, self.oldest) = (*window, 0);
        }
        self.roll_to_split(rest).map(|found| found.saturating_add(at))
    }

    fn roll_to_split(&mut self, bytes: &[u8]) -> Option<usize> {
        let index = bytes.iter().position(|&byte| {
            self.roll(byte);
            self.is_split()
        })?;
        index.checked_add(1)
    }

    /// Takes a window full of bytes in place of these, and returns whether a chunk ends with one of them. The window itself
    /// stays.
    fn roll_window(&mut self, arriving: &[u8; WINDOW], dropped: &[u8; WINDOW]) -> bool {
        // Only the two sums depend on the byte before. What does not is in loops of its own, of which vectors are made. What is
        // changed has no `zip`, which is not always inlined across codegen units.
        let (mut gains, mut losses) = ([Wrapping(0); WINDOW], [Wrapping(0); WINDOW]);
        let mut bytes = arriving.iter().zip(dropped);
        for gain in &mut gains {
            let Some((arriving, dropped)) = bytes.next() else { break };
            *gain = Wrapping(u16::from(*arriving)) - Wrapping(u16::from(*dropped));
        }
        let mut bytes = dropped.iter();
        for loss in &mut losses {
            let Some(dropped) = bytes.next() else { break };
            *loss = WINDOW_SUM * (Wrapping(u16::from(*dropped)) + OFFSET);
        }
        let (mut first, mut second) = (self.first, self.second);
        let mut gains = gains.iter();
        for loss in &mut losses {
            let Some(gain) = gains.next() else { break };
            first += gain;
            second += first - *loss;
            *loss = second;
        }
        (self.first, self.second) = (first, second);
        losses.iter().fold(false, |split, &second| split | (second == SPLIT))
    }
}

/// A chunk of a file, which has bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// How many.
    pub length: u64,
    /// Whether it is a run of zeros.
    pub zeros: bool,
}

/// Cuts a file, which arrives in parts of any size, into chunks.
///
/// No bytes are kept: of a run of zeros that may still turn out too short only the length is.
#[derive(Clone, Debug, Default)]
pub struct Splitter {
    sum: RollSum,
    /// Bytes of the current chunk.
    length: u64,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// After so many zeros, fewer than [`RUN`], that may be the start of a run.
    Data { zeros: usize },
    /// Inside a run of zeros.
    Run,
}

impl Default for State {
    fn default() -> Self {
        Self::Data { zeros: 0 }
    }
}

type Sink<'s> = dyn FnMut(Cut) + 's;

impl Splitter {
    /// A splitter at the start of a file.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes of the file, and gives the chunks that are complete.
    pub fn push(&mut self, bytes: &[u8], sink: &mut Sink<'_>) {
        let mut rest = bytes;
        while let Some(&first) = rest.first() {
            let length = if first == 0 { zeros(rest) } else { data(rest) };
            let (taken, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            if first == 0 {
                self.push_zeros(taken, sink);
            } else {
                self.end_zeros(sink);
                self.push_data(taken, sink);
            }
            rest = after;
        }
    }

    /// Zeros at the end of what was taken of which it is not known yet whether they belong to the current chunk.
    pub const fn undecided(&self) -> usize {
        match self.state {
            State::Data { zeros } => zeros,
            State::Run => 0,
        }
    }

    /// Says that the file ends here.
    pub fn finish(mut self, sink: &mut Sink<'_>) {
        self.end_zeros(sink);
        self.end_chunk(false, sink);
    }

    fn push_zeros(&mut self, bytes: &[u8], sink: &mut Sink<'_>) {
        if let State::Data { zeros } = self.state {
            let known = zeros.saturating_add(bytes.len());
            if known < RUN {
                self.state = State::Data { zeros: known };
                return;
            }
            self.end_chunk(false, sink);
            self.state = State::Run;
            self.length = length(zeros);
        }
        self.length = self.length.saturating_add(length(bytes.len()));
    }

    /// Decides about the zeros that have come, now that there are no more.
    fn end_zeros(&mut self, sink: &mut Sink<'_>) {
        match std::mem::take(&mut self.state) {
            State::Data { zeros } => self.push_data(ZEROS.get(..zeros).unwrap_or(&ZEROS), sink),
            State::Run => {
                self.end_chunk(true, sink);
                // A window of zeros has the sum that a file begins with, however many there were before.
                self.sum = RollSum::new();
            }
        }
    }

    fn push_data(&mut self, bytes: &[u8], sink: &mut Sink<'_>) {
        let mut rest = bytes;
        while let Some(found) = self.sum.find_split(rest) {
            self.length = self.length.saturating_add(length(found));
            self.end_chunk(false, sink);
            rest = rest.get(found..).unwrap_or_default();
        }
        self.length = self.length.saturating_add(length(rest.len()));
    }

    fn end_chunk(&mut self, zeros: bool, sink: &mut Sink<'_>) {
        let length = std::mem::take(&mut self.length);
        if length > 0 {
            sink(Cut { length, zeros });
        }
    }
}

/// How many zeros come first.
fn zeros(bytes: &[u8]) -> usize {
    bytes.iter().position(|&byte| byte != 0).unwrap_or(bytes.len())
}

/// How many bytes come before the first run of zeros, and before zeros at the end, which may be the start of one.
fn data(bytes: &[u8]) -> usize {
    // A run covers one byte of every so many, wherever it begins.
    let mut at = RUN.saturating_sub(1);
    while let Some((before, after)) = bytes.split_at_checked(at)
        && let Some(&byte) = after.first()
    {
        if byte == 0 {
            let start = before.len().saturating_sub(zeros_at_end(before));
            let end = before.len().saturating_add(zeros(after));
            if end.saturating_sub(start) >= RUN {
                return start;
            }
        }
        at = at.saturating_add(RUN);
    }
    bytes.len().saturating_sub(zeros_at_end(bytes))
}

fn zeros_at_end(bytes: &[u8]) -> usize {
    bytes.iter().rev().position(|&byte| byte != 0).unwrap_or(bytes.len())
}

fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Cut, RollSum, Splitter};

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
        let (mut chunks, mut given) = (Vec::new(), 0);
        let mut sink = |Cut { length, zeros }| {
            let length = usize::try_from(length).unwrap();
            given += length;
            chunks.push((length, zeros));
        };
        let mut splitter = Splitter::new();
        for part in file.chunks(part) {
            splitter.push(part, &mut sink);
        }
        splitter.finish(&mut sink);
        assert_eq!(given, file.len(), "in parts of {part}");
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
        // Whatever is read at once, and wherever a cut is in it.
        let some = cuts[..2].to_vec();
        cuts.push(file.len());
        for part in [1, 63, 64, 65, 127, 128, 4096, 400_000].into_iter().chain(some) {
            let mut end = 0;
            let found: Vec<usize> = chunks(&file, part)
                .into_iter()
                .map(|(length, _)| {
                    end += length;
                    end
                })
                .collect();
            assert_eq!(found, cuts, "in parts of {part}");
        }

        // A run that begins at a cut has no empty chunk before it.
        let cut = cuts[0];
        let file = [&file[..cut], &[0; 1024]].concat();
        assert_eq!(chunks(&file, 4096), [(cut, false), (1024, true)]);
    }

    /// A run is found wherever it is, and short ones are no reason to stop.
    #[test]
    fn runs_at_any_place() {
        for before in 0..2100 {
            for (length, zeros) in [(1023, false), (1024, true), (1500, true)] {
                let file = [vec![7; before], vec![0; length], vec![7; 3]].concat();
                let expected = match (before, zeros) {
                    (_, false) => vec![(file.len(), false)],
                    (0, true) => vec![(length, true), (3, false)],
                    (_, true) => vec![(before, false), (length, true), (3, false)],
                };
                assert_eq!(chunks(&file, usize::MAX), expected, "{length} after {before}");
            }
        }
        let short = [7, 0, 0, 0].repeat(5000);
        assert_eq!(chunks(&short, usize::MAX), [(short.len(), false)]);
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
