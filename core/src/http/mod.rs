//! HTTP requests for the host to perform, and the responses it returns.

pub(crate) mod address;
mod address_policy;
mod connection;
mod form;
pub(crate) mod proxy;
mod request_headers;
pub(crate) mod retry;
mod url;

use alloc::string::String;
use alloc::vec::Vec;

#[cfg(feature = "source-azure")]
pub(crate) use address::{Network as NetworkKind, network};
pub use address_policy::{AddressPolicy, Network, NetworkError, PrivateAddresses};
pub(crate) use address_policy::{PrivateAddressesForm, Refusal};
pub use connection::Connection;
pub use form::{form_decode, form_encode, percent_encode};
pub use request_headers::RequestHeaders;
pub(crate) use url::is_host_name;
pub use url::{Url, UrlError};

/// Returns the seconds of a header such as `Retry-After`, `Age` or `max-age`: decimal digits, no sign. Larger numbers than
/// fit 32 bits count as the largest (RFC 9111, section 1.2.2).
pub(crate) fn delta_seconds(text: &str) -> Option<i64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse::<u32>().unwrap_or(u32::MAX).into())
}

/// The method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

impl Method {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}

/// A request that the host performs unchanged.
///
/// It follows no redirect and adds no header but those the transport needs (`host`, `content-length`, `user-agent`,
/// `accept-encoding`).
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The absolute URL, https or loopback.
    pub url: String,
    /// Header names (lower case, unique) and values.
    pub headers: RequestHeaders,
    /// The body; empty for none.
    pub body: String,
    /// Time allowed for the whole exchange.
    pub timeout_ms: u32,
    /// Largest body to read. The host passes on at most one byte more.
    pub max_bytes: u32,
    /// How the server is reached.
    pub connection: Connection,
}

impl HttpRequest {
    /// A `GET` of a document of these media types.
    pub(crate) fn get(url: String, accept: &str, timeout_ms: u32, max_bytes: u32) -> Self {
        Self {
            method: Method::Get,
            url,
            headers: RequestHeaders::from_iter([("accept", String::from(accept))]),
            body: String::new(),
            timeout_ms,
            max_bytes,
            connection: Connection::default(),
        }
    }
}

impl core::fmt::Debug for HttpRequest {
    /// Leaves out headers and body: they can carry credentials.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter
            .debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("url", &self.url)
            .field("timeout_ms", &self.timeout_ms)
            .finish_non_exhaustive()
    }
}

/// A response, whatever its status.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// Headers in the order received.
    pub headers: Headers,
    /// The body, at most `max_bytes + 1` bytes.
    pub body: Vec<u8>,
}

impl core::fmt::Debug for HttpResponse {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter
            .debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Response headers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// Headers from pairs of name and value.
    pub fn from_pairs<N: AsRef<str>, V: Into<String>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.as_ref().to_ascii_lowercase(), value.into()))
                .collect(),
        )
    }

    /// Parses the wire form: one `name: value` per line.
    #[must_use]
    pub fn from_lines(lines: &str) -> Self {
        let pair = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.trim_ascii().to_ascii_lowercase(), String::from(value.trim_ascii())))
        };
        Self(lines.split('\n').filter_map(pair).collect())
    }

    /// The first value of the header with this lower-case name.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}
