//! The trust file of an argument.

use crate::commands::input::in_file;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use workload_identity_core::manage::{MAX_TRUST_FILE_BYTES, TrustFile};
use workload_identity_core::{Code, Error};

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
