//! Runs targets over files, without libFuzzer: `replay TARGET FILE...`. Coverage is measured with it, since it is built much faster
//! than `chunkproof replay`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(target) = arguments.next().and_then(|name| chunkproof::fuzzing::target(&name)) else {
        eprintln!("usage: replay TARGET FILE...");
        return ExitCode::from(2);
    };
    for file in arguments {
        match std::fs::read(&file) {
            Ok(bytes) => (target.run)(&bytes),
            Err(error) => {
                eprintln!("{file}: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
