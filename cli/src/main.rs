//! `wif`, the command line of workload-identity.

#![forbid(unsafe_code)]

mod arguments;
mod commands;
mod explain;
mod host;
mod hyphen_values;
mod option_names;
mod serve;
mod verbosity;

use arguments::{Arguments, Command};
use clap::{CommandFactory, FromArgMatches};
use commands::{
    check_issuer, completions, demo, discovery, emulator, explain as explain_command, fic, issue,
    jwks, man, preflight, publish, sources, token, verify,
};
use std::error::Error;
use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Arguments { command, verbosity } = arguments();
    verbosity.apply();
    let outcome = match command {
        Command::Demo(args) => demo::run(&args),
        Command::Token(args) => token::run(&args),
        Command::Explain(args) => explain_command::run(&args),
        Command::Fic(args) => fic::run(&args),
        Command::Preflight(args) => preflight::run(&args),
        Command::Sources(args) => sources::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Emulator(args) => emulator::run(&args),
        Command::Jwks(args) => jwks::run(&args),
        Command::Discovery(args) => discovery::run(&args),
        Command::Publish(args) => publish::run(&args),
        Command::CheckIssuer(args) => check_issuer::run(&args),
        Command::Issue(args) => issue::run(&args),
        Command::Completions(args) => completions::run(&args, Arguments::command()),
        Command::Man(args) => man::run(&args, Arguments::command()),
    };
    match outcome {
        Ok(status) => status,
        Err(error) => {
            if !is_broken_pipe(error.as_ref()) {
                anstream::eprintln!("{} {error}", explain::label());
            }
            ExitCode::FAILURE
        }
    }
}

/// The arguments of the process. Ends it after a message where they are wrong, and after `--help`.
fn arguments() -> Arguments {
    let mut command = Arguments::command();
    command.build();
    let arguments = hyphen_values::attached(&command, std::env::args_os());
    let matches = command.get_matches_from(arguments);
    Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// Whether the reader of standard output has closed it, as in `wif demo | head`. That is not an error.
fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref().is_some_and(|error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe)
}
