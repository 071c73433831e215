//! Answers of AWS: JSON, or the XML that the Query protocol gives to callers who do not ask for JSON.
//!
//! AWS answers the header `accept: application/json` with JSON. Compatible services answer only with XML.

use super::super::endpoint::{Endpoint, MAX_RESPONSE};
use super::super::{Retry, SourceError};
use crate::error::ServiceError;
use crate::http::{HttpResponse, retry};
use crate::json::strict;
use crate::{Code, Error, Timestamp};
use alloc::format;
use alloc::string::{String, ToString};
use roxmltree::{Document, ParsingOptions};
use serde_json::Value;

/// The document of an answer. Members are found by name at any depth: no document has a name twice.
pub(super) enum Answer<'a> {
    Json(Value),
    Xml(Document<'a>),
}

impl<'a> Answer<'a> {
    /// Reads an answer, of any status.
    pub(super) fn parse(response: &'a HttpResponse) -> Option<Self> {
        if response.body.len() > MAX_RESPONSE as usize {
            return None;
        }
        if response.body.trim_ascii_start().starts_with(b"<") {
            // A document type would define entities. No service sends one.
            let options = ParsingOptions { nodes_limit: 1_000, ..ParsingOptions::default() };
            let text = core::str::from_utf8(&response.body).ok()?;
            return Document::parse_with_options(text, options).ok().map(Self::Xml);
        }
        strict::parse(&response.body).ok().map(Self::Json)
    }

    /// Reads the answer of an endpoint.
    pub(super) fn of(response: &'a HttpResponse, endpoint: &Endpoint) -> Result<Self, SourceError> {
        Self::parse(response).ok_or_else(|| {
            endpoint.invalid("answered with text that is neither JSON nor XML, or too long")
        })
    }

    /// The value of a member.
    pub(super) fn value(&self, name: &str) -> Option<Value> {
        match self {
            Self::Json(document) => member(document, name).cloned(),
            Self::Xml(document) => {
                let node = document.descendants().find(|node| node.tag_name().name() == name)?;
                node.text().map(Value::from)
            }
        }
    }

    /// The text of a member.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.value(name)?.as_str().map(String::from)
    }

    /// The name of an error: `Code` of the Query protocol, or `__type` of the JSON protocol behind its name space.
    fn error_code(&self) -> Option<String> {
        let code = self.text("Code").or_else(|| self.text("__type"))?;
        let name = code.rsplit('#').next().unwrap_or_default();
        let is_name = |byte: u8| byte.is_ascii_alphabetic() || byte == b'.';
        ((1..=64).contains(&name.len()) && name.bytes().all(is_name)).then(|| name.to_string())
    }
}

/// Finds a member of an object or of the objects in it.
fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let members = value.as_object()?;
    members.get(name).or_else(|| members.values().find_map(|value| member(value, name)))
}

/// What an error of AWS means here.
#[derive(Clone, Copy, PartialEq)]
enum Meaning {
    /// The same request can succeed later.
    Throttled,
    /// The request's credentials have expired.
    Expired,
    /// The token of the platform is not accepted (yet).
    Unready,
    /// Something has to be changed first.
    Refused,
}

