//! The end of a stream that may be endless.

use std::{
    collections::VecDeque,
    io::Read,
    sync::{Mutex, PoisonError},
};

/// How much is kept, in bytes.
const KEPT: usize = 8 << 10;

/// Reads a stream to its end, and keeps the last bytes of it.
pub(crate) fn keep(mut stream: impl Read, tail: &Mutex<VecDeque<u8>>) {
    let mut buffer = [0; 4096];
    loop {
        let bytes = match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(length) => buffer.get(..length).unwrap_or_default(),
        };
        let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
        tail.extend(bytes);
        let excess = tail.len().saturating_sub(KEPT);
        tail.drain(..excess);
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::VecDeque, io::Read as _, sync::Mutex};

    use super::{KEPT, keep};

    #[test]
    fn the_end_is_kept() {
        let tail = Mutex::new(VecDeque::new());
        keep(
            (&b"start"[..])
                .chain(std::io::repeat(b'.').take(1 << 20))
                .chain(&b"end"[..]),
            &tail,
        );
        let kept: Vec<u8> = tail.into_inner().unwrap().into();
        assert_eq!(kept.len(), KEPT);
        assert!(kept.ends_with(b"..end"));
    }
}
