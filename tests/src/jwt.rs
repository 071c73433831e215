//! Workload tokens for transcripts: well-formed, signed by nobody.

use serde_json::Value;
use workload_identity_core::jose::base64url_encode;

/// A token with the given subject and expiry (unix seconds), as a Kubernetes cluster would shape it.
#[must_use]
pub fn workload_token(subject: &str, expires: i64) -> String {
    token_for("api://AzureADTokenExchange", subject, expires)
}

/// As [`workload_token`], for another audience.
#[must_use]
pub fn token_for(audience: &str, subject: &str, expires: i64) -> String {
    token_of(&format!(
        r#"{{"iss":"https://issuer.example","sub":{},"aud":{},"exp":{expires}}}"#,
        Value::from(subject),
        Value::from(audience),
    ))
}

/// A token with these claims, a JSON object.
#[must_use]
pub fn token_of(claims: &str) -> String {
    let header = r#"{"alg":"RS256","kid":"k1","typ":"JWT"}"#;
    let part = |text: &str| base64url_encode(text.as_bytes());
    format!("{}.{}.c2lnbmF0dXJl", part(header), part(claims))
}
