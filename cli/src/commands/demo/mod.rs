//! `wif demo`: a complete exchange on this machine, printed as a timeline.

mod request_log;
mod scenario;
mod timeline;

use clap::Args;
use std::error::Error;
use std::process::ExitCode;
use timeline::{Form, Timeline};

const EXAMPLES: &str = "\
Examples:
  wif demo
  wif demo --json | jq -r '[.ms, .step, .summary] | @tsv'
  NO_COLOR=1 wif demo

Everything happens on loopback: nothing is sent to the Internet, nothing is installed, no
account is needed. Tokens are never shown, only what they say and their digests.";

/// Options of `wif demo`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DemoArgs {
    /// Print the timeline as JSON lines
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(crate) fn run(args: &DemoArgs) -> Result<ExitCode, Box<dyn Error>> {
    let form = if args.json { Form::Json } else { Form::Text };
    let mut timeline = Timeline::new(anstream::stdout().lock(), form);
    scenario::print(&mut timeline)?;
    Ok(ExitCode::SUCCESS)
}
