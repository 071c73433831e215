//! `wif man`: the manual pages, made from the help of the commands.

use clap::{Args, Command};
use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  wif man | man -l -
  wif man ~/.local/share/man/man1";

/// Options of `wif man`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ManArgs {
    /// Folder for `wif.1` and one page for each command; without it `wif.1` is printed
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

/// Runs the command; `command` is `wif` itself.
pub(crate) fn run(args: &ManArgs, command: Command) -> Result<ExitCode, Box<dyn Error>> {
    match &args.folder {
        Some(folder) => {
            fs::create_dir_all(folder)?;
            clap_mangen::generate_to(command, folder)?;
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page)?;
            io::stdout().write_all(&page)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
