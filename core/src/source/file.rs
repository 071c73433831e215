//! A projected token file, as Kubernetes writes it (azure-workload-identity; `AZURE_FEDERATED_TOKEN_FILE`).
//!
//! Kubelet replaces the file atomically. Other writers, such as spiffe-helper, do not, so a file that is missing, empty or cut
//! off is read again shortly after. White space around the token is not part of it.

use super::{
    Detection, MAX_ASSERTION, Retry, SourceContext, SourceEffect, SourceError, SourceKind,
    SourceResult, TokenSource, members,
};
use crate::json::non_empty::NonBlank;
use crate::secret::Secret;
use crate::{Code, Effect, Error, Failure, Outcome, Timestamp};
use alloc::string::String;
use alloc::sync::Arc;
use serde::Deserialize;

pub(super) const KIND: SourceKind = SourceKind {
    name: "file",
    variables: &["AZURE_FEDERATED_TOKEN_FILE"],
    paths: &[],
    detect: |environment| match environment.variable("AZURE_FEDERATED_TOKEN_FILE") {
        Some(path) => Detection::found(
            Ok(TokenFile { path: path.into() }),
            "AZURE_FEDERATED_TOKEN_FILE is set",
        ),
        None => Detection::not_set("AZURE_FEDERATED_TOKEN_FILE"),
    },
    configure: |form, _| {
        let form: FileForm = members(form)?;
        Ok(Arc::new(TokenFile { path: form.path.0 }))
    },
};

/// Pause before a file that was empty or half-written is read again.
pub(crate) const REREAD_MS: i64 = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileForm {
    path: NonBlank,
}

#[derive(Debug)]
struct TokenFile {
    path: String,
}

impl TokenSource for TokenFile {
    fn ask(&self, _context: &SourceContext<'_>) -> SourceEffect {
        Effect::ReadFile { path: self.path.clone(), max_bytes: MAX_ASSERTION }.into()
    }

    fn read(
        &self,
        outcome: &Outcome,
        _state: &str,
        _now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        let Outcome::File(content) = outcome else { return Err(SourceError::unexpected()) };
        let bytes = content.expose();
        if bytes.len() > MAX_ASSERTION as usize {
            return Err(Error::new(
                Code::TokenFileTooLarge,
                "the token file is larger than 16 KiB; check AZURE_FEDERATED_TOKEN_FILE",
            )
            .into());
        }
        let bytes = bytes.trim_ascii();
        if bytes.is_empty() {
            return Err(again(
                Code::TokenFileEmpty,
                "the token file is empty; check that the platform projects a token into it",
            ));
        }
        match core::str::from_utf8(bytes) {
            Ok(text) => Ok(SourceResult::Assertion(Secret::new(text.into()))),
            Err(_) => Err(again(
                Code::AssertionMalformed,
                "the token file holds bytes that are not text; a workload token is a JWT",
            )),
        }
    }

    fn failed(&self, failure: Failure, detail: &str, _state: &str) -> SourceError {
        match failure {
            // The path can be missing for an instant while it is replaced.
            Failure::NotFound => again(
                Code::TokenFileMissing,
                "the token file does not exist; check AZURE_FEDERATED_TOKEN_FILE and the pod's label `azure.workload.identity/use`",
            ),
            Failure::Unsupported => Error::new(
                Code::SourceUnsupported,
                "this runtime has no file system; give the token by a callback, or by the source of the platform",
            )
            .into(),
            Failure::Denied => Error::new(
                Code::TokenFileDenied,
                "the token file may not be read by this user; check its mode and the pod's fsGroup",
            )
            .into(),
            _ => SourceError::failed(
                Code::TokenFileUnreadable,
                "reading the token file failed",
                failure,
                detail,
                None,
            ),
        }
    }
}

/// An error after which the file is read again shortly.
fn again(code: Code, message: &str) -> SourceError {
    SourceError { error: Error::new(code, message), retry: Some(Retry::After(REREAD_MS)) }
}
