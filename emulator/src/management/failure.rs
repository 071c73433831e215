//! An error of a management service, before it has the service's form.

use http::{HeaderName, header};

/// Status, code and message, and headers beside those of every response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) headers: Vec<(HeaderName, String)>,
}

impl Failure {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), headers: Vec::new() }
    }

    /// With the methods that the address has.
    pub(super) fn allowing(mut self, methods: &str) -> Self {
        self.headers.push((header::ALLOW, methods.to_owned()));
        self
    }

    /// With a challenge for a client without a valid token.
    pub(super) fn challenging(mut self, challenge: String) -> Self {
        self.headers.push((header::WWW_AUTHENTICATE, challenge));
        self
    }
}
