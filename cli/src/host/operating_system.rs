//! What the core gets from the operating system: the time, randomness and files.

use std::fs::File;
use std::io::{self, Read};
use std::time::{SystemTime, UNIX_EPOCH};
use workload_identity_core::{Code, Error, Failure, Outcome, Secret, Seed, Timestamp};

/// The current instant.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// 32 random bytes.
pub(crate) fn seed() -> Result<Seed, Error> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)
        .map_err(|_| Error::new(Code::Internal, "the operating system returned no random bytes"))?;
    Ok(seed)
}

/// Reads at most `max_bytes + 1` bytes of a file, so that the core detects a longer file.
pub(super) fn read_file(path: &str, max_bytes: u32) -> Outcome {
    let mut content = Vec::new();
    let outcome = File::open(path)
        .and_then(|file| file.take(u64::from(max_bytes) + 1).read_to_end(&mut content));
    match outcome {
        Ok(_) => Outcome::File(Secret::new(content)),
        Err(error) => {
            let (failure, detail) = failed(&error);
            Outcome::Failed { failure, detail }
        }
    }
}

/// The kind of an error of the operating system, and its description without a path.
pub(super) fn failed(error: &io::Error) -> (Failure, String) {
    let failure = match error.kind() {
        io::ErrorKind::NotFound => Failure::NotFound,
        io::ErrorKind::PermissionDenied => Failure::Denied,
        _ => Failure::Other,
    };
    (failure, error.kind().to_string())
}
