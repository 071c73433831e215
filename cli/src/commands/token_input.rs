//! A token from an argument, a file or standard input.

use std::fs::File;
use std::io::{self, IsTerminal, Read};

/// Longer than any allowed token. The core refuses a longer one as `too_large`.
const MAX_INPUT: u64 = 1 << 20;

/// The text of the argument, of the file that it names, or of standard input for `-` or no argument.
///
/// # Errors
/// Says what is missing.
pub(crate) fn read(argument: Option<&str>) -> Result<String, String> {
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
    input.take(MAX_INPUT + 1).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}
