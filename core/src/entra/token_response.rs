//! What a token endpoint answers (RFC 6749, sections 5.1 and 5.2), read strictly where trust depends on it.

use super::aadsts::{self, Class};
use crate::error::{PresentedAssertion, ServiceError};
use crate::http::HttpResponse;
use crate::json::{self, Json, JsonError};
use crate::retry;
use crate::scan::{cut, find, first_chars};
use crate::secret::Secret;
use crate::{Code, Error, Timestamp};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Longest lifetime believed, about ten years.
const MAX_LIFETIME: i64 = 315_360_000;

/// An issued token; times are seconds from now.
#[derive(Debug)]
pub(crate) struct Issued {
    pub(crate) token: Secret<String>,
    pub(crate) expires_in: i64,
    pub(crate) refresh_in: Option<i64>,
}

/// Reads an answer. `presented` describes the assertion that was sent.
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
    if response.body.len() > super::token_request::MAX_RESPONSE as usize {
        return Err(Error::new(
            Code::ResponseTooLarge,
            "the token endpoint's answer is larger than 1 MiB; check authority_host and any proxy",
        ));
    }
    let document = json::parse(&response.body);
    if status < 300 {
        return read_success(response, document);
    }
    let retry_at = retry::after(&response.headers, now);
    let mut error = match document {
        Ok(document) => read_refusal(&document, status, correlation_id),
        Err(fault) if !retry::is_transient(status) => unreadable(response, fault),
        Err(_) => Error::new(Code::ServiceUnavailable, answered(status, "; try again later")),
    };
    if status == 429 {
        error.code = Code::Throttled;
        error.message = "the token endpoint asked to wait (status 429); try again at `retry_at` and keep one client so that its cache works".into();
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
    let (kind, _) = cut(kind, b';').unwrap_or((kind, ""));
    let html = cut(kind, b'/').is_some_and(|(_, kind)| kind.trim_ascii() == "html");
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
    document: Result<Json, JsonError>,
) -> Result<Issued, Error> {
    let document = document.map_err(|fault| unreadable(response, fault))?;
    let text = |name| document.text_of(name);
    let invalid = |message: &str| Error::new(Code::ResponseInvalid, message);
    if document.as_object().is_none() {
        return Err(invalid("the token endpoint's answer is not a JSON object"));
    }
    let token = text("access_token").unwrap_or_default();
    if token.is_empty() || find(token.as_bytes(), |byte| !byte.is_ascii_graphic()).is_some() {
        return Err(invalid("`access_token` is missing, not a string, or not fit for a header"));
    }
    if !text("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")) {
        return Err(Error::new(
            Code::TokenTypeUnsupported,
            "`token_type` is missing or not Bearer; this client presents Bearer tokens only",
        ));
    }
    let expires_in = seconds(document.member("expires_in")).filter(|value| *value > 0);
    let Some(expires_in) = expires_in else {
        return Err(Error::new(
            Code::ExpiresInInvalid,
            "`expires_in` is missing or not a positive number of seconds, so the token's life is unknown",
        ));
    };
    Ok(Issued {
        token: Secret::new(token.to_string()),
        expires_in: expires_in.min(MAX_LIFETIME),
        refresh_in: seconds(document.member("refresh_in"))
            .filter(|value| (1..expires_in).contains(value)),
    })
}

/// Seconds as a number, or as a string of digits as older endpoints write them.
fn seconds(value: Option<&Json>) -> Option<i64> {
    match value? {
        Json::Integer(value) => Some(*value),
        Json::Number(value) if *value >= 0.0 && *value < MAX_LIFETIME as f64 => Some(*value as i64),
        Json::Text(text) => digits(text),
        _ => None,
    }
}

/// A number of digits only; one that does not fit is as large as any.
fn digits(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(i64::MAX))
}

fn read_refusal(document: &Json, status: u16, correlation_id: &str) -> Error {
    let text = |name: &str| document.text_of(name).map(|text| scrub(text, 500));
    let description = text("error_description").unwrap_or_default();
    let service = ServiceError {
        http_status: status,
        error: text("error"),
        suberror: text("suberror"),
        aadsts: numbers(document, &description),
        correlation_id: text("correlation_id").or_else(|| Some(correlation_id.to_string())),
        trace_id: text("trace_id"),
        claims: document.text_of("claims").map(String::from),
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
        // RFC 7521, section 4.2.1: what an authority without numbers says of a bad, expired or replayed assertion.
        None if oauth == "invalid_client" && service.aadsts.is_empty() => Code::AssertionRejected,
        None if oauth.is_empty() => Code::ResponseInvalid,
        None => Code::ExchangeRejected,
    };
    let (first_line, _) = cut(&description, b'\n').unwrap_or((&description, ""));
    let first_line = first_line.trim_ascii();
    let detail = if first_line.is_empty() { oauth } else { first_line };
    let message = match code {
        Code::ResponseInvalid => answered(status, " and no OAuth error"),
        _ => format!("the token endpoint refused the exchange: {detail}"),
    };
    let mut error = Error::new(code, message);
    error.hint = entry.map(|entry| entry.hint.to_string());
    error.service = Some(service);
    error
}

fn numbers(document: &Json, description: &str) -> Vec<u32> {
    let mut numbers = Vec::new();
    for item in document.member("error_codes").and_then(Json::as_list).unwrap_or_default() {
        if let Some(number) = item.as_integer().and_then(|number| u32::try_from(number).ok())
            && numbers.len() < 16
        {
            numbers.push(number);
        }
    }
    if numbers.is_empty() {
        let text = description.strip_prefix("AADSTS").unwrap_or_default();
        let number = text.split(|character: char| !character.is_ascii_digit()).next();
        numbers.extend(number.and_then(|number| number.parse::<u32>().ok()));
    }
    numbers
}

/// Whether a JWT begins somewhere in the word. Not `contains`: its general search weighs kilobytes in the edge module.
fn has_token(word: &str) -> bool {
    word.as_bytes().windows(3).any(|start| start == b"eyJ")
}

/// Takes out of a service's text whatever looks like a token, and leaves so many characters.
pub(crate) fn scrub(text: &str, most: usize) -> String {
    let mut clean = String::new();
    let mut rest = Some(text);
    while let Some(text) = rest {
        let (word, next) = match cut(text, b' ') {
            Some((word, next)) => (word, Some(next)),
            None => (text, None),
        };
        clean.push_str(if has_token(word) { "[token]" } else { word });
        if next.is_some() {
            clean.push(' ');
        }
        rest = next;
    }
    clean.truncate(first_chars(&clean, most).len());
    clean
}
