//! `wif`, the command line of workload-identity.

mod arguments;
mod demo;
mod emulator;
mod explain;
mod host;
mod seconds;
mod server;
mod token;
mod verify;

use arguments::{Arguments, Command};
use clap::Parser;
use std::error::Error;
use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Demo(args) => demo::run(&args),
        Command::Token(args) => token::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Emulator(args) => emulator::run(&args),
    };
    match outcome {
        Ok(status) => status,
        Err(error) => {
            if !is_broken_pipe(error.as_ref()) {
                eprintln!("error: {error}");
            }
            ExitCode::FAILURE
        }
    }
}

/// Whether the reader of our output is gone, as with `wif demo | head`: nothing to complain about.
fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref().is_some_and(|error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe)
}
