//! Trust files: how the commands read one, and `wif fic schema`.

use crate::commands::input::in_file;
use clap::Args;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use workload_identity_core::manage::{MAX_TRUST_FILE_BYTES, TrustFile, trust_file_schema};
use workload_identity_core::{Code, Error};

/// Options of `wif fic schema`.
#[derive(Args, Debug)]
pub(super) struct SchemaArgs {
    /// Has no effect: the schema is JSON
    #[arg(long, hide = true)]
    json: bool,
}

/// Prints the JSON Schema of trust files, for editors and pipelines.
pub(super) fn schema() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut out = io::stdout().lock();
    out.write_all(trust_file_schema().as_bytes())?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Reads a trust file; `-` is standard input. At most one byte more than such a file may have is read.
pub(super) fn read(path: &Path) -> Result<TrustFile, Error> {
    let mut content = Vec::new();
    let limit = MAX_TRUST_FILE_BYTES as u64 + 1;
    let read = match is_standard_input(path) {
        true => io::stdin().lock().take(limit).read_to_end(&mut content),
        false => File::open(path).and_then(|file| file.take(limit).read_to_end(&mut content)),
    };
    read.map_err(|error| in_file(path, Error::new(Code::RequestInvalid, error.to_string())))?;
    TrustFile::parse(&content).map_err(|error| in_file(path, error))
}

/// Whether the argument stands for standard input.
pub(super) fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}
