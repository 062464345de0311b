//! `chunkproof adapter new`

use std::{io, path::PathBuf};

use clap::{ValueHint, builder::PossibleValue};

use crate::{
    adapters::skeleton::{self, Language},
    commands::{Exit, Failure, output::print},
    outside::Outside,
};

/// Write the skeleton of an adapter.
///
/// It has the protocol in a file of its own, and answers `footer/parse` by code of its own until it calls your implementation.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof adapter new --lang python adapter
  chunkproof adapter new --lang go adapter")]
pub(super) struct Args {
    /// The language of the adapter.
    #[arg(long, value_name = "LANGUAGE")]
    lang: Language,
    /// The folder. Nothing in it is overwritten.
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    folder: PathBuf,
}

impl clap::ValueEnum for Language {
    fn value_variants<'a>() -> &'a [Self] {
        Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let written = skeleton::write(args.lang, &args.folder).map_err(|(path, error)| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::unusable(format!(
            "{path} exists, and nothing is overwritten; name another folder"
        )),
        _ => Failure::io(&path, &error),
    })?;
    let folder = Outside::path(&args.folder).to_string();
    let mut text = format!("{folder}: wrote {}\n", written.join(", "));
    text += &format!("next:\n  cd {folder}\n");
    if !args.lang.build().is_empty() {
        text += &format!("  {}\n", args.lang.build());
    }
    text += &format!("  chunkproof adapter check \"{}\"\n", args.lang.run());
    print(&text)?;
    Ok(Exit::AsExpected)
}
