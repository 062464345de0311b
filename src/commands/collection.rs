//! Where adapters are, for the commands that build and run them.

use std::path::{Path, PathBuf};

use clap::ValueHint;

use super::Failure;
use crate::adapters::{BUILT, Collection};

/// Where adapters are.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Adapters")]
pub(super) struct Place {
    /// The folder of adapters [default: `adapters`, here or in a folder above].
    #[arg(long = "adapters", value_name = "DIR", value_hint = ValueHint::DirPath)]
    folder: Option<PathBuf>,
    /// Where they are built [default: `target/adapters` beside that folder].
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    built: Option<PathBuf>,
}

impl Place {
    /// The options that name it again.
    pub(super) fn options(&self) -> Vec<String> {
        let named = [("--adapters", &self.folder), ("--built", &self.built)];
        let given = named
            .into_iter()
            .filter_map(|(option, path)| Some([option.to_owned(), path.as_ref()?.display().to_string()]));
        given.flatten().collect()
    }

    /// The adapters.
    pub(super) fn open(&self) -> Result<Collection, Failure> {
        let folder = match &self.folder {
            Some(folder) => folder.clone(),
            None => nearest()?,
        };
        let built = match &self.built {
            Some(built) => built.clone(),
            None => folder.parent().unwrap_or(Path::new(".")).join(BUILT),
        };
        Collection::open(&folder, &built).map_err(Failure::unusable)
    }
}

/// The folder `adapters` here or in the nearest folder above that has one.
fn nearest() -> Result<PathBuf, Failure> {
    let here = std::env::current_dir().map_err(|error| Failure::io("cannot find the current folder", &error))?;
    here.ancestors()
        .map(|folder| folder.join("adapters"))
        .find(|folder| folder.is_dir())
        .ok_or_else(|| Failure::unusable("there is no folder `adapters` here or above; name one with --adapters"))
}
