//! A text file that a platform writes beside the token that is asked for: a credential, certificates, a configuration.

use super::{REREAD_MS, Retry, SourceError};
use crate::{Code, Effect, Error, Failure, Outcome};
use alloc::format;
use alloc::string::String;

/// A kind of file, as messages speak of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextFile {
    /// The subject of a sentence: `the service account's token file`.
    pub(super) name: &'static str,
    /// What to do when it cannot be read: `check the pod's ...`.
    pub(super) advice: &'static str,
    /// Longest content.
    pub(super) max_bytes: u32,
}

impl TextFile {
    pub(super) fn effect(&self, path: String) -> Effect {
        Effect::ReadFile { path, max_bytes: self.max_bytes }
    }

    /// The content without white space around it.
    pub(super) fn text<'a>(&self, outcome: &'a Outcome) -> Result<&'a str, SourceError> {
        let Outcome::File(content) = outcome else { return Err(SourceError::unexpected()) };
        let bytes = content.expose();
        if bytes.len() > self.max_bytes as usize {
            let kib = self.max_bytes / 1024;
            return Err(self.error(Code::TokenFileTooLarge, &format!("is larger than {kib} KiB")));
        }
        match core::str::from_utf8(bytes).map(str::trim_ascii) {
            Ok("") => Err(again(self.error(Code::TokenFileEmpty, "is empty"))),
            Ok(text) => Ok(text),
            Err(_) => Err(again(self.error(Code::TokenFileUnreadable, "is not text"))),
        }
    }

    /// The error of a file that the host could not read.
    pub(super) fn failed(&self, failure: Failure, detail: &str) -> SourceError {
        match failure {
            // The path can be missing for an instant while it is replaced.
            Failure::NotFound => again(self.error(Code::TokenFileMissing, "does not exist")),
            Failure::Denied => self.error(Code::TokenFileDenied, "may not be read by this user"),
            Failure::Unsupported => {
                self.error(Code::SourceUnsupported, "cannot be read: this runtime has no files")
            }
            _ => {
                let what = format!("reading {} failed", self.name);
                SourceError::failed(Code::TokenFileUnreadable, &what, failure, detail, None)
            }
        }
    }

    /// An error about the file. `what` continues the sentence after its name.
    pub(super) fn error(&self, code: Code, what: &str) -> SourceError {
        Error::new(code, format!("{} {what}; {}", self.name, self.advice)).into()
    }
}

/// The same error, after which the file is read again shortly: it may be half-written.
fn again(refused: SourceError) -> SourceError {
    SourceError { retry: Some(Retry::After(REREAD_MS)), ..refused }
}
