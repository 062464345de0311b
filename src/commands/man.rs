//! `chunkproof man`

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use clap::CommandFactory;
use clap_mangen::Man;

use super::{
    Cli, Exit, Failure,
    file::{Output, unwritable},
    output::{print, print_bytes},
};

/// Print the man page of chunkproof, or write those of all commands.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chunkproof man | man -l -
  chunkproof man -o ~/.local/share/man/man1")]
pub(super) struct Args {
    /// Write the pages of all commands into this folder.
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let mut command = Cli::command();
    // Gives subcommands the names of their pages.
    command.build();
    let Some(folder) = &args.output else {
        print_bytes(&page(&command).map_err(|error| Failure::io("the man page", &error))?)?;
        return Ok(Exit::AsExpected);
    };
    fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
    let mut written = 0_usize;
    let mut left = vec![&command];
    while let Some(command) = left.pop() {
        let path = folder.join(format!("{}.1", name(command)));
        write(&path, command).map_err(|error| unwritable(&path, &error))?;
        written = written.saturating_add(1);
        left.extend(command.get_subcommands().filter(|command| command.get_name() != "help"));
    }
    print(&format!("{written} pages in {}\n", folder.display()))?;
    Ok(Exit::AsExpected)
}

fn write(path: &Path, command: &clap::Command) -> io::Result<()> {
    let mut output = Output::create(path)?;
    output.write_all(&page(command)?)?;
    output.keep()
}

fn page(command: &clap::Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    Man::new(command.clone()).title(name(command)).render(&mut page)?;
    Ok(page)
}

/// The name of a command's page, such as `chunkproof-run`.
fn name(command: &clap::Command) -> String {
    command.get_display_name().unwrap_or(command.get_name()).to_owned()
}
