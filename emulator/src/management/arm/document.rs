//! Documents of Azure Resource Manager: the identity, credentials, errors.

use crate::directory::{Client, FederatedCredential, managed_identity};
use crate::entra::error::Correlation;
use crate::management::failure::Failure;
use crate::reply::{Response, json, with_header};
use http::{HeaderName, header};
use serde_json::{Value, json};

/// The region of the managed identity.
const LOCATION: &str = "westeurope";
const TYPE: &str = "Microsoft.ManagedIdentity/userAssignedIdentities";

/// The managed identity.
pub(super) fn identity(client: &Client, tenant_id: &str) -> Value {
    let name = managed_identity::RESOURCE_ID.rsplit('/').next();
    json!({
        "id": managed_identity::RESOURCE_ID,
        "name": name,
        "type": TYPE,
        "location": LOCATION,
        "tags": {},
        "properties": {
            "tenantId": tenant_id,
            "principalId": client.principal_id,
            "clientId": client.client_id,
        },
    })
}

/// A credential.
pub(super) fn credential(known: &FederatedCredential) -> Value {
    let credential = &known.credential;
    let mut properties = json!({
        "issuer": credential.issuer,
        "audiences": [credential.audience],
    });
    if let Some(subject) = credential.subject() {
        properties["subject"] = subject.into();
    }
    if let Some(expression) = credential.expression() {
        properties["claimsMatchingExpression"] =
            json!({ "value": expression, "languageVersion": 1 });
    }
    json!({
        "id": format!(
            "{}/federatedIdentityCredentials/{}",
            managed_identity::RESOURCE_ID,
            known.name()
        ),
        "name": known.name(),
        "type": format!("{TYPE}/federatedIdentityCredentials"),
        "properties": properties,
    })
}

/// A response with a document.
pub(super) fn answered(status: u16, document: &Value, correlation: &Correlation) -> Response {
    identified(json(status, document), correlation)
}

/// A response without a body.
pub(super) fn empty(status: http::StatusCode, correlation: &Correlation) -> Response {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = status;
    identified(response, correlation)
}

/// The response of an error.
pub(super) fn failed(failure: &Failure, correlation: &Correlation) -> Response {
    let body = json!({ "error": { "code": failure.code, "message": failure.message } });
    let mut response = identified(json(failure.status, &body), correlation);
    response = with_header(
        response,
        HeaderName::from_static("x-ms-failure-cause"),
        if failure.status < 500 { "gateway" } else { "service" },
    );
    let headers = failure.headers.iter();
    headers.fold(response, |response, (name, value)| with_header(response, name.clone(), value))
}

fn identified(response: Response, correlation: &Correlation) -> Response {
    let response = with_header(response, header::CACHE_CONTROL, "no-cache");
    [
        ("x-ms-request-id", &correlation.trace_id),
        ("x-ms-correlation-request-id", &correlation.correlation_id),
    ]
    .into_iter()
    .fold(response, |response, (name, value)| {
        with_header(response, HeaderName::from_static(name), value)
    })
}
