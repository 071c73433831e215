//! An assertion from the application's own function.

use super::{
    Detection, MAX_ASSERTION, Reason, Retry, SourceContext, SourceEffect, SourceError, SourceKind,
    SourceResult, TokenSource, members,
};
use crate::secret::Secret;
use crate::{Code, Effect, Error, Failure, Outcome, Timestamp};
use alloc::string::String;
use alloc::sync::Arc;
use serde::{Deserialize, Serialize};

pub(super) const KIND: SourceKind = SourceKind {
    name: "callback",
    variables: &[],
    paths: &[],
    detect: Detection::only_configured,
    configure: |form, _| members::<CallbackForm>(form).map(|_| Arc::new(Callback) as _),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallbackForm {}

#[derive(Debug)]
struct Callback;

/// What the callback is given to choose the right token, like MSAL's `AssertionRequestOptions`.
#[derive(Serialize)]
struct AssertionRequest<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
    authority: &'a str,
    token_endpoint: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    audience: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claims: Option<&'a str>,
    client_capabilities: &'a [&'a str],
    #[serde(skip_serializing_if = "Option::is_none")]
    fmi_path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<&'a str>,
    correlation_id: &'a str,
    reason: Reason,
    attempt: u32,
    /// Unix milliseconds.
    deadline: i64,
}

impl TokenSource for Callback {
    fn ask(&self, context: &SourceContext<'_>) -> SourceEffect {
        let request = AssertionRequest {
            tenant_id: context.tenant,
            client_id: context.client_id,
            authority: context.authority,
            token_endpoint: context.token_endpoint,
            audience: context.audience,
            claims: context.claims,
            client_capabilities: context.capabilities,
            fmi_path: context.fmi_path,
            context: context.context,
            correlation_id: context.correlation_id,
            reason: context.reason,
            attempt: context.attempt,
            deadline: context.deadline.millis(),
        };
        let effect = Effect::AskHost {
            name: "assertion",
            // Text always has a JSON form.
            payload: serde_json::to_string(&request).unwrap_or_default(),
            timeout_ms: context.timeout_ms,
        };
        effect.into()
    }

    fn read(
        &self,
        outcome: &Outcome,
        _state: &str,
        _now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        let Outcome::Answer(bytes) = outcome else { return Err(SourceError::unexpected()) };
        let malformed = |message: &str| Error::new(Code::AssertionMalformed, message);
        if bytes.expose().len() > MAX_ASSERTION as usize {
            return Err(malformed(
                "the callback returned more than 16 KiB; a workload token is a JWT",
            )
            .into());
        }
        let text = core::str::from_utf8(bytes.expose())
            .map_err(|_| malformed("the callback returned bytes that are not text"))?;
        Ok(SourceResult::Assertion(Secret::new(String::from(text.trim_ascii()))))
    }

    fn failed(&self, failure: Failure, detail: &str, _state: &str) -> SourceError {
        let transient = matches!(failure, Failure::Timeout | Failure::Refused);
        SourceError::failed(
            Code::CallbackFailed,
            "the assertion callback failed",
            failure,
            detail,
            transient.then_some(Retry::Backoff),
        )
    }
}
