//! The `chunkproof` program.

fn main() {}
