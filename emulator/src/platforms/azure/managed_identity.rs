//! The managed identity of all hosts, its tokens, and what the hosts' answers have in common.

use crate::directory::managed_identity::{CLIENT_ID, PRINCIPAL_ID, RESOURCE_ID};
use crate::platforms::Workbench;
use crate::reply::{Response, internal_error, json};
use crate::request::{Request, header, query};
use serde_json::{Value, json};
use workload_identity_core::Error;
use workload_identity_core::trust::Credential;

const LIFE_SECONDS: i64 = 86_400;

/// A token, and what an answer says about it.
pub(super) struct Granted {
    pub(super) token: String,
    pub(super) resource: String,
    pub(super) not_before: i64,
    pub(super) expires: i64,
}

/// The credential that trusts the identity.
pub(super) fn credential(workbench: &Workbench<'_>) -> Credential {
    Credential::exact(&workbench.entra_issuer(), PRINCIPAL_ID, &workbench.settings.audience)
}

/// A token of the identity for a resource.
pub(super) fn grant(workbench: &mut Workbench<'_>, resource: String) -> Result<Granted, Error> {
    let own = json!({
        "azp": CLIENT_ID,
        "azpacr": "2",
        "idtyp": "app",
        "oid": PRINCIPAL_ID,
        "sub": PRINCIPAL_ID,
        "xms_mirid": RESOURCE_ID,
    });
    grant_claims(workbench, resource, own)
}

/// A token of Entra for a resource, with the claims of who asks.
pub(super) fn grant_claims(
    workbench: &mut Workbench<'_>,
    resource: String,
    own: Value,
) -> Result<Granted, Error> {
    let not_before = workbench.now.seconds();
    let mut claims = json!({
        "aud": resource,
        "nbf": not_before,
        "tid": workbench.settings.tenant_id,
        "uti": workbench.ids.short(),
        "ver": "2.0",
    });
    if let (Some(claims), Value::Object(own)) = (claims.as_object_mut(), own) {
        claims.extend(own);
    }
    let token = workbench.entra_token(claims, LIFE_SECONDS)?;
    Ok(Granted { token, resource, not_before, expires: not_before + LIFE_SECONDS })
}

impl Granted {
    /// The answer of IMDS and of hosts that follow it. Its numbers are strings.
    pub(super) fn answer(&self) -> Value {
        let life = (self.expires - self.not_before).to_string();
        json!({
            "access_token": self.token,
            "expires_in": life,
            "expires_on": self.expires.to_string(),
            "ext_expires_in": life,
            "not_before": self.not_before.to_string(),
            "resource": self.resource,
            "token_type": "Bearer",
        })
    }
}

/// The answer with a token, or that of a signer that failed.
pub(super) fn granted(
    granted: Result<Granted, Error>,
    form: impl FnOnce(&Granted) -> Value,
) -> Response {
    match granted {
        Ok(granted) => json(200, &form(&granted)),
        Err(error) => internal_error(&error),
    }
}

/// Whether the request has the header that a redirected or forged one lacks.
pub(super) fn has_metadata_header(request: &Request) -> bool {
    header(request, "metadata").is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// Whether each parameter that names an identity names this one.
pub(super) fn is_known(request: &Request, selectors: &[(&str, &str)]) -> bool {
    let named = |(parameter, id): &(&str, &str)| {
        query(request, parameter).is_none_or(|named| named.eq_ignore_ascii_case(id))
    };
    selectors.iter().all(named)
}

/// A parameter that is there and not empty.
pub(super) fn parameter(request: &Request, name: &str) -> Option<String> {
    query(request, name).filter(|value| !value.is_empty())
}

/// A refusal in the form of OAuth, which IMDS, Arc and Cloud Shell use.
pub(super) fn refusal(status: u16, error: &str, description: &str) -> Response {
    json(status, &json!({ "error": error, "error_description": description }))
}
