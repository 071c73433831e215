//! Files of keys and documents that options name.

use crate::explain::escaped;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use workload_identity_core::jose::MAX_SET_BYTES;
use workload_identity_core::{Code, Error};

/// Reads a file, at most one byte more than a document may have.
pub(super) fn content(path: &Path) -> Result<Vec<u8>, Error> {
    let mut content = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_SET_BYTES as u64 + 1).read_to_end(&mut content))
        .map_err(|error| in_file(path, Error::new(Code::RequestInvalid, error.to_string())))?;
    if content.len() > MAX_SET_BYTES {
        return Err(in_file(path, Error::new(Code::TooLarge, "the file is larger than 1 MiB")));
    }
    Ok(content)
}

/// Names the file that an error is about.
pub(super) fn in_file(path: &Path, mut error: Error) -> Error {
    error.message = format!("{}: {}", escaped(&path.display().to_string()), error.message);
    error
}
