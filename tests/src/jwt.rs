//! Workload tokens for transcripts: well-formed, signed by nobody.

use workload_identity_core::jose::base64url_encode;
use workload_identity_core::json::object;

/// A token with the given subject and expiry (unix seconds), as a Kubernetes cluster would shape it.
#[must_use]
pub fn workload_token(subject: &str, expires: i64) -> String {
    let header = object(|o| {
        o.text("alg", "RS256").text("kid", "k1").text("typ", "JWT");
    });
    let claims = object(|o| {
        o.text("iss", "https://issuer.example")
            .text("sub", subject)
            .text("aud", "api://AzureADTokenExchange")
            .integer("exp", expires);
    });
    format!(
        "{}.{}.c2lnbmF0dXJl",
        base64url_encode(header.as_bytes()),
        base64url_encode(claims.as_bytes())
    )
}
