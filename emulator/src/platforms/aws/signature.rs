//! The check of Signature Version 4 (IAM User Guide, "Create a signed AWS API request").

use super::REGION;
use super::credentials::{ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN};
use crate::request::{Request, header};
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use workload_identity_core::Timestamp;

/// A request is refused when its date differs from the service's by more than this.
const LONGEST_DIFFERENCE_MS: i64 = 15 * 60 * 1000;
const UNRESERVED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Why a signature is refused: the name of the error, and its message.
pub(super) type Refusal = (&'static str, &'static str);

/// Checks the signature of a request to a service.
pub(super) fn check(request: &Request, service: &str, now: Timestamp) -> Result<(), Refusal> {
    let sent = header(request, "authorization").unwrap_or_default();
    let Some(sent) = sent.strip_prefix("AWS4-HMAC-SHA256 ") else {
        return Err(("MissingAuthenticationToken", "Request is missing Authentication Token"));
    };
    let part = |name: &str| {
        sent.split(", ").find_map(|part| part.strip_prefix(name)?.strip_prefix('=')).unwrap_or("")
    };
    let scope: Vec<&str> = part("Credential").split('/').collect();
    let [id, day, region, scoped, "aws4_request"] = *scope else {
        return Err((
            "IncompleteSignature",
            "Credential must have exactly 5 slash-delimited elements",
        ));
    };
    if id != ACCESS_KEY_ID || header(request, "x-amz-security-token") != Some(SESSION_TOKEN) {
        return Err((
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        ));
    }
    if scoped != service || region != REGION {
        return Err((
            "SignatureDoesNotMatch",
            "Credential should be scoped to a valid region and the correct service.",
        ));
    }
    let date = header(request, "x-amz-date").unwrap_or_default();
    let instant = date.parse::<jiff::Timestamp>().map_or(0, |instant| instant.as_millisecond());
    if (now.millis() - instant).abs() > LONGEST_DIFFERENCE_MS || !date.starts_with(day) {
        return Err(("SignatureDoesNotMatch", "Signature expired or not yet current."));
    }
    let names: Vec<&str> = part("SignedHeaders").split(';').collect();
    if !["host", "x-amz-date"].iter().all(|name| names.contains(name)) {
        return Err(("SignatureDoesNotMatch", "'Host' and 'X-Amz-Date' must be signed headers."));
    }
    let scope = format!("{day}/{region}/{service}/aws4_request");
    let hash = hex(&Sha256::digest(canonical(request, &names)));
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{hash}");
    let mut key = mac(format!("AWS4{SECRET_ACCESS_KEY}").as_bytes(), day);
    for part in [region, service, "aws4_request"] {
        key = mac(&key, part);
    }
    if hex(&mac(&key, &to_sign)) == part("Signature") {
        return Ok(());
    }
    Err((
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.",
    ))
}

/// The canonical request. Paths of the emulator have no dot segments.
fn canonical(request: &Request, names: &[&str]) -> String {
    let path = utf8_percent_encode(request.uri().path(), UNRESERVED);
    let mut query: Vec<&str> = request.uri().query().unwrap_or_default().split('&').collect();
    query.sort_unstable();
    let mut headers = String::new();
    for name in names {
        let value = header(request, name).unwrap_or_default();
        let words: Vec<&str> = value.split_ascii_whitespace().collect();
        let _ = writeln!(headers, "{name}:{}", words.join(" "));
    }
    format!(
        "{}\n{path}\n{}\n{headers}\n{}\n{}",
        request.method(),
        query.join("&"),
        names.join(";"),
        hex(&Sha256::digest(request.body()))
    )
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    // HMAC takes keys of every length (RFC 2104).
    Hmac::<Sha256>::new_from_slice(key)
        .map(|mac| mac.chain_update(text).finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
