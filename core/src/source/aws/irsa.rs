//! The token file of IAM roles for service accounts (Amazon EKS User Guide). Fly.io sets the same variable.
//!
//! The pod identity webhook projects a token with the audience `sts.amazonaws.com`. It fits a federated identity credential
//! with that audience only. For another audience the pod needs a second projected volume, or the source `aws`.

use super::web_identity::{FILE, TOKEN_FILE};
use crate::json::non_empty::NonBlank;
use crate::secret::Secret;
use crate::source::{
    Detection, SourceContext, SourceEffect, SourceError, SourceKind, SourceResult, TokenSource,
    members,
};
use crate::{Code, Error, Failure, Outcome, Timestamp};
use alloc::string::String;
use alloc::sync::Arc;
use serde::Deserialize;

pub(in super::super) const KIND: SourceKind = SourceKind {
    name: "aws_irsa",
    variables: &[TOKEN_FILE],
    paths: &[],
    detect: |environment| match environment.variable(TOKEN_FILE) {
        Some(path) => Detection::found(
            Ok(PodToken { path: path.into() }),
            "AWS_WEB_IDENTITY_TOKEN_FILE is set; on Amazon EKS the audience of its token is `sts.amazonaws.com`, so that another audience needs a second projected volume or the source `aws`",
        ),
        None => Detection::not_set(TOKEN_FILE),
    },
    configure: |form, environment| {
        let form: PodTokenForm = members(form)?;
        let configured = form.path.as_ref().map(|path| path.0.trim_ascii());
        match configured.or_else(|| environment.variable(TOKEN_FILE)) {
            Some(path) => Ok(Arc::new(PodToken { path: path.into() })),
            None => Err(Error::new(
                Code::EnvironmentIncomplete,
                "AWS_WEB_IDENTITY_TOKEN_FILE is not set; Amazon EKS sets it in pods whose service account has the annotation `eks.amazonaws.com/role-arn`",
            )),
        }
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PodTokenForm {
    path: Option<NonBlank>,
}

#[derive(Debug)]
struct PodToken {
    path: String,
}

impl TokenSource for PodToken {
    fn platform(&self) -> Option<&'static str> {
        Some("IAM roles for service accounts")
    }

    fn ask(&self, _context: &SourceContext<'_>) -> SourceEffect {
        FILE.effect(self.path.clone()).into()
    }

    fn read(
        &self,
        outcome: &Outcome,
        _state: &str,
        _now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        FILE.text(outcome).map(|token| SourceResult::Assertion(Secret::new(token.into())))
    }

    fn failed(&self, failure: Failure, detail: &str, _state: &str) -> SourceError {
        FILE.failed(failure, detail)
    }
}
