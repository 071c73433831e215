//! Discovery documents and key sets of workload issuers (OpenID Connect Discovery 1.0).

use crate::key_ring::KeyRing;
use crate::reply::{Response, internal_error, json, with_header};
use http::header::CACHE_CONTROL;
use serde_json::json;

const ONE_HOUR: &str = "public, max-age=3600";

/// The discovery document of an issuer.
pub(crate) fn document(issuer: &str, jwks_uri: &str, claims: &[&str]) -> Response {
    let document = json!({
        "issuer": issuer,
        "jwks_uri": jwks_uri,
        "subject_types_supported": ["public", "pairwise"],
        "response_types_supported": ["id_token"],
        "claims_supported": claims,
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid"],
    });
    with_header(json(200, &document), CACHE_CONTROL, ONE_HOUR)
}

/// The key set of an issuer.
pub(crate) fn key_set(keys: &KeyRing) -> Response {
    match keys.document(None) {
        Ok(document) => with_header(json(200, &document), CACHE_CONTROL, ONE_HOUR),
        Err(error) => internal_error(&error),
    }
}
