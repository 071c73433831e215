//! What arguments and options name: a token, a file of keys or of a document.

use crate::explain::escaped;
use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;
use workload_identity_core::jose::MAX_SET_BYTES;
use workload_identity_core::{Code, Error};

/// Longer than any allowed token. The core refuses a longer one as `too_large`.
const MAX_TOKEN_BYTES: u64 = 1 << 20;

/// The text of the argument, of the file that it names, or of standard input for `-` or no argument.
///
/// # Errors
/// Says what is missing.
pub(super) fn token(argument: Option<&str>) -> Result<String, String> {
    match argument {
        Some("-") => {}
        // A token has no separator of paths, and no file's name has the form of a token by accident.
        Some(text) => {
            return match File::open(text) {
                Ok(file) => limited(file).map_err(|error| format!("{text}: {error}")),
                Err(_) => Ok(text.trim().to_owned()),
            };
        }
        None if io::stdin().is_terminal() => {
            return Err("give the token as an argument, in a file or on standard input".to_owned());
        }
        None => {}
    }
    limited(io::stdin().lock()).map_err(|error| format!("standard input: {error}"))
}

fn limited(input: impl Read) -> io::Result<String> {
    let mut bytes = Vec::new();
    input.take(MAX_TOKEN_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}

/// Reads a file, at most one byte more than a document may have.
pub(in crate::commands) fn file(path: &Path) -> Result<Vec<u8>, Error> {
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
