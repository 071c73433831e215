//! A token file, as Kubernetes projects it (azure-workload-identity; `AZURE_FEDERATED_TOKEN_FILE`).
//!
//! Kubelet replaces the file atomically. Other writers, such as spiffe-helper, do not, so a file that is missing, empty or cut
//! off is read again shortly after. White space around the token is not part of it.

use super::token_format::{FormatFault, FormatForm, TokenFormat};
use super::{
    Detection, Retry, SourceContext, SourceEffect, SourceError, SourceKind, SourceResult,
    TokenSource, members,
};
use crate::json::config::word;
use crate::json::non_empty::NonBlank;
use crate::{Code, Effect, Error, Failure, Outcome, Timestamp};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use serde::Deserialize;

pub(super) const KIND: SourceKind = SourceKind {
    name: "file",
    variables: &["AZURE_FEDERATED_TOKEN_FILE"],
    paths: &[],
    detect: |environment| match environment.variable("AZURE_FEDERATED_TOKEN_FILE") {
        Some(path) => Detection::Found {
            source: Arc::new(TokenFile::of(&WEBHOOK, path)),
            why: "AZURE_FEDERATED_TOKEN_FILE is set".into(),
        },
        None => Detection::not_set("AZURE_FEDERATED_TOKEN_FILE"),
    },
    configure: |form, environment| {
        let form: FileForm = members(form)?;
        let format = TokenFormat::of(form.format, form.field)?;
        match (form.path, environment.variable("AZURE_FEDERATED_TOKEN_FILE")) {
            (Some(path), _) => Ok(Arc::new(TokenFile { owner: &CALLER, path: path.0, format })),
            (None, Some(path)) => {
                Ok(Arc::new(TokenFile { owner: &WEBHOOK, path: path.into(), format }))
            }
            (None, None) => Err(Error::new(
                Code::ConfigInvalid,
                "`source.path` is missing or empty, and AZURE_FEDERATED_TOKEN_FILE is not set",
            )),
        }
    },
};

/// Pause before a file that was empty or half-written is read again.
pub(crate) const REREAD_MS: i64 = 100;

/// Who writes a token file, and what messages say of it.
#[derive(Debug)]
pub(super) struct FileOwner {
    /// The platform's name, if it is known.
    pub(super) platform: Option<&'static str>,
    /// The variable or option that names the file.
    pub(super) configured_by: &'static str,
    /// What to do where it does not exist: `check ...`.
    pub(super) missing: &'static str,
}

static WEBHOOK: FileOwner = FileOwner {
    platform: None,
    configured_by: "AZURE_FEDERATED_TOKEN_FILE",
    missing: "check AZURE_FEDERATED_TOKEN_FILE and the pod's label `azure.workload.identity/use`",
};

static CALLER: FileOwner = FileOwner {
    platform: None,
    configured_by: "`source.path`",
    missing: "check `source.path`, and on Kubernetes AZURE_FEDERATED_TOKEN_FILE and the pod's label `azure.workload.identity/use`",
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileForm {
    path: Option<NonBlank>,
    #[serde(default, deserialize_with = "word")]
    format: Option<FormatForm>,
    field: Option<NonBlank>,
}

/// A token file.
#[derive(Debug)]
pub(super) struct TokenFile {
    owner: &'static FileOwner,
    path: String,
    format: TokenFormat,
}

impl TokenFile {
    /// A file that holds only the token.
    pub(super) fn of(owner: &'static FileOwner, path: &str) -> Self {
        Self { owner, path: path.into(), format: TokenFormat::Text }
    }
}

impl TokenSource for TokenFile {
    fn platform(&self) -> Option<&'static str> {
        self.owner.platform
    }

    fn ask(&self, _context: &SourceContext<'_>) -> SourceEffect {
        let max_bytes = self.format.max_bytes();
        Effect::ReadFile { path: self.path.clone(), max_bytes }.into()
    }

    fn read(
        &self,
        outcome: &Outcome,
        _state: &str,
        _now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        let Outcome::File(content) = outcome else { return Err(SourceError::unexpected()) };
        let fault = match self.format.token(content.expose()) {
            Ok(token) => return Ok(SourceResult::Assertion(token)),
            Err(fault) => fault,
        };
        let by = self.owner.configured_by;
        Err(match (fault, &self.format) {
            (FormatFault::TooLarge, format) => {
                let most = format.max_bytes() / 1024;
                let message = format!("the token file is larger than {most} KiB; check {by}");
                Error::new(Code::TokenFileTooLarge, message).into()
            }
            (FormatFault::Empty, _) => again(
                Code::TokenFileEmpty,
                "the token file is empty; check that the platform projects a token into it",
            ),
            (FormatFault::FieldMissing, TokenFormat::Json { field }) => again(
                Code::AssertionMalformed,
                &format!(
                    "the token file has no token in the member `{field}`; check `source.field`"
                ),
            ),
            (FormatFault::NotJson, _) => again(
                Code::AssertionMalformed,
                &format!("the token file is not JSON, as `source.format` says; check {by}"),
            ),
            _ => again(
                Code::AssertionMalformed,
                "the token file holds bytes that are not text; a workload token is a JWT",
            ),
        })
    }

    fn failed(&self, failure: Failure, detail: &str, _state: &str) -> SourceError {
        match failure {
            // The path can be missing for an instant while it is replaced.
            Failure::NotFound => again(
                Code::TokenFileMissing,
                &format!("the token file does not exist; {}", self.owner.missing),
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
