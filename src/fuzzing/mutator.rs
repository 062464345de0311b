//! What the mutators of the targets have in common.

/// Writes the new input into the fuzzer's buffer, and returns its length; none if it does not fit or there is none.
pub(super) fn replace(data: &mut [u8], with: Option<&[u8]>, max_size: usize) -> Option<usize> {
    let with = with.filter(|with| with.len() <= max_size)?;
    data.get_mut(..with.len())?.copy_from_slice(with);
    Some(with.len())
}
