//! `chunkproof adapter check`

use std::time::Duration;

use crate::{
    commands::{
        Exit, Failure,
        output::print,
        run::{MEMORY, TIMEOUT, seconds},
    },
    outside::Outside,
    report,
    runner::{
        self, Allowance, Implementation,
        check::{Kind, check},
    },
    vectors::Set,
};

/// Check an adapter step by step, and stop at the first problem.
///
/// It has to start, to answer the handshake, to accept a valid case and to reject an invalid one of each operation that it declares, and
/// to exit at the end of its input. `run` then runs all cases.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof adapter check \"python3 adapter.py\"")]
pub(super) struct Args {
    /// The command that starts the adapter, as for `run --impl`.
    #[arg(value_name = "COMMAND", value_parser = Implementation::parse)]
    command: Implementation,
    /// Time limit for the start of the adapter and for each case [default: 10].
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<Duration>,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let set = Set::embedded().map_err(Failure::unusable)?;
    runner::interrupt::exit_on_interrupt(Exit::Interrupted.code().into())
        .map_err(|error| Failure::io("cannot handle signals", &error))?;
    let timeout = args.timeout.unwrap_or(TIMEOUT);
    let allowance = Allowance::new(timeout, timeout, MEMORY);
    let mut printed = Ok(());
    let checked = check(&args.command, &set, allowance, &mut |step| {
        if printed.is_ok() {
            printed = print(&report::check::step(&step));
        }
    });
    printed?;
    let Err(trouble) = checked else {
        let spec = Outside::sentence(args.command.spec());
        print(&format!(
            "every step went well; run all cases with: chunkproof run --impl \"{spec}\"\n"
        ))?;
        return Ok(Exit::AsExpected);
    };
    print(&report::check::trouble(&trouble))?;
    Ok(match trouble.kind {
        Kind::Broken => Exit::Broken,
        Kind::Wrong => Exit::Failures,
        Kind::Nothing => Exit::Nothing,
    })
}
