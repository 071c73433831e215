//! HTTP as data: what the host received, what it shall send, what it shall fetch.

use workload_identity_core::http::form_decode;

/// A request as the host received it.
#[derive(Clone)]
pub struct Request {
    /// The method in upper case.
    pub method: String,
    /// Path and query, beginning with `/`.
    pub path_and_query: String,
    /// Header names (any case) and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// A request without headers and body.
    #[must_use]
    pub fn new(method: &str, path_and_query: &str) -> Self {
        Self {
            method: method.to_owned(),
            path_and_query: path_and_query.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// A `POST` with a form body.
    #[must_use]
    pub fn form(path_and_query: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..Self::new("POST", path_and_query) }
            .with_header("content-type", "application/x-www-form-urlencoded")
    }

    /// The same request with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The first value of a header, whatever the case of its name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The path without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.path_and_query.split('?').next().unwrap_or_default()
    }

    /// The first query parameter of that name, decoded.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.path_and_query.split_once('?')?;
        form_decode(query)?.into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The token of an `Authorization: Bearer` header.
    pub(crate) fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }

    /// The fields of a form body in their order; none when the body is something else.
    pub(crate) fn form_fields(&self) -> Vec<(String, String)> {
        let is_form = self.header("content-type").is_some_and(|value| {
            let media_type = value.split(';').next().unwrap_or_default().trim();
            media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded")
        });
        if !is_form {
            return Vec::new();
        }
        std::str::from_utf8(&self.body).ok().and_then(form_decode).unwrap_or_default()
    }
}

/// What the host does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Send this response.
    Respond(Response),
    /// `GET` this URL (no redirects, at most [`MAX_FETCHED_BYTES`](crate::MAX_FETCHED_BYTES)) and hand the result to
    /// [`Emulator::fetched`](crate::Emulator::fetched); its reply continues the request.
    Fetch {
        /// Identifies the suspended request.
        exchange: ExchangeId,
        /// The external issuer's discovery document or key set.
        url: String,
    },
}

/// A token request that waits for its issuer's metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExchangeId(pub(crate) u64);

/// What the host got from a [`Reply::Fetch`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// A response for the host to send.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Header names (lower case) and values; the host adds `content-length`.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Wait this long before sending.
    pub delay_ms: u64,
    /// Send nothing and reset the connection.
    pub reset: bool,
}

impl std::fmt::Debug for Response {
    /// Bodies can carry tokens; only the shape is shown.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Response")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .field("delay_ms", &self.delay_ms)
            .field("reset", &self.reset)
            .finish_non_exhaustive()
    }
}

impl Response {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), content_type.to_owned())],
            body: body.into(),
            delay_ms: 0,
            reset: false,
        }
    }

    pub(crate) fn json(status: u16, body: String) -> Self {
        Self::new(status, "application/json; charset=utf-8", body)
    }

    pub(crate) fn not_found() -> Self {
        Self::json(404, r#"{"error":"not_found"}"#.to_owned())
    }

    pub(crate) fn with_header(mut self, name: &str, value: &str) -> Self {
        self.set_header(name, value);
        self
    }

    pub(crate) fn set_header(&mut self, name: &str, value: &str) {
        match self.headers.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => value.clone_into(known),
            None => self.headers.push((name.to_owned(), value.to_owned())),
        }
    }

    /// The first value of a header, by lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}
