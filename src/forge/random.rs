//! Random numbers that follow from a seed: the same on every machine and in every release.

use std::ops::RangeInclusive;

/// The generator splitmix64: any seed will do, and the numbers of one have nothing to do with those of the next.
pub(crate) struct Random(u64);

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The numbers of one of many runs with the same seed.
    pub(crate) const fn of_run(seed: u64, run: u64) -> Self {
        Self(seed ^ run.wrapping_mul(STEP).rotate_left(17))
    }

    /// Any number of 64 bits.
    pub(crate) const fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number below this one; 0 of none.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let bound = super::number(bound).max(1);
        usize::try_from(self.word() % bound).unwrap_or(0)
    }

    /// A number from the first to the last.
    pub(crate) fn between<T: Copy + TryInto<u64> + TryFrom<u64>>(&mut self, range: RangeInclusive<T>) -> T {
        let [first, last] = [*range.start(), *range.end()].map(|end| end.try_into().unwrap_or(0));
        let number = match last.saturating_sub(first).checked_add(1) {
            Some(count) => first + self.word() % count,
            None => self.word(),
        };
        T::try_from(number).unwrap_or(*range.start())
    }

    /// True so many times out of so many.
    pub(crate) fn ratio(&mut self, times: usize, of: usize) -> bool {
        self.below(of) < times
    }

    /// True every other time.
    pub(crate) fn flip(&mut self) -> bool {
        self.ratio(1, 2)
    }

    pub(crate) const fn byte(&mut self) -> u8 {
        self.word().to_le_bytes()[0]
    }

    /// Fills the bytes.
    #[cfg(test)]
    pub(crate) fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.byte();
        }
    }

    /// One of a list; none of an empty one.
    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }

    /// One of a list that is not empty.
    pub(crate) fn choose<T: Copy, const N: usize>(&mut self, of: &[T; N]) -> T {
        const { assert!(N > 0, "nothing can be chosen of nothing") };
        of[self.below(N)]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Random;

    #[test]
    fn numbers_follow_from_the_seed_and_stay_within_their_bounds() {
        // As the authors of splitmix64 print them for the seed 0.
        let mut random = Random::new(0);
        assert_eq!(
            [random.word(), random.word(), random.between(0..=u64::MAX)],
            [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4, 0x06c4_5d18_8009_454f]
        );
        let mut seen = BTreeSet::new();
        for run in 0..1000 {
            let mut random = Random::of_run(7, run);
            assert!((3..=5).contains(&random.between(3..=5_u8)));
            assert!(random.below(2) < 2);
            seen.insert(random.choose(&["a", "b", "c"]));
        }
        assert_eq!(seen.len(), 3);
        assert_eq!(random.below(0), 0);
        assert_eq!(random.pick::<u8>(&[]), None);
    }
}
