//! Errors as data: one struct and one table of codes, the same in every language.

mod api_response;
mod check;
mod code;

use crate::Timestamp;
use crate::verdict::Verdict;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::{Deref, DerefMut};
use serde::{Serialize, Serializer};

pub use api_response::{ApiResponse, Challenge};
pub use check::Check;
pub use code::{Code, Fault};

/// Why an operation failed: a stable code for programs and a message for people.
///
/// The message is one lower-case sentence that says what was wrong and what to do. It never contains a token, an assertion
/// or a key.
///
/// An `Error` is one pointer wide, because most functions here return one. It dereferences to its [`ErrorDetails`].
#[derive(Clone, Debug, PartialEq)]
pub struct Error(Box<ErrorDetails>);

/// The fields of an [`Error`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ErrorDetails {
    /// Stable code; see the table in `docs/errors.md`.
    pub code: Code,
    /// What happened and what to do.
    pub message: String,
    /// Further advice.
    pub hint: Option<String>,
    /// The instant before which a retry is not expected to succeed.
    pub retry_at: Option<Timestamp>,
    /// The service's error response.
    pub service: Option<ServiceError>,
    /// The assertion that was presented, when trust was refused.
    pub presented: Option<PresentedAssertion>,
    /// Why the trust was refused, and what to do.
    pub explanation: Option<Verdict>,
    /// The check that failed, when a token was refused. It is not part of the wire form.
    pub check: Option<Check>,
    /// The claim that the check is about, as the policy names it.
    pub claim: Option<String>,
    /// The member of the policy that the token does not meet: `roles`, `claims`, `audience`.
    pub rule: Option<&'static str>,
    /// What the caller of an API needs instead.
    pub challenge: Option<Challenge>,
    /// Whether a retry can succeed, if this error differs from others of its code.
    pub lasting: Option<bool>,
}

/// The parts of a token service's error response that help to act on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ServiceError {
    /// HTTP status.
    pub http_status: u16,
    /// OAuth `error` (RFC 6749, section 5.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Entra's `suberror`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suberror: Option<String>,
    /// AADSTS numbers.
    pub aadsts: Vec<u32>,
    /// Entra's correlation id, or ours if the response has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// Entra's trace id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// Claims challenge for the next request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims: Option<String>,
}

/// Unverified issuer, subject, audience and algorithm of a presented assertion. They are identifiers, not secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PresentedAssertion {
    /// `iss`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// `sub`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// `aud`
    pub audience: Vec<String>,
    /// `alg` of the header
    #[serde(skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<String>,
}

impl Error {
    /// An error with a code and a message.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self(Box::new(ErrorDetails {
            code,
            message: message.into(),
            hint: None,
            retry_at: None,
            service: None,
            presented: None,
            explanation: None,
            check: None,
            claim: None,
            rule: None,
            challenge: None,
            lasting: None,
        }))
    }

    /// Names the check that failed. Codes about the algorithm and the key name their own check.
    pub(crate) fn in_check(mut self, check: Check) -> Self {
        self.check = Some(match self.code {
            Code::AlgNotAllowed => Check::Algorithm,
            Code::AlgUnsupported | Code::KeyRejected => Check::Key,
            _ => check,
        });
        self
    }

    /// Names the claim that the error is about.
    pub(crate) fn about_claim(mut self, claim: &str) -> Self {
        self.claim = Some(String::from(claim));
        self
    }

    /// Names the member of the policy that the token does not meet.
    pub(crate) fn of_rule(mut self, rule: &'static str) -> Self {
        self.rule = Some(rule);
        self
    }

    /// Adds advice.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Whether the same call can succeed later without a change by the caller.
    #[must_use]
    pub fn retryable(&self) -> bool {
        match self.lasting {
            Some(lasting) => !lasting,
            None => self.code.retryable() || self.retry_at.is_some(),
        }
    }

    /// The JSON form: one object.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Text and numbers always have a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The wire form: `docs/protocol.md`, section 6.
impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct ErrorForm<'a> {
            code: &'static str,
            message: &'a str,
            fault: &'static str,
            retryable: bool,
            #[serde(skip_serializing_if = "Option::is_none")]
            retry_at: Option<i64>,
            #[serde(skip_serializing_if = "Option::is_none")]
            hint: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            claim: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            rule: Option<&'static str>,
            #[serde(flatten)]
            api: Option<ApiForm>,
            #[serde(flatten)]
            service: Option<&'a ServiceError>,
            #[serde(skip_serializing_if = "Option::is_none")]
            presented: Option<&'a PresentedAssertion>,
            #[serde(skip_serializing_if = "Option::is_none")]
            explanation: Option<&'a Verdict>,
        }

        #[derive(Serialize)]
        struct ApiForm {
            http_status: u16,
            #[serde(skip_serializing_if = "Option::is_none")]
            www_authenticate: Option<String>,
        }

        let api = self
            .api_response()
            .map(|api| ApiForm { http_status: api.status, www_authenticate: api.www_authenticate });
        ErrorForm {
            code: self.code.name(),
            message: &self.message,
            fault: self.code.fault().name(),
            retryable: self.retryable(),
            retry_at: self.retry_at.map(Timestamp::millis),
            hint: self.hint.as_deref(),
            claim: self.claim.as_deref(),
            rule: self.rule,
            api: api.filter(|_| self.service.is_none()),
            service: self.service.as_ref(),
            presented: self.presented.as_ref(),
            explanation: self.explanation.as_ref(),
        }
        .serialize(serializer)
    }
}

impl Deref for Error {
    type Target = ErrorDetails;

    fn deref(&self) -> &ErrorDetails {
        &self.0
    }
}

impl DerefMut for Error {
    fn deref_mut(&mut self) -> &mut ErrorDetails {
        &mut self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.message, self.code.name())
    }
}

impl core::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_the_json_form_keep_their_order() {
        let error = Error::new(Code::Cancelled, "the caller gave up");
        assert_eq!(
            error.to_json(),
            r#"{"code":"cancelled","message":"the caller gave up","fault":"caller","retryable":true}"#
        );
        let mut error = Error::new(Code::TrustMismatch, "no").with_hint("look");
        error.retry_at = Some(Timestamp::from_millis(7));
        error.service =
            Some(ServiceError { http_status: 400, aadsts: [70021].into(), ..Default::default() });
        error.presented =
            Some(PresentedAssertion { issuer: Some("i".into()), ..Default::default() });
        assert_eq!(
            error.to_json(),
            r#"{"code":"trust_mismatch","message":"no","fault":"service","retryable":true,"retry_at":7,"hint":"look","http_status":400,"aadsts":[70021],"presented":{"issuer":"i","audience":[]}}"#
        );
    }
}
