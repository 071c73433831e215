//! The client credentials request with a JWT client assertion (RFC 6749, section 4.4; RFC 7523, section 2.2).

use crate::http::{Connection, HttpRequest, Method, form_encode};
use crate::secret::Secret;
use alloc::string::{String, ToString};
use alloc::vec;

/// RFC 7523, section 2.2.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Longest answer read from a token endpoint.
pub(crate) const MAX_RESPONSE: u32 = 1024 * 1024;
/// Longest time for one exchange with a token endpoint.
pub(crate) const TIMEOUT_MS: u32 = 10_000;

/// What goes into a token request.
pub(crate) struct TokenRequest<'a> {
    pub(crate) endpoint: &'a str,
    pub(crate) connection: Connection,
    pub(crate) client_id: Option<&'a str>,
    pub(crate) scopes: &'a [String],
    pub(crate) claims: Option<&'a str>,
    pub(crate) fmi_path: Option<&'a str>,
    pub(crate) assertion: &'a Secret<String>,
    /// Entra understands it; a generic authority is not sent it.
    pub(crate) correlation_id: Option<&'a str>,
    pub(crate) timeout_ms: u32,
}

impl TokenRequest<'_> {
    pub(crate) fn to_http(&self) -> HttpRequest {
        let mut scope = String::new();
        for one in self.scopes {
            if !scope.is_empty() {
                scope.push(' ');
            }
            scope.push_str(one);
        }
        let fields = [
            ("grant_type", Some("client_credentials")),
            ("client_id", self.client_id),
            ("scope", Some(scope.as_str())),
            ("client_assertion_type", Some(ASSERTION_TYPE)),
            ("client_assertion", Some(self.assertion.expose().as_str())),
            ("claims", self.claims),
            ("fmi_path", self.fmi_path),
        ];
        let mut headers = vec![
            ("accept", "application/json".to_string()),
            ("content-type", "application/x-www-form-urlencoded".to_string()),
        ];
        if let Some(id) = self.correlation_id {
            headers.push(("client-request-id", id.to_string()));
            headers.push(("return-client-request-id", "true".to_string()));
            headers.push(("x-client-sku", "workload-identity".to_string()));
            headers.push(("x-client-ver", env!("CARGO_PKG_VERSION").to_string()));
        }
        HttpRequest {
            connection: self.connection.clone(),
            method: Method::Post,
            url: self.endpoint.to_string(),
            headers: headers.into(),
            body: form_encode(
                fields.iter().filter_map(|(name, value)| value.map(|value| (*name, value))),
            ),
            timeout_ms: self.timeout_ms.min(TIMEOUT_MS),
            max_bytes: MAX_RESPONSE,
        }
    }
}
