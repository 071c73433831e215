//! `wif sources`: the token sources that this machine offers, in the order in which they are tried.

use super::detected::{self, Source};
use crate::host::{SystemHost, Transport};
use clap::Args;
use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  # Which source does this job or pod offer, and why?
  wif sources

  # The name of the source that `wif token` takes
  wif sources --json | jq -r '.[] | select(.chosen) | .name'

Only environment variables and the existence of a few files are looked at; nothing is sent
without `--probe`.
A source whose variables are incomplete is detected, too: the text says what is missing.

Exit status: 0, whatever is detected; 2 for wrong usage.";

/// Options of `wif sources`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SourcesArgs {
    /// Print a JSON list
    #[arg(long)]
    json: bool,
    /// Also show the sources that are not detected, and what was looked for
    #[arg(long, conflicts_with = "json")]
    all: bool,
    /// Where none is detected, look for the metadata services of Google Cloud and Azure, within 1 s
    #[arg(long)]
    probe: bool,
}

/// Runs the command.
pub(crate) fn run(args: &SourcesArgs) -> Result<ExitCode, Box<dyn Error>> {
    let mut sources = detected::report()?;
    if args.probe {
        detected::probe(&mut sources, &SystemHost::new(Transport::new(None)));
    }
    let mut out = anstream::stdout().lock();
    match args.json {
        true => writeln!(out, "{}", serde_json::to_string(&sources)?)?,
        false => page(&mut out, &sources, args.all)?,
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn page(out: &mut impl Write, sources: &[Source], all: bool) -> io::Result<()> {
    let width = sources.iter().map(|source| source.name.len()).max().unwrap_or_default();
    for source in sources.iter().filter(|source| all || source.detected) {
        let mark = if source.chosen {
            "\x1b[32m*\x1b[0m"
        } else if source.detected {
            "+"
        } else {
            " "
        };
        writeln!(out, "{mark} {:width$}  {}", source.name, source.why.escape_debug())?;
    }
    let detected = sources.iter().filter(|source| source.detected).count();
    match detected {
        0 => writeln!(
            out,
            "No token source is detected; `wif sources --all` shows what was looked for, `wif token --help` how to name one."
        ),
        1 => Ok(()),
        _ => writeln!(
            out,
            "\nSeveral sources are detected. `wif token` takes the one marked *; `--source NAME` takes another."
        ),
    }
}