/// Errors of AWS (STS and Cognito API references, "Errors" and "Common Errors"), with what to do.
const ERRORS: &[(&str, Meaning, &str)] = &[
    (
        "OutboundWebIdentityFederationDisabledException",
        Meaning::Refused,
        "switch outbound web identity federation on for the AWS account: `aws iam enable-outbound-web-identity-federation` (`iam:EnableOutboundWebIdentityFederation`)",
    ),
    (
        "SessionDurationEscalationException",
        Meaning::Refused,
        "the token would outlive the session of the AWS credentials; configure a shorter `duration_seconds`, or renew the credentials",
    ),
    (
        "JWTPayloadSizeExceededException",
        Meaning::Refused,
        "the token would be too large; configure fewer or shorter `tags`",
    ),
    (
        "AccessDenied",
        Meaning::Refused,
        "the policies of the role must allow the action, and the trust policy of a role that is assumed must name the caller",
    ),
    (
        "AccessDeniedException",
        Meaning::Refused,
        "the policies of the role must allow the action, and the trust policy of a role that is assumed must name the caller",
    ),
    (
        "RegionDisabledException",
        Meaning::Refused,
        "STS is not active in this region for the AWS account; activate it, or configure another `region`",
    ),
    (
        "InvalidClientTokenId",
        Meaning::Refused,
        "AWS does not know the access key; check AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN and the partition of the region",
    ),
    (
        "UnrecognizedClientException",
        Meaning::Refused,
        "AWS does not know the access key; check AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN and the partition of the region",
    ),
    (
        "SignatureDoesNotMatch",
        Meaning::Refused,
        "the signature is wrong or too old; check AWS_SECRET_ACCESS_KEY and this machine's clock",
    ),
    ("RequestExpired", Meaning::Refused, "the signature is too old; check this machine's clock"),
    (
        "IDPRejectedClaim",
        Meaning::Refused,
        "the role's trust policy does not accept the pod's token; check its issuer, audience and subject",
    ),
    (
        "InvalidIdentityToken",
        Meaning::Unready,
        "AWS does not accept the token of AWS_WEB_IDENTITY_TOKEN_FILE; check the OIDC provider in IAM",
    ),
    (
        "IDPCommunicationError",
        Meaning::Unready,
        "AWS could not fetch the keys of the token's issuer; check that they are public",
    ),
    ("ExpiredToken", Meaning::Expired, ""),
    ("ExpiredTokenException", Meaning::Expired, ""),
    ("Throttling", Meaning::Throttled, ""),
    ("ThrottlingException", Meaning::Throttled, ""),
    ("ThrottledException", Meaning::Throttled, ""),
    ("RequestThrottled", Meaning::Throttled, ""),
    ("RequestLimitExceeded", Meaning::Throttled, ""),
    ("TooManyRequestsException", Meaning::Throttled, ""),
    ("LimitExceededException", Meaning::Throttled, ""),
    ("PriorRequestNotComplete", Meaning::Throttled, ""),
    ("ServiceUnavailable", Meaning::Throttled, ""),
    ("InternalFailure", Meaning::Throttled, ""),
    ("InternalErrorException", Meaning::Throttled, ""),
    (
        "ResourceNotFoundException",
        Meaning::Refused,
        "the identity pool or the identity does not exist in this region; check `identity_pool_id` and `identity_id`",
    ),
    (
        "NotAuthorizedException",
        Meaning::Refused,
        "the identity pool does not accept the login; check the developer provider's name in `logins`",
    ),
    (
        "DeveloperUserAlreadyRegisteredException",
        Meaning::Refused,
        "the login belongs to another identity; leave `identity_id` out, or name that identity",
    ),
    (
        "ResourceConflictException",
        Meaning::Refused,
        "the login belongs to another identity; leave `identity_id` out, or name that identity",
    ),
];

