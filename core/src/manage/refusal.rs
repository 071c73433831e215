//! What a service's refusal means, and what to do.

use super::call::Call;
use super::config::ManagerConfig;
use super::identity::Identity;
use crate::entra::service_error::gateway_text;
use crate::error::ServiceError;
use crate::http::{HttpResponse, proxy, retry};
use crate::json::{JsonError, strict, without_byte_order_mark};
use crate::redact::redact;
use crate::{Code, Error, Timestamp};
use alloc::format;
use alloc::string::String;
use serde_json::Value;

/// Longest code of a service that an error repeats, in characters.
const MAX_CODE: usize = 100;

/// The error of an answer with another status than 2xx.
pub(super) fn refused(
    call: &Call,
    response: &HttpResponse,
    config: &ManagerConfig,
    correlation_id: &str,
    now: Timestamp,
) -> Error {
    let (service, status, purpose) = (config.service(), response.status, call.purpose());
    let document = strict::parse(without_byte_order_mark(&response.body)).ok();
    let text = document.as_ref().map(gateway_text).unwrap_or_default();
    let said = if text.is_empty() { String::new() } else { format!(": {text}") };
    let label = config.identity.label();
    let retry_at =
        if retry::is_transient(status) { retry::after(&response.headers, now) } else { None };
    let (code, message) = match status {
        // Informational and redirecting answers.
        0..=399 => (
            Code::ResponseRedirect,
            format!(
                "{service} redirected, and the access token was not sent on; check `{}` and any proxy",
                config.url_member()
            ),
        ),
        401 => (
            Code::ManagementRefused,
            format!(
                "{service} does not accept the access token (status 401){said}; the credential must give tokens for `{}`",
                config.scope
            ),
        ),
        403 => (
            Code::ManagementRefused,
            format!(
                "{service} refused to {purpose} of {label} (status 403){said}; {}",
                permission(call, config)
            ),
        ),
        404 => (
            Code::IdentityNotFound,
            format!("{service} knows no identity {label}{said}; {}", where_identities_are(config)),
        ),
        407 => return proxy::authentication_required(service),
        409 | 412 => (
            Code::CredentialConflict,
            format!(
                "{service} refused to {purpose} of {label} because of another change (status {status}){said}"
            ),
        ),
        429 => (
            Code::Throttled,
            format!("{service} asked to wait (status 429){said}; try again {}", when(retry_at)),
        ),
        408 | 500.. => (
            Code::ServiceUnavailable,
            format!(
                "{service} failed to {purpose} of {label} (status {status}){said}; try again later"
            ),
        ),
        _ => (
            Code::ManagementRefused,
            format!("{service} refused to {purpose} of {label} (status {status}){said}"),
        ),
    };
    let mut error = Error::new(code, message);
    error.retry_at = retry_at;
    error.service = Some(details(response, document.as_ref(), correlation_id));
    error
}

/// When a throttled call can be made again.
fn when(retry_at: Option<Timestamp>) -> &'static str {
    if retry_at.is_some() { "at `retry_at`" } else { "later" }
}

/// The error of an answer that should have content and has none that can be read.
pub(super) fn unreadable(
    response: &HttpResponse,
    fault: JsonError,
    config: &ManagerConfig,
    correlation_id: &str,
) -> Error {
    let service = config.service();
    let setting = config.url_member();
    let mut error = if response.body.iter().all(u8::is_ascii_whitespace) {
        Error::new(
            Code::ResponseEmpty,
            format!("{service} answered with an empty body; check `{setting}` and any proxy"),
        )
    } else if fault == JsonError::Duplicate {
        Error::new(
            Code::ResponseDuplicateMember,
            format!(
                "the answer of {service} names a JSON member twice, so its meaning is ambiguous; check `{setting}` and any proxy"
            ),
        )
    } else if fault == JsonError::Shape {
        return invalid(response, "has not the form of its documentation", config, correlation_id);
    } else {
        Error::new(
            Code::ResponseNotJson,
            format!(
                "{service} answered with something that is not JSON, such as an HTML page; check `{setting}` and any proxy"
            ),
        )
    };
    error.service = Some(details(response, None, correlation_id));
    error
}

/// The error of an answer that is JSON but not what it should be.
pub(super) fn invalid(
    response: &HttpResponse,
    what: &str,
    config: &ManagerConfig,
    correlation_id: &str,
) -> Error {
    let message =
        format!("the answer of {} {what}; check `{}`", config.service(), config.url_member());
    let mut error = Error::new(Code::ResponseInvalid, message);
    error.service = Some(details(response, None, correlation_id));
    error
}

/// The error of an answer that is too large.
pub(super) fn too_large(config: &ManagerConfig) -> Error {
    let message = format!(
        "the answer of {} is larger than 1 MiB; check `{}` and any proxy",
        config.service(),
        config.url_member()
    );
    Error::new(Code::ResponseTooLarge, message)
}

fn details(
    response: &HttpResponse,
    document: Option<&Value>,
    correlation_id: &str,
) -> ServiceError {
    let code = document
        .and_then(|document| document.pointer("/error/code").or_else(|| document.get("code")))
        .and_then(Value::as_str)
        .map(|code| redact(code, MAX_CODE));
    let trace = ["request-id", "x-ms-request-id"]
        .into_iter()
        .find_map(|name| response.headers.first(name))
        .map(|id| redact(id, MAX_CODE));
    ServiceError {
        http_status: response.status,
        error: code,
        correlation_id: Some(String::from(correlation_id)),
        trace_id: trace,
        ..ServiceError::default()
    }
}

/// What the caller lacks.
fn permission(call: &Call, config: &ManagerConfig) -> &'static str {
    match (&config.identity, call.writes()) {
        (Identity::ManagedIdentity(_), true) => {
            "the caller needs the role Managed Identity Contributor on this identity"
        }
        (Identity::ManagedIdentity(_), false) => {
            "the caller needs the role Managed Identity Contributor, or Reader, on this identity"
        }
        (Identity::AgentBlueprint(_), true) => {
            "the caller needs the permission AgentIdentityBlueprint.AddRemoveCreds.All of Microsoft Graph, with an administrator's consent"
        }
        (Identity::AgentBlueprint(_), false) => {
            "the caller needs the permission AgentIdentityBlueprint.Read.All of Microsoft Graph, with an administrator's consent"
        }
        (_, true) => {
            "the caller needs the permission Application.ReadWrite.OwnedBy of Microsoft Graph and to be an owner of the application, or Application.ReadWrite.All, with an administrator's consent"
        }
        (_, false) => {
            "the caller needs the permission Application.ReadWrite.OwnedBy of Microsoft Graph and to be an owner of the application, or Application.Read.All, with an administrator's consent"
        }
    }
}

fn where_identities_are(config: &ManagerConfig) -> &'static str {
    match &config.identity {
        Identity::AppId(_) => {
            "check `identity.app_id`, which is the Application (client) ID, and the tenant of the access token"
        }
        Identity::AppObjectId(_) => {
            "check `identity.app_object_id`, which is the object id of the app registration and not of the enterprise application, and the tenant of the access token"
        }
        Identity::AgentBlueprint(_) => {
            "check `identity.agent_blueprint`, which is an object id, and the tenant of the access token"
        }
        Identity::ManagedIdentity(_) => {
            "check `identity.managed_identity`, and that the caller may see it"
        }
    }
}
