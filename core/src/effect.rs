//! Effects that a host performs, and their outcomes. Both sets are closed: a new one is a new protocol number.

use crate::Timestamp;
use crate::http::{HttpRequest, HttpResponse, proxy};
use crate::secret::Secret;
use alloc::string::String;
use alloc::vec::Vec;

/// Names one pending effect. It is never reused: an outcome for an old id changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EffectId(pub u64);

/// An operation that the host performs for the core.
#[derive(Clone, PartialEq, Eq)]
pub enum Effect {
    /// Send an HTTP request. Outcome: [`Outcome::Http`].
    Http(HttpRequest),
    /// Read a file once, whole. Outcome: [`Outcome::File`].
    ReadFile {
        /// Path as configured.
        path: String,
        /// Read at most one byte more than this.
        max_bytes: u32,
    },
    /// Sign with a key that only the host can use (KMS, WebCrypto, aws-lc-rs). Outcome: [`Outcome::Signed`].
    Sign {
        /// The host's name for the key, as configured.
        key: String,
        /// JWS algorithm, e.g. `PS256`.
        algorithm: &'static str,
        /// The bytes to sign (the JWS signing input).
        input: Vec<u8>,
    },
    /// Verify a signature with the host's asynchronous crypto. Outcome: [`Outcome::Verified`].
    Verify {
        /// The public key as a minimal JWK (RFC 7517).
        key: String,
        /// JWS algorithm, e.g. `RS256`.
        algorithm: &'static str,
        /// The signed bytes.
        input: Vec<u8>,
        /// The signature in JOSE's fixed-width form.
        signature: Vec<u8>,
    },
    /// Call a function of the application or of the host. Outcome: [`Outcome::Answer`].
    AskHost {
        /// Which function: `assertion`, or one of the host's (`docs/protocol.md`, section 4).
        name: &'static str,
        /// The argument, as JSON text.
        payload: String,
        /// Time allowed.
        timeout_ms: u32,
    },
    /// Use the application's shared token store. Outcome: [`Outcome::Stored`].
    Store(StoreOperation),
    /// Wait until an instant. Outcome: [`Outcome::Elapsed`].
    Sleep {
        /// When the wait ends.
        until: Timestamp,
    },
}

impl core::fmt::Debug for Effect {
    /// Shows no contents: signing input and signature together are an assertion, and a payload has the caller's context.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Effect::Http(request) => request.fmt(formatter),
            Effect::ReadFile { path, .. } => write!(formatter, "ReadFile({path:?})"),
            Effect::Sleep { until } => write!(formatter, "Sleep({})", until.millis()),
            other => formatter.write_str(other.kind()),
        }
    }
}

impl Effect {
    /// Returns the wire name.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Effect::Http(_) => "http",
            Effect::ReadFile { .. } => "read_file",
            Effect::Sign { .. } => "sign",
            Effect::Verify { .. } => "verify",
            Effect::AskHost { .. } => "ask_host",
            Effect::Store(_) => "store",
            Effect::Sleep { .. } => "sleep",
        }
    }

    /// Shortens the effect so that it ends by the deadline of the caller that performs it.
    pub(crate) fn end_by(&mut self, deadline: Timestamp, now: Timestamp) {
        match self {
            Effect::Http(HttpRequest { timeout_ms, .. }) | Effect::AskHost { timeout_ms, .. } => {
                let left = u32::try_from(deadline.since(now)).unwrap_or(u32::MAX);
                *timeout_ms = left.min(*timeout_ms);
            }
            Effect::Sleep { until } => *until = deadline.min(*until),
            _ => {}
        }
    }
}

/// One use of the shared store. Keys are digests; values are JSON that holds a token and must be kept secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreOperation {
    /// Load the value of a key, if there is one.
    Load {
        /// Hex digest.
        key: String,
    },
    /// Keep a value until an instant.
    Save {
        /// Hex digest.
        key: String,
        /// JSON text.
        value: Secret<String>,
        /// The store may forget it after this.
        until: Timestamp,
    },
}

/// The result of an effect.
#[derive(Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The HTTP response, whatever its status.
    Http(HttpResponse),
    /// The content of the file, at most `max_bytes + 1` bytes.
    File(Secret<Vec<u8>>),
    /// The signature in JOSE's fixed-width form.
    Signed(Vec<u8>),
    /// Whether the signature is valid.
    Verified(bool),
    /// The value that the callback returned.
    Answer(Secret<Vec<u8>>),
    /// The value in the store, `None` if it has none. Always `None` for `Save`.
    Stored(Option<Secret<Vec<u8>>>),
    /// The instant has passed.
    Elapsed,
    /// The host could not perform the effect.
    Failed {
        /// Why not.
        failure: Failure,
        /// Detail for people, without secrets. The core cuts it to 200 characters and removes tokens.
        detail: String,
    },
}

impl core::fmt::Debug for Outcome {
    /// Shows no contents: a host's detail can repeat what it was sent.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Outcome::Http(response) => response.fmt(formatter),
            Outcome::File(content) => write!(formatter, "File({} bytes)", content.expose().len()),
            Outcome::Signed(signature) => write!(formatter, "Signed({} bytes)", signature.len()),
            Outcome::Verified(good) => write!(formatter, "Verified({good})"),
            Outcome::Answer(answer) => write!(formatter, "Answer({} bytes)", answer.expose().len()),
            Outcome::Stored(value) => write!(formatter, "Stored(found: {})", value.is_some()),
            Outcome::Elapsed => formatter.write_str("Elapsed"),
            Outcome::Failed { failure, .. } => write!(formatter, "Failed({})", failure.name()),
        }
    }
}

/// Why a host could not perform an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It took longer than allowed.
    Timeout,
    /// The connection was refused, reset or closed early.
    Refused,
    /// The host name could not be resolved.
    Dns,
    /// TLS failed: certificate, host name, protocol.
    Tls,
    /// A proxy asked for credentials: status 407 to `CONNECT`.
    ProxyAuthentication,
    /// The caller cancelled the request.
    Cancelled,
    /// There is no such file, key or callback.
    NotFound,
    /// Access was denied.
    Denied,
    /// The response has a content coding that the host cannot read, or does not follow it.
    Unreadable,
    /// This runtime cannot do it: a Unix socket, a process, a certificate authority for one request.
    Unsupported,
    /// Any other reason.
    Other,
}

impl Failure {
    /// All failures with their wire names.
    pub const ALL: [(&'static str, Failure); 11] = [
        ("timeout", Failure::Timeout),
        ("refused", Failure::Refused),
        ("dns", Failure::Dns),
        ("tls", Failure::Tls),
        ("proxy_authentication", Failure::ProxyAuthentication),
        ("cancelled", Failure::Cancelled),
        ("not_found", Failure::NotFound),
        ("denied", Failure::Denied),
        ("unreadable", Failure::Unreadable),
        ("unsupported", Failure::Unsupported),
        ("other", Failure::Other),
    ];

    /// Returns the failure with a wire name, `Other` for an unknown name.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        Self::ALL
            .iter()
            .find(|(known, _)| *known == name)
            .map_or(Failure::Other, |(_, failure)| *failure)
    }

    /// Returns advice on a failure that a proxy, or the lack of one, explains.
    pub(crate) fn hint(self) -> Option<&'static str> {
        match self {
            Failure::Dns => Some(proxy::DNS_HINT),
            Failure::ProxyAuthentication => Some(proxy::AUTHENTICATION_HINT),
            _ => None,
        }
    }

    /// Returns the wire name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, failure)| *failure == self).map_or("other", |(name, _)| *name)
    }
}
