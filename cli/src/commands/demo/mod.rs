//! `wif demo`: a complete exchange on this machine, printed as a timeline.

mod platform_story;
mod request_log;
mod running_emulator;
mod scenario;
mod timeline;

use super::emulator;
use clap::Args;
use std::error::Error;
use std::process::ExitCode;
use timeline::{Form, Timeline};
use workload_identity_emulator::Platform;

const EXAMPLES: &str = "\
Examples:
  wif demo
  wif demo --platform gcp
  wif demo --open
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
    /// Stay until Ctrl-C, so that the inspector shows the story
    #[arg(long)]
    keep: bool,
    /// Open the inspector in a browser, and stay until Ctrl-C
    #[arg(long)]
    open: bool,
    /// Tell the story of a platform; `wif emulator --help` lists them
    #[arg(long, value_name = "NAME", value_parser = emulator::platform_named)]
    platform: Option<&'static Platform>,
}

/// Runs the command.
pub(crate) fn run(args: &DemoArgs) -> Result<ExitCode, Box<dyn Error>> {
    let form = if args.json { Form::Json } else { Form::Text };
    let mut timeline = Timeline::new(anstream::stdout().lock(), form);
    let running = match args.platform {
        None => scenario::print(&mut timeline)?,
        Some(platform) => platform_story::print(&mut timeline, platform)?,
    };
    if args.keep || args.open {
        running.stay(&mut timeline, args.open)?;
    }
    Ok(ExitCode::SUCCESS)
}
