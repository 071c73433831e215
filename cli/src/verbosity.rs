//! `-v` and `--quiet`: how much is written beside the result.

use clap::Args;
use std::sync::OnceLock;

/// The options that every command has.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct Verbosity {
    /// Report each request, file read and wait on standard error, without secrets
    #[arg(short, long, global = true)]
    verbose: bool,
    /// Print the result and errors only: no hints, warnings or progress
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
}

/// Set once by `main`, like the level of a logger, since effects are performed far below the commands.
static CHOSEN: OnceLock<Verbosity> = OnceLock::new();

impl Verbosity {
    /// Makes these options those of the process.
    pub(crate) fn apply(self) {
        CHOSEN.get_or_init(|| self);
    }
}

/// Whether effects are reported.
pub(crate) fn verbose() -> bool {
    CHOSEN.get().is_some_and(|chosen| chosen.verbose)
}

/// Whether only results and errors are printed.
pub(crate) fn quiet() -> bool {
    CHOSEN.get().is_some_and(|chosen| chosen.quiet)
}
