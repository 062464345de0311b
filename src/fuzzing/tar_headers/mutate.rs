//! Changes to tars after which checksums hold, so that what is tested lies behind them.

use crate::{
    forge::{
        Kind,
        mutate::{applied, tar as tars},
        random::Random,
    },
    fuzzing::mutator::replace,
};

/// Changes an input. `plain` is the fuzzer's own mutation.
pub fn mutate(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    plain: &mut dyn FnMut(&mut [u8], usize, usize) -> usize,
) -> usize {
    let mut random = Random::new(seed.into());
    let own = random.ratio(2, 3);
    let size = if own { size } else { plain(data, size, max_size) };
    let mut tar = data.get(..size).unwrap_or_default().to_vec();
    if own {
        tar = applied(&tars::tar(&tar, &mut random), &tar, Kind::Bytes);
    }
    // Now and then a checksum stays wrong.
    if !random.ratio(1, 8) {
        tars::seal(&mut tar);
    }
    replace(data, Some(&tar), max_size).unwrap_or(size)
}
