//! The token endpoint of a generic authority (OpenID Connect Discovery 1.0, section 4).

use crate::http::{HttpRequest, HttpResponse, Url};
use crate::json;
use crate::scan::without_slashes;
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;

/// How long a discovered endpoint is used, in seconds.
pub(crate) const LIFETIME: i64 = 3600;
const MAX_DOCUMENT: u32 = 256 * 1024;

/// Where an issuer's discovery document is.
pub(crate) fn address(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", without_slashes(issuer))
}

/// The request for an issuer's discovery document.
pub(crate) fn request(issuer: &str, timeout_ms: u32) -> HttpRequest {
    HttpRequest::get(address(issuer), "application/json", timeout_ms, MAX_DOCUMENT)
}

/// The token endpoint, once the document has been found to speak for `issuer`.
pub(crate) fn read(response: &HttpResponse, issuer: &str) -> Result<Url, Error> {
    let invalid = |message: &str| Error::new(Code::DiscoveryInvalid, message);
    if response.status != 200 || response.body.len() > MAX_DOCUMENT as usize {
        return Err(Error::new(
            Code::DiscoveryInvalid,
            format!(
                "the discovery document answered with status {} or is too large; check authority.issuer",
                response.status
            ),
        ));
    }
    let document = json::parse(&response.body).map_err(|fault| {
        Error::new(Code::DiscoveryInvalid, format!("the discovery document is {fault}"))
    })?;
    if document.text_of("issuer") != Some(issuer) {
        return Err(invalid(
            "the discovery document names another issuer; authority.issuer must be equal to the letter",
        ));
    }
    let endpoint = document.text_of("token_endpoint").unwrap_or_default();
    let insecure = "the discovery document's token_endpoint is not a secure absolute URL";
    let url = Url::parse(endpoint).map_err(|_| invalid(insecure))?;
    // Plain http is for an issuer that is itself on loopback: nobody else's document points credentials at this machine.
    let plain =
        |text: &str| !text.as_bytes().get(..8).is_some_and(|s| s.eq_ignore_ascii_case(b"https://"));
    if plain(url.as_str()) && !plain(issuer) {
        return Err(invalid(insecure));
    }
    Ok(url)
}
