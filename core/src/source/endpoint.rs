//! The HTTP endpoint of a platform: how its refusals and its answer are read.

use super::{EXPIRED_MS, MAX_ASSERTION, Retry, SourceError, SourceResult};
use crate::http::{HttpResponse, proxy, retry};
use crate::jose::UnverifiedClaims;
use crate::json::strict;
use crate::redact::{MAX_DETAIL, redact};
use crate::secret::Secret;
use crate::{Code, Error, Failure, Outcome, Timestamp};
use alloc::format;
use alloc::string::String;
use serde_json::Value;

/// Longest answer of an endpoint that gives a token.
pub(super) const MAX_RESPONSE: u32 = 64 * 1024;

/// An endpoint that gives tokens or credentials, as messages speak of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Endpoint {
    /// The subject of a sentence: `GitHub's token endpoint`.
    pub(super) name: &'static str,
    /// What to check when it refuses: `the job needs ...`.
    pub(super) refused: &'static str,
    /// The variable or option that names it, to check when its answer has another form.
    pub(super) configured_by: &'static str,
    /// Statuses that are worth another attempt beside 408, 429 and 5xx.
    pub(super) also_transient: &'static [u16],
}

impl Endpoint {
    /// The answer if its status is 200, and otherwise the error that the status means.
    pub(super) fn accept<'a>(
        &self,
        outcome: &'a Outcome,
        now: Timestamp,
    ) -> Result<&'a HttpResponse, SourceError> {
        let Outcome::Http(response) = outcome else { return Err(SourceError::unexpected()) };
        if response.status == 200 { Ok(response) } else { Err(self.refusal(response, now)) }
    }

    /// As [`Self::accept`]. A refusal repeats what the platform says in a member of its answer, unless that contains the
    /// secret of the request.
    pub(super) fn accept_quoting<'a>(
        &self,
        outcome: &'a Outcome,
        now: Timestamp,
        member: &str,
        secret: &str,
    ) -> Result<&'a HttpResponse, SourceError> {
        let mut refused = match self.accept(outcome, now) {
            Ok(response) => return Ok(response),
            Err(refused) => refused,
        };
        if let Outcome::Http(response) = outcome
            && response.body.len() <= MAX_RESPONSE as usize
            && let Ok(document) = strict::parse(&response.body)
            && let Some(said) = document.get(member).and_then(Value::as_str)
            && !said.contains(secret)
            && !said.trim_ascii().is_empty()
        {
            let said = redact(said.trim_ascii(), MAX_DETAIL);
            refused.error.message = format!("{}; it says: {said}", refused.error.message);
        }
        Err(refused)
    }

    /// The error of a status that is not success.
    pub(super) fn refusal(&self, response: &HttpResponse, now: Timestamp) -> SourceError {
        let (status, name) = (response.status, self.name);
        if status == proxy::AUTHENTICATION_REQUIRED {
            return proxy::authentication_required(name).into();
        }
        if retry::is_transient(status) || self.also_transient.contains(&status) {
            let message = format!("{name} answered with status {status}; try again later");
            let mut error = Error::new(Code::SourceUnavailable, message);
            error.retry_at = retry::after(&response.headers, now);
            return SourceError { error, retry: Some(Retry::Backoff) };
        }
        if (300..400).contains(&status) {
            let message = format!(
                "{name} redirected with status {status}, which is not followed; check {}",
                self.configured_by
            );
            return Error::new(Code::SourceRejected, message).into();
        }
        if status == 404 {
            let message = format!(
                "{name} refused with status 404; check {}; {}",
                self.configured_by, self.refused
            );
            return Error::new(Code::SourceRejected, message).into();
        }
        let message = format!("{name} refused with status {status}; {}", self.refused);
        Error::new(Code::SourceRejected, message).into()
    }

    /// The error of an answer that has another form than the platform's. `what` continues the sentence after the name.
    pub(super) fn invalid(&self, what: &str) -> SourceError {
        let message = format!("{} {what}; check {}", self.name, self.configured_by);
        Error::new(Code::SourceResponseInvalid, message).into()
    }

    /// The answer as JSON, of any type.
    pub(super) fn json(&self, response: &HttpResponse) -> Result<Value, SourceError> {
        if response.body.len() > MAX_RESPONSE as usize {
            return Err(self.invalid("answered with more than 64 KiB"));
        }
        strict::parse(&response.body)
            .map_err(|_| self.invalid("answered with text that is not JSON"))
    }

    /// The token in a member of a JSON answer.
    pub(super) fn token_in(
        &self,
        response: &HttpResponse,
        member: &str,
    ) -> Result<SourceResult, SourceError> {
        let document = self.json(response)?;
        match document.get(member).and_then(Value::as_str).map(str::trim_ascii) {
            Some(token) if !token.is_empty() => {
                Ok(SourceResult::Assertion(Secret::new(String::from(token))))
            }
            _ => Err(self.invalid(&format!("answered without a token in `{member}`"))),
        }
    }

    /// The token that is the whole answer.
    pub(super) fn token_text(&self, response: &HttpResponse) -> Result<SourceResult, SourceError> {
        if response.body.len() > MAX_ASSERTION as usize {
            return Err(self.invalid("answered with more than 16 KiB"));
        }
        match core::str::from_utf8(&response.body).map(str::trim_ascii) {
            Ok(token) if !token.is_empty() => {
                Ok(SourceResult::Assertion(Secret::new(String::from(token))))
            }
            _ => Err(self.invalid("answered without a token")),
        }
    }

    /// A token of the platform, if it is a JWT that has not expired and names the audience that was asked for.
    pub(super) fn checked(
        &self,
        token: &str,
        audience: &str,
        now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        let token = token.trim_ascii();
        if token.len() > MAX_ASSERTION as usize {
            return Err(self.invalid("answered with a token of more than 16 KiB"));
        }
        let claims = UnverifiedClaims::peek(token)
            .map_err(|_| self.invalid("answered with text that is not a JWT"))?;
        if claims.expires.is_some_and(|expires| expires.plus_millis(EXPIRED_MS) <= now) {
            let message = format!(
                "{} gave a token that has expired; check this machine's clock and {}",
                self.name, self.configured_by
            );
            return Err(Error::new(Code::AssertionExpired, message).into());
        }
        if !claims.audience.iter().any(|known| known == audience) {
            let message = format!(
                "{} gave a token for another audience than `{}`; check {}",
                self.name,
                redact(audience, MAX_DETAIL),
                self.configured_by
            );
            return Err(Error::new(Code::SourceAudienceMismatch, message).into());
        }
        Ok(SourceResult::Assertion(Secret::new(String::from(token))))
    }

    /// The error of a request that got no answer.
    pub(super) fn failed(&self, failure: Failure, detail: &str) -> SourceError {
        if failure == Failure::Unsupported {
            let what = format!(
                "{} cannot be reached from this runtime; give the token by a callback, or get it where the runtime can",
                self.name
            );
            return SourceError::failed(Code::SourceUnsupported, &what, failure, detail, None);
        }
        let (code, retry) = match failure {
            Failure::ProxyAuthentication => (Code::ProxyAuthenticationRequired, None),
            Failure::Unreadable => (Code::SourceResponseInvalid, None),
            _ => (Code::SourceUnreachable, Some(Retry::Backoff)),
        };
        SourceError::failed(code, &format!("{} did not answer", self.name), failure, detail, retry)
    }
}
