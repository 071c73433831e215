//! Errors as data: one struct, one table of codes, the same in every language.

mod table;

use crate::Timestamp;
use crate::concat::concat;
use crate::json::Members;
use crate::number;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::ops::{Deref, DerefMut};

pub use table::{Code, Fault};

/// Why something failed, in a form that programs can act on and people can read.
///
/// The message is one lower-case sentence that says what was wrong and what to do; it never contains
/// a token, an assertion or a key.
///
/// One pointer wide: most functions here can fail, and what they return is copied at every level. What only some errors have
/// is shared by their copies.
#[derive(Clone, Debug, PartialEq)]
pub struct Error(Box<Details>);

/// The fields of an [`Error`], which dereferences to them.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Details {
    /// Stable code; see the table in `docs/errors.md`.
    pub code: Code,
    /// What happened and what to do.
    pub message: String,
    /// Further advice, if there is any.
    pub hint: Option<String>,
    /// Not before this instant will a retry do better, if known.
    pub retry_at: Option<Timestamp>,
    /// Everything that came from the service's answer.
    pub service: Option<Arc<ServiceAnswer>>,
    /// What the presented assertion says of itself, unverified, when trust was refused.
    pub presented: Option<Arc<Presented>>,
}

/// The parts of a service's error answer that help.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceAnswer {
    /// HTTP status.
    pub http_status: u16,
    /// OAuth `error` (RFC 6749, section 5.2).
    pub error: Option<String>,
    /// Entra's `suberror`.
    pub suberror: Option<String>,
    /// AADSTS numbers.
    pub aadsts: Vec<u32>,
    /// Entra's correlation id, or ours if the answer carries none.
    pub correlation_id: Option<String>,
    /// Entra's trace id.
    pub trace_id: Option<String>,
    /// Claims challenge to hand to the next request.
    pub claims: Option<String>,
}

/// Issuer, subject, audience and algorithm of a presented assertion; identifiers, not secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Presented {
    /// `iss`
    pub issuer: Option<String>,
    /// `sub`
    pub subject: Option<String>,
    /// `aud`
    pub audience: Vec<String>,
    /// `alg` of the header
    pub algorithm: Option<String>,
}

impl Error {
    /// An error with nothing but code and message.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self::with(code, message.into())
    }

    fn with(code: Code, message: String) -> Self {
        Self(Box::new(Details {
            code,
            message,
            hint: None,
            retry_at: None,
            service: None,
            presented: None,
        }))
    }

    /// An error whose message is put together.
    pub(crate) fn of(code: Code, message: &[&str]) -> Self {
        Self::new(code, concat(message))
    }

    /// The same error with advice.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Whether the same call can succeed later without a change by the caller.
    #[must_use]
    pub fn retryable(&self) -> bool {
        self.code.retryable() || self.retry_at.is_some()
    }

    /// Writes the members of the wire form.
    pub fn write(&self, o: &mut Members<'_>) {
        o.text("code", self.code.name())
            .text("message", &self.message)
            .text("fault", self.code.fault().name())
            .bool("retryable", self.retryable())
            .integer_if("retry_at", self.retry_at.map(Timestamp::millis))
            .string_if("hint", &self.hint);
        if let Some(service) = &self.service {
            o.integer("http_status", i64::from(service.http_status))
                .string_if("error", &service.error)
                .string_if("suberror", &service.suberror);
            let mut numbers = String::from("[");
            for (index, value) in service.aadsts.iter().enumerate() {
                if index > 0 {
                    numbers.push(',');
                }
                number::write(&mut numbers, i64::from(*value));
            }
            numbers.push(']');
            o.raw("aadsts", &numbers)
                .string_if("correlation_id", &service.correlation_id)
                .string_if("trace_id", &service.trace_id)
                .string_if("claims", &service.claims);
        }
        if let Some(presented) = &self.presented {
            o.object("presented", |o| {
                o.string_if("issuer", &presented.issuer)
                    .string_if("subject", &presented.subject)
                    .texts("audience", presented.audience.iter().map(String::as_str))
                    .string_if("algorithm", &presented.algorithm);
            });
        }
    }

    /// The wire form: one JSON object.
    #[must_use]
    pub fn to_json(&self) -> String {
        crate::json::object(|o| self.write(o))
    }
}

impl Deref for Error {
    type Target = Details;

    fn deref(&self) -> &Details {
        &self.0
    }
}

impl DerefMut for Error {
    fn deref_mut(&mut self) -> &mut Details {
        &mut self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.message, self.code.name())
    }
}

impl core::error::Error for Error {}
