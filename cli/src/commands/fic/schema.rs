//! `wif fic schema`: the JSON Schema of trust files, for editors and pipelines.

use clap::Args;
use std::io::{self, Write};
use std::process::ExitCode;
use workload_identity_core::manage::trust_file_schema;

/// Options of `wif fic schema`.
#[derive(Args, Debug)]
pub(super) struct SchemaArgs {
    /// Has no effect: the schema is JSON
    #[arg(long, hide = true)]
    json: bool,
}

/// Runs the command.
pub(super) fn run() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut out = io::stdout().lock();
    out.write_all(trust_file_schema().as_bytes())?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
