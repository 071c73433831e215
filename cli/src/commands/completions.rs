//! `wif completions`: prints the script that completes commands and options in a shell.

use clap::{Args, Command, ValueEnum};
use clap_complete::Shell;
use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  wif completions bash > ~/.local/share/bash-completion/completions/wif
  wif completions zsh > ~/.zfunc/_wif
  wif completions fish > ~/.config/fish/completions/wif.fish
  wif completions powershell >> $PROFILE";

/// Options of `wif completions`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CompletionsArgs {
    /// The shell that reads the script
    #[arg(value_name = "SHELL")]
    shell: SupportedShell,
}

/// The shells that the tests cover.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum SupportedShell {
    Bash,
    Zsh,
    Fish,
    #[value(name = "powershell")]
    PowerShell,
}

impl From<SupportedShell> for Shell {
    fn from(shell: SupportedShell) -> Self {
        match shell {
            SupportedShell::Bash => Self::Bash,
            SupportedShell::Zsh => Self::Zsh,
            SupportedShell::Fish => Self::Fish,
            SupportedShell::PowerShell => Self::PowerShell,
        }
    }
}

/// Runs the command; `command` is `wif` itself.
pub(crate) fn run(
    args: &CompletionsArgs,
    mut command: Command,
) -> Result<ExitCode, Box<dyn Error>> {
    // `generate` ends the process when a write fails, as in `wif completions bash | head -1`.
    let mut script = Vec::new();
    clap_complete::generate(Shell::from(args.shell), &mut command, "wif", &mut script);
    io::stdout().write_all(&script)?;
    Ok(ExitCode::SUCCESS)
}
