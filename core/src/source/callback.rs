//! The application's own function gives the assertion.

use super::{MAX_ASSERTION, Purpose, Refusal};
use crate::json::object;
use crate::secret::Secret;
use crate::{Code, Effect, Error, Outcome};
use alloc::string::String;

/// Everything a callback may need to choose the right token; MSAL's AssertionRequestOptions has the same idea.
pub(super) fn ask(purpose: &Purpose<'_>) -> Effect {
    Effect::AskHost {
        name: "assertion",
        payload: object(|o| {
            o.text_if("tenant_id", purpose.tenant)
                .text_if("client_id", purpose.client_id)
                .text("token_endpoint", purpose.token_endpoint)
                .text_if("audience", purpose.audience)
                .text_if("claims", purpose.claims)
                .text_if("context", purpose.context)
                .text("correlation_id", purpose.correlation_id);
        }),
        timeout_ms: purpose.timeout_ms,
    }
}

pub(super) fn answer(outcome: &Outcome) -> Result<Secret<String>, Refusal> {
    match outcome {
        Outcome::Answer(bytes) if bytes.expose().len() > MAX_ASSERTION as usize => Err(Error::new(
            Code::AssertionMalformed,
            "the callback returned more than 16 KiB; a workload token is a JWT",
        )
        .into()),
        Outcome::Answer(bytes) => match core::str::from_utf8(bytes.expose()) {
            Ok(text) => Ok(Secret::new(String::from(text.trim_ascii()))),
            Err(_) => Err(Error::new(
                Code::AssertionMalformed,
                "the callback returned bytes that are not text",
            )
            .into()),
        },
        _ => Err(super::unexpected()),
    }
}
