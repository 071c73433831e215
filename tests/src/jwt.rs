//! Workload tokens for transcripts: well-formed, signed by nobody.

use workload_identity_core::jose::base64url_encode;

/// A token with the given subject and expiry (unix seconds), as a Kubernetes cluster would shape it.
#[must_use]
pub fn workload_token(subject: &str, expires: i64) -> String {
    token_for("api://AzureADTokenExchange", subject, expires)
}

/// As [`workload_token`], for another audience.
#[must_use]
pub fn token_for(audience: &str, subject: &str, expires: i64) -> String {
    let header = r#"{"alg":"RS256","kid":"k1","typ":"JWT"}"#;
    let claims = format!(
        r#"{{"iss":"https://issuer.example","sub":{},"aud":{},"exp":{expires}}}"#,
        serde_json::Value::from(subject),
        serde_json::Value::from(audience),
    );
    format!(
        "{}.{}.c2lnbmF0dXJl",
        base64url_encode(header.as_bytes()),
        base64url_encode(claims.as_bytes())
    )
}
