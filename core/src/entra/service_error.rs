//! The error response of a token endpoint (RFC 6749, section 5.2), with the members that Entra adds.

use super::aadsts::{self, Class};
use crate::error::ServiceError;
use crate::redact::{MAX_DETAIL, redact};
use crate::{Code, Error};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde_json::Value;

/// Longest text repeated from the response, in characters.
const MAX_TEXT: usize = 500;
/// AADSTS numbers read from one response.
const MAX_NUMBERS: usize = 16;

/// Reads an error response. `correlation_id` is that of the request.
pub(crate) fn read(document: &Value, status: u16, correlation_id: &str) -> Error {
    let text = |name: &str| document.get(name)?.as_str().map(|text| redact(text, MAX_TEXT));
    let description = document.get("error_description").and_then(Value::as_str).unwrap_or_default();
    let service = ServiceError {
        http_status: status,
        error: text("error"),
        suberror: text("suberror"),
        aadsts: numbers(document, description),
        correlation_id: text("correlation_id").or_else(|| Some(correlation_id.to_string())),
        trace_id: text("trace_id"),
        claims: document.get("claims").and_then(Value::as_str).map(String::from),
    };
    let entry = service.aadsts.iter().find_map(|number| aadsts::find(*number));
    let oauth = service.error.as_deref().unwrap_or_default();
    let code = match entry.map(|entry| entry.class) {
        _ if service.claims.is_some() => Code::ClaimsChallenge,
        Some(Class::Trust) => Code::TrustMismatch,
        Some(Class::Assertion) => Code::AssertionRejected,
        Some(Class::Configuration) => Code::ConfigurationRejected,
        Some(Class::Transient) => Code::ServiceUnavailable,
        None if matches!(oauth, "temporarily_unavailable" | "server_error") => {
            Code::ServiceUnavailable
        }
        // RFC 7521, section 4.2.1: the error of a bad, expired or replayed assertion, from an authority without AADSTS numbers.
        None if oauth == "invalid_client" && service.aadsts.is_empty() => Code::AssertionRejected,
        None if oauth.is_empty() => Code::ResponseInvalid,
        None => Code::ExchangeRejected,
    };
    let first_line = description.trim_ascii_start().split('\n').next().unwrap_or_default();
    let first_line = redact(first_line.trim_ascii(), MAX_TEXT);
    let detail = if first_line.is_empty() { oauth } else { &first_line };
    let message = match code {
        Code::ResponseInvalid => {
            let text = gateway_text(document);
            let separator = if text.is_empty() { "" } else { ": " };
            format!(
                "the token endpoint answered with status {status} and no OAuth error{separator}{text}"
            )
        }
        _ => format!("the token endpoint refused the exchange: {detail}"),
    };
    let mut error = Error::new(code, message);
    error.hint = entry.map(|entry| entry.hint.to_string());
    error.service = Some(service);
    error
}

/// Whether a document tells of an error: as an OAuth error or in the form of a gateway.
pub(crate) fn is_error(document: &Value) -> bool {
    document.get("error").is_some_and(|error| !error.is_null())
        || !gateway_text(document).is_empty()
}

/// The text of a gateway's error: `{"error":{"code","message"}}` or `{"message"}`.
pub(crate) fn gateway_text(document: &Value) -> String {
    let text = |value: Option<&Value>| match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let error = document.get("error");
    let member = |name| text(error.and_then(|error| error.get(name)));
    let parts = [member("code"), member("message"), text(document.get("message"))];
    let parts: Vec<_> =
        parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
    redact(&parts.join(": "), MAX_DETAIL)
}

/// The AADSTS numbers: `error_codes`, or the number at the start of the description.
fn numbers(document: &Value, description: &str) -> Vec<u32> {
    let codes = document.get("error_codes").and_then(Value::as_array);
    let mut numbers: Vec<u32> = codes
        .into_iter()
        .flatten()
        .filter_map(|code| u32::try_from(code.as_u64()?).ok())
        .take(MAX_NUMBERS)
        .collect();
    if numbers.is_empty() {
        let text = description.strip_prefix("AADSTS").unwrap_or_default();
        let number = text.split(|character: char| !character.is_ascii_digit()).next();
        numbers.extend(number.and_then(|number| number.parse::<u32>().ok()));
    }
    numbers
}
