//! The response of a token endpoint (RFC 6749, sections 5.1 and 5.2).

use super::token_request::MAX_RESPONSE;
use crate::entra::service_error;
use crate::error::PresentedAssertion;
use crate::http::HttpResponse;
use crate::http::{proxy, retry};
use crate::json::{JsonError, strict};
use crate::secret::Secret;
use crate::{Code, Error, Timestamp};
use alloc::format;
use alloc::string::{String, ToString};
use serde_json::Value;

/// Longest lifetime accepted in seconds, about ten years.
const MAX_LIFETIME: i64 = 315_360_000;

/// An issued token; times are seconds from now.
#[derive(Debug)]
pub(crate) struct Issued {
    pub(crate) token: Secret<String>,
    pub(crate) expires_in: i64,
    pub(crate) refresh_in: Option<i64>,
}

/// Reads a response. `presented` describes the assertion that was sent.
pub(crate) fn read(
    response: &HttpResponse,
    presented: Option<&PresentedAssertion>,
    correlation_id: &str,
    now: Timestamp,
) -> Result<Issued, Error> {
    let mut error = match read_checked(response, correlation_id, now) {
        Ok(issued) => return Ok(issued),
        Err(error) => error,
    };
    if error.code == Code::TrustMismatch {
        error.presented = presented.cloned();
    }
    let service = error.service.get_or_insert_default();
    service.http_status = response.status;
    service.correlation_id.get_or_insert_with(|| correlation_id.to_string());
    Err(error)
}

fn read_checked(
    response: &HttpResponse,
    correlation_id: &str,
    now: Timestamp,
) -> Result<Issued, Error> {
    let status = response.status;
    if status < 200 || (300..400).contains(&status) {
        return Err(Error::new(
            Code::ResponseRedirect,
            "the token endpoint redirected; the assertion was not sent on; check authority_host and any proxy",
        ));
    }
    if status == proxy::AUTHENTICATION_REQUIRED {
        return Err(proxy::authentication_required("the token endpoint"));
    }
    if response.body.len() > MAX_RESPONSE as usize {
        return Err(Error::new(
            Code::ResponseTooLarge,
            "the token endpoint's answer is larger than 1 MiB; check authority_host and any proxy",
        ));
    }
    let document = strict::parse(&response.body);
    // Some gateways and old endpoints answer an error with status 200.
    let refused = |document: &Value| {
        let token = document.get("access_token").and_then(Value::as_str).unwrap_or_default();
        token.is_empty() && service_error::is_error(document)
    };
    if status < 300 && !document.as_ref().is_ok_and(refused) {
        return read_success(response, document);
    }
    let retry_at = retry::after(&response.headers, now);
    let document_text = document.as_ref().ok().map(service_error::gateway_text);
    let document_text = document_text.filter(|text| !text.is_empty());
    let mut error = match document {
        Ok(document) => service_error::read(&document, status, correlation_id),
        Err(fault) if !retry::is_transient(status) => unreadable(response, fault),
        Err(_) => Error::new(Code::ServiceUnavailable, answered(status, "; try again later")),
    };
    if status == 429 {
        error.code = Code::Throttled;
        let text = document_text.map(|text| format!(": {text}")).unwrap_or_default();
        error.message = format!(
            "the token endpoint asked to wait (status 429){text}; try again at `retry_at` and keep one client so that its cache works"
        );
    } else if retry::is_transient(status) && error.code != Code::ServiceUnavailable {
        error.code = Code::ServiceUnavailable;
    }
    error.retry_at = retry_at;
    Err(error)
}

fn unreadable(response: &HttpResponse, fault: JsonError) -> Error {
    let status = response.status;
    if response.body.iter().all(u8::is_ascii_whitespace) {
        return Error::new(Code::ResponseEmpty, answered(status, " and an empty body"));
    }
    if fault == JsonError::Duplicate {
        return Error::new(
            Code::ResponseDuplicateMember,
            "the token endpoint's answer names a JSON member twice, so its meaning is ambiguous",
        );
    }
    let kind = response.headers.first("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default();
    let html = kind.split_once('/').is_some_and(|(_, kind)| kind.trim_ascii() == "html");
    let what = if html {
        " and an HTML page; check authority_host and any proxy"
    } else {
        " and something that is not JSON; check authority_host and any proxy"
    };
    Error::new(Code::ResponseNotJson, answered(status, what))
}

fn answered(status: u16, what: &str) -> String {
    format!("the token endpoint answered with status {status}{what}")
}

fn read_success(
    response: &HttpResponse,
    document: Result<Value, JsonError>,
) -> Result<Issued, Error> {
    let document = document.map_err(|fault| unreadable(response, fault))?;
    let text = |name| document.get(name).and_then(Value::as_str);
    let invalid = |message: &str| Error::new(Code::ResponseInvalid, message);
    if !document.is_object() {
        return Err(invalid("the token endpoint's answer is not a JSON object"));
    }
    let token = text("access_token").unwrap_or_default();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(invalid("`access_token` is missing, not a string, or not fit for a header"));
    }
    if !text("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")) {
        return Err(Error::new(
            Code::TokenTypeUnsupported,
            "`token_type` is missing or not Bearer; this client presents Bearer tokens only",
        ));
    }
    let expires_in = seconds(document.get("expires_in")).filter(|value| *value > 0);
    let Some(expires_in) = expires_in else {
        return Err(Error::new(
            Code::ExpiresInInvalid,
            "`expires_in` is missing or not a positive number of seconds, so the token's life is unknown",
        ));
    };
    Ok(Issued {
        token: Secret::new(token.to_string()),
        expires_in: expires_in.min(MAX_LIFETIME),
        refresh_in: seconds(document.get("refresh_in"))
            .filter(|value| (1..expires_in).contains(value)),
    })
}

/// Seconds as a number, or as a string of digits, which older endpoints write.
fn seconds(value: Option<&Value>) -> Option<i64> {
    match value? {
        Value::Number(value) => value.as_i64().or_else(|| {
            let value = value.as_f64()?;
            (0.0..MAX_LIFETIME as f64).contains(&value).then_some(value as i64)
        }),
        Value::String(text) => digits(text),
        _ => None,
    }
}

/// A number of digits only, without a sign. One that does not fit is as large as possible.
fn digits(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(i64::MAX))
}
