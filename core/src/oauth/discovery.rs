//! Metadata of an authority or issuer (OpenID Connect Discovery 1.0, section 4; RFC 8414).

use crate::http::{AddressPolicy, HttpRequest, HttpResponse, Refusal, Url, proxy};
use crate::json::{JsonError, strict, without_byte_order_mark};
use crate::redact::redact;
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;
use serde_json::Value;

/// How long a discovered token endpoint is used, in seconds.
pub(crate) const LIFETIME: i64 = 3600;
/// Largest document accepted, in bytes.
pub(crate) const MAX_DOCUMENT: u32 = 256 * 1024;
/// Longest issuer that a message repeats, in characters.
const MAX_ISSUER: usize = 120;

/// A discovery document. A member that is not a string is the same as a missing one.
#[derive(Debug)]
#[non_exhaustive]
pub struct DiscoveryDocument {
    /// `issuer`
    pub issuer: Option<String>,
    /// `token_endpoint`
    pub token_endpoint: Option<String>,
    /// `jwks_uri`
    pub jwks_uri: Option<String>,
}

impl DiscoveryDocument {
    /// Parses a document; whether it is the issuer's own is up to the caller.
    ///
    /// # Errors
    /// The body is not a JSON document, or has a member twice.
    pub fn parse(body: &[u8]) -> Result<Self, JsonError> {
        let document = strict::parse(without_byte_order_mark(body))?;
        let text = |name| document.get(name).and_then(Value::as_str).map(String::from);
        Ok(Self {
            issuer: text("issuer"),
            token_endpoint: text("token_endpoint"),
            jwks_uri: text("jwks_uri"),
        })
    }

    /// Checks that the document is about this issuer, which is configured.
    ///
    /// # Errors
    /// A message with both issuers.
    pub(crate) fn check_issuer(&self, issuer: &str) -> Result<(), String> {
        let named = self.issuer.as_deref().unwrap_or_default();
        if named == issuer {
            return Ok(());
        }
        let (named, issuer) = (redact(named, MAX_ISSUER), redact(issuer, MAX_ISSUER));
        Err(format!(
            "the discovery document names another issuer: it says `{}`, and `{issuer}` is configured; they must be equal to the letter",
            named.escape_debug()
        ))
    }
}

/// The address of an issuer's discovery document.
pub(crate) fn address(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
}

/// The request for an issuer's discovery document.
pub(crate) fn request(issuer: &str, timeout_ms: u32) -> HttpRequest {
    HttpRequest::get(address(issuer), "application/json", timeout_ms, MAX_DOCUMENT)
}

/// Returns the token endpoint of a document that names `issuer` as its own.
pub(crate) fn token_endpoint(
    response: &HttpResponse,
    issuer: &str,
    addresses: &AddressPolicy,
) -> Result<Url, Error> {
    let invalid = |message: &str| Error::new(Code::DiscoveryInvalid, message);
    if response.status == proxy::AUTHENTICATION_REQUIRED {
        return Err(proxy::authentication_required("the discovery document"));
    }
    if response.status != 200 || response.body.len() > MAX_DOCUMENT as usize {
        return Err(invalid(&format!(
            "the discovery document answered with status {} or is too large; check authority.issuer",
            response.status
        )));
    }
    let document = DiscoveryDocument::parse(&response.body)
        .map_err(|fault| invalid(&format!("the discovery document is {fault}")))?;
    document.check_issuer(issuer).map_err(|reason| invalid(&reason))?;
    let refused =
        |refusal: Refusal| invalid(&format!("the discovery document's `token_endpoint` {refusal}"));
    let endpoint = document.token_endpoint.as_deref().unwrap_or_default();
    let url = addresses.parse(endpoint).map_err(refused)?;
    // Plain http is for an issuer that is itself on loopback. Otherwise a document could direct credentials to this machine.
    let plain =
        |text: &str| !text.as_bytes().get(..8).is_some_and(|s| s.eq_ignore_ascii_case(b"https://"));
    if plain(url.as_str()) && !plain(issuer) {
        return Err(refused(Refusal::Insecure));
    }
    Ok(url)
}
