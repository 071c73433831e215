//! What the host does next: send a response, reset the connection, sign a token, or fetch a document.

use crate::key_ring::UnsignedToken;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use std::fmt;
use std::time::Duration;
use workload_identity_core::Error;

/// A response with its whole body. The host adds `content-length`.
pub type Response = http::Response<Vec<u8>>;

/// What the host does next.
pub enum Reply {
    /// Send the response.
    Respond {
        /// Status, headers, body.
        response: Response,
        /// How long to wait before the first byte.
        delay: Duration,
    },
    /// Reset the connection and send nothing.
    Reset {
        /// How long to wait before the reset.
        delay: Duration,
    },
    /// Call [`UnsignedReply::sign`], without holding the emulator, and continue with the reply that it returns.
    Sign(UnsignedReply),
    /// Send the head of the response, then the parts of [`EventLog::stream_after`](crate::EventLog::stream_after) as they
    /// come, from this number on.
    Stream {
        /// Status and headers. The body is empty.
        head: Response,
        /// The number of the last event that the reader has.
        after: u64,
    },
    /// `GET` this URL (no redirects, at most [`MAX_FETCHED_BYTES`](crate::MAX_FETCHED_BYTES)) and pass the result to
    /// [`Emulator::fetched`](crate::Emulator::fetched), whose reply continues the request.
    Fetch {
        /// Identifies the suspended request.
        exchange: ExchangeId,
        /// The external issuer's discovery document or key set.
        url: String,
        /// The value of the request's `Accept` header, as a verifier sends it.
        accept: &'static str,
    },
}

impl Reply {
    /// The reply with another response, once that is there.
    pub(crate) fn map(self, change: impl FnOnce(Response) -> Self + Send + 'static) -> Self {
        match self {
            Self::Respond { response, .. } => change(response),
            Self::Sign(unsigned) => Self::Sign(unsigned.then(move |reply| reply.map(change))),
            other => other,
        }
    }
}

impl From<Response> for Reply {
    fn from(response: Response) -> Self {
        Self::Respond { response, delay: Duration::ZERO }
    }
}

impl fmt::Debug for Reply {
    /// Bodies can contain tokens, so only their size is shown.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Respond { response, delay } => formatter
                .debug_struct("Respond")
                .field("status", &response.status())
                .field("bytes", &response.body().len())
                .field("delay", delay)
                .finish(),
            Self::Reset { delay } => formatter.debug_struct("Reset").field("delay", delay).finish(),
            Self::Sign(unsigned) => unsigned.fmt(formatter),
            Self::Stream { after, .. } => {
                formatter.debug_struct("Stream").field("after", after).finish()
            }
            Self::Fetch { exchange, url, .. } => formatter
                .debug_struct("Fetch")
                .field("exchange", exchange)
                .field("url", url)
                .finish(),
        }
    }
}

/// A reply with a token that is not signed yet. A signature takes longer than the rest of a request, so the host makes
/// it while other requests use the emulator.
pub struct UnsignedReply {
    token: UnsignedToken,
    finish: Box<dyn FnOnce(Result<String, Error>) -> Reply + Send>,
}

impl UnsignedReply {
    /// `finish` makes the reply from the token, or from the failure of its signer.
    pub(crate) fn new(
        token: UnsignedToken,
        finish: impl FnOnce(Result<String, Error>) -> Reply + Send + 'static,
    ) -> Self {
        Self { token, finish: Box::new(finish) }
    }

    /// The same with a change of the finished reply.
    pub(crate) fn then(self, change: impl FnOnce(Reply) -> Reply + Send + 'static) -> Self {
        let Self { token, finish } = self;
        Self::new(token, move |signed| change(finish(signed)))
    }

    /// Signs the token and returns the reply, which needs no further signature.
    #[must_use]
    pub fn sign(self) -> Reply {
        (self.finish)(self.token.sign())
    }
}

impl fmt::Debug for UnsignedReply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("UnsignedReply").finish_non_exhaustive()
    }
}

/// Identifies a token request that waits for its issuer's metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExchangeId(pub(crate) u64);

/// The result of a [`Reply::Fetch`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

pub(crate) fn response(
    status: u16,
    content_type: &'static str,
    body: impl Into<Vec<u8>>,
) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

pub(crate) fn json(status: u16, body: &impl Serialize) -> Response {
    // Serialization of our bodies cannot fail: all names of members are strings.
    json_text(status, serde_json::to_string(body).unwrap_or_default())
}

fn json_text(status: u16, body: String) -> Response {
    response(status, "application/json; charset=utf-8", body)
}

/// The failure of a signer or of a key.
pub(crate) fn internal_error(error: &Error) -> Response {
    json_text(500, error.to_json())
}

pub(crate) fn not_found() -> Response {
    json_text(404, r#"{"error":"not_found"}"#.to_owned())
}

/// The response with a header set. A value that no header can contain becomes empty.
pub(crate) fn with_header(mut response: Response, name: HeaderName, value: &str) -> Response {
    let value = HeaderValue::from_str(value).unwrap_or(HeaderValue::from_static(""));
    response.headers_mut().insert(name, value);
    response
}