/// The error of an answer that is not success. What AWS wrote in it is not repeated: it can quote the request.
pub(super) fn refusal(response: &HttpResponse, endpoint: &Endpoint, now: Timestamp) -> SourceError {
    let Some(code) = Answer::parse(response).and_then(|answer| answer.error_code()) else {
        return endpoint.refusal(response, now);
    };
    let known = ERRORS.iter().find(|(name, ..)| *name == code);
    let (name, status) = (endpoint.name, response.status);
    let mut refused = match known {
        Some((_, Meaning::Throttled, _)) => {
            let message = format!("{name} asked to wait with `{code}`; try again later");
            let mut error = Error::new(Code::SourceUnavailable, message);
            error.retry_at = retry::after(&response.headers, now);
            SourceError { error, retry: Some(Retry::Backoff) }
        }
        Some((_, Meaning::Expired, _)) => Error::new(
            Code::CredentialsExpired,
            format!("{name} answered `{code}`: the credentials or the token of the request have expired; renew them, and check this machine's clock"),
        )
        .into(),
        Some((_, meaning, advice)) => SourceError {
            error: Error::new(Code::SourceRejected, format!("{name} refused with `{code}`; {advice}")),
            retry: (*meaning == Meaning::Unready).then_some(Retry::Backoff),
        },
        None if retry::is_transient(status) || (300..400).contains(&status) => {
            return endpoint.refusal(response, now);
        }
        None => {
            let message =
                format!("{name} refused with `{code}` (status {status}); {}", endpoint.refused);
            Error::new(Code::SourceRejected, message).into()
        }
    };
    refused.error.service =
        Some(ServiceError { http_status: status, error: Some(code), ..ServiceError::default() });
    refused
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Headers;
    use alloc::vec::Vec;

    const ENDPOINT: Endpoint =
        Endpoint { name: "STS", refused: "check it", configured_by: "V", also_transient: &[] };

    fn response(status: u16, body: &str) -> HttpResponse {
        HttpResponse { status, headers: Headers::default(), body: Vec::from(body) }
    }

    #[test]
    fn both_forms_of_an_answer_are_read() {
        for body in [
            r#"{"GetWebIdentityTokenResponse":{"GetWebIdentityTokenResult":{"Expiration":1.78e9,"WebIdentityToken":"a.b.c"},"ResponseMetadata":{"RequestId":"r"}}}"#,
            r#" <GetWebIdentityTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetWebIdentityTokenResult><WebIdentityToken>a.b.c</WebIdentityToken><Expiration>2026-01-01T00:00:00Z</Expiration></GetWebIdentityTokenResult></GetWebIdentityTokenResponse>"#,
            r#"<?xml version="1.0"?><R><WebIdentityToken>a.b&#46;c</WebIdentityToken></R>"#,
        ] {
            let response = response(200, body);
            let answer = Answer::parse(&response).expect(body);
            assert_eq!(answer.text("WebIdentityToken").as_deref(), Some("a.b.c"), "{body}");
            assert_eq!(answer.value("Nothing"), None);
        }
    }

    #[test]
    fn documents_that_no_service_sends_are_refused() {
        let deep = "<a>".repeat(20_000);
        let many = format!("<a>{}</a>", "<b/>".repeat(10_000));
        for body in [
            "",
            "<",
            "<a>",
            "<html><br></html>",
            "[",
            r#"<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>"#,
            "<a>&b;</a>",
            &deep,
            &many,
            &" ".repeat(65 * 1024),
        ] {
            assert!(Answer::parse(&response(200, body)).is_none(), "{}", body.len());
        }
        let binary = HttpResponse { body: Vec::from(*b"<a>\xff</a>"), ..response(200, "") };
        assert!(Answer::parse(&binary).is_none());
        // Members are not looked for in lists, nor is anything but text a token.
        let list = response(200, r#"[{"Token":"t"}]"#);
        assert_eq!(Answer::parse(&list).expect("JSON").text("Token"), None);
        let number = response(200, r#"{"Token":1}"#);
        assert_eq!(Answer::parse(&number).expect("JSON").text("Token"), None);
    }

    #[test]
    fn each_error_of_the_table_says_what_to_do() {
        for (code, meaning, advice) in ERRORS {
            let body = format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>s3cret</Message></Error></ErrorResponse>"
            );
            let refused = refusal(&response(403, &body), &ENDPOINT, Timestamp::default());
            let expected = match meaning {
                Meaning::Throttled => Code::SourceUnavailable,
                Meaning::Expired => Code::CredentialsExpired,
                Meaning::Unready | Meaning::Refused => Code::SourceRejected,
            };
            assert_eq!(refused.error.code, expected, "{code}");
            assert!(refused.error.message.contains(code), "{}", refused.error);
            assert!(refused.error.message.ends_with(advice), "{}", refused.error);
            assert!(!refused.error.message.contains("s3cret"), "{}", refused.error);
            let retried = matches!(meaning, Meaning::Throttled | Meaning::Unready);
            assert_eq!(refused.retry.is_some(), retried, "{code}");
            let service = refused.error.service.as_ref().and_then(|service| service.error.clone());
            assert_eq!(service.as_deref(), Some(*code));
        }
    }

    #[test]
    fn errors_are_read_in_the_form_of_each_protocol() {
        for (status, body, code, word) in [
            (
                403,
                r#"{"Error":{"Code":"AccessDenied","Message":"m","Type":"Sender"},"RequestId":"r"}"#,
                Code::SourceRejected,
                "`AccessDenied`",
            ),
            (
                400,
                r#"{"__type":"com.amazonaws.cognito#NotAuthorizedException","message":"m"}"#,
                Code::SourceRejected,
                "`NotAuthorizedException`",
            ),
            (400, r#"{"Error":{"Code":"SomethingNew"}}"#, Code::SourceRejected, "check it"),
            (400, r#"{"Error":{"Code":"not a name"}}"#, Code::SourceRejected, "status 400"),
            (400, "<html><body>blocked</body></html>", Code::SourceRejected, "status 400"),
            (503, r#"{"Error":{"Code":"SomethingNew"}}"#, Code::SourceUnavailable, "status 503"),
            (302, "", Code::SourceRejected, "redirected"),
        ] {
            let refused = refusal(&response(status, body), &ENDPOINT, Timestamp::default());
            assert_eq!(refused.error.code, code, "{body}");
            assert!(refused.error.message.contains(word), "{}", refused.error);
        }
    }
}
