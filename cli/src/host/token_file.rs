//! Reads a token file for the core, up to a size limit.

use std::fs::File;
use std::io::{self, Read};
use workload_identity_core::{Failure, Outcome, Secret};

/// Reads at most `max_bytes + 1` bytes, so that the core detects a longer file.
pub(crate) fn read(path: &str, max_bytes: u32) -> Outcome {
    let mut content = Vec::new();
    let outcome = File::open(path)
        .and_then(|file| file.take(u64::from(max_bytes) + 1).read_to_end(&mut content));
    match outcome {
        Ok(_) => Outcome::File(Secret::new(content)),
        Err(error) => {
            let failure = match error.kind() {
                io::ErrorKind::NotFound => Failure::NotFound,
                io::ErrorKind::PermissionDenied => Failure::Denied,
                _ => Failure::Other,
            };
            Outcome::Failed { failure, detail: error.kind().to_string() }
        }
    }
}
