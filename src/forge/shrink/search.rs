//! The loop that leaves out what does not matter.

use super::Variants;

/// How much there is of bytes: their count, and among as many those that are not zero.
pub(crate) fn weight(bytes: &[u8]) -> usize {
    bytes.len() * 4 + bytes.iter().filter(|byte| !matches!(byte, 0 | b'0')).count()
}

/// The smallest input for which `stays` still holds that was found in so many attempts.
///
/// # Errors
///
/// The first error of `stays`.
pub(crate) fn smallest<T, E>(
    mut current: T,
    mut attempts: usize,
    weight: fn(&T) -> usize,
    variants: &dyn Fn(&T) -> Variants<'_, T>,
    stays: &mut dyn FnMut(&T) -> Result<bool, E>,
) -> Result<T, E> {
    let mut progress = false;
    let mut at = 0;
    loop {
        let lighter = weight(&current);
        let mut found = None;
        for (index, variant) in variants(&current).enumerate().skip(at) {
            if attempts == 0 {
                break;
            }
            if weight(&variant) >= lighter {
                continue;
            }
            attempts -= 1;
            if stays(&variant)? {
                found = Some((index, variant));
                break;
            }
        }
        match found {
            // What follows what was left out takes its place, so the search goes on where it is.
            Some((index, variant)) => {
                current = variant;
                at = index;
                progress = true;
            }
            // Once more from the start, as long as that helps.
            None if progress && attempts > 0 => {
                at = 0;
                progress = false;
            }
            None => return Ok(current),
        }
    }
}
