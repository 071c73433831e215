//! A projected token file, as Kubernetes writes it (azure-workload-identity; `AZURE_FEDERATED_TOKEN_FILE`).
//!
//! Kubelet swaps the file atomically; other writers (spiffe-helper) do not, so a file that is empty or cut off is read
//! again shortly after. White space around the token is not part of it.

use super::{Again, MAX_ASSERTION, Refusal};
use crate::secret::Secret;
use crate::{Code, Effect, Error, Failure, Outcome};
use alloc::string::String;

/// Pause before a file that was empty or half-written is read again.
pub(crate) const REREAD_MS: i64 = 100;

#[derive(Clone, Debug)]
pub(crate) struct TokenFile {
    path: String,
}

impl TokenFile {
    pub(super) fn new(path: &str) -> Self {
        Self { path: path.into() }
    }

    pub(super) fn ask(&self) -> Effect {
        Effect::ReadFile { path: self.path.clone(), max_bytes: MAX_ASSERTION }
    }
}

pub(super) fn answer(outcome: &Outcome) -> Result<Secret<String>, Refusal> {
    let refuse =
        |code, message: &str, again| Err(Refusal { error: Error::new(code, message), again });
    let shortly = Some(Again::Shortly(REREAD_MS));
    match outcome {
        Outcome::File(content) => {
            let bytes = content.expose().trim_ascii();
            if content.expose().len() > MAX_ASSERTION as usize {
                return refuse(
                    Code::TokenFileTooLarge,
                    "the token file is larger than 16 KiB; check AZURE_FEDERATED_TOKEN_FILE",
                    None,
                );
            }
            if bytes.is_empty() {
                return refuse(
                    Code::TokenFileEmpty,
                    "the token file is empty; check that the platform projects a token into it",
                    shortly,
                );
            }
            match core::str::from_utf8(bytes) {
                Ok(text) => Ok(Secret::new(text.into())),
                Err(_) => refuse(
                    Code::AssertionMalformed,
                    "the token file holds bytes that are not text; a workload token is a JWT",
                    shortly,
                ),
            }
        }
        _ => Err(super::unexpected()),
    }
}

/// The failures that have a cause of their own.
pub(super) fn failed(failure: Failure) -> Option<Refusal> {
    let (code, message, again) = match failure {
        Failure::NotFound => (
            Code::TokenFileMissing,
            "the token file does not exist; check AZURE_FEDERATED_TOKEN_FILE and the pod's label `azure.workload.identity/use`",
            // A path that is being swapped can be missing for an instant.
            Some(Again::Shortly(REREAD_MS)),
        ),
        Failure::Denied => (
            Code::TokenFileDenied,
            "the token file may not be read by this user; check its mode and the pod's fsGroup",
            None,
        ),
        _ => return None,
    };
    Some(Refusal { error: Error::new(code, message), again })
}
