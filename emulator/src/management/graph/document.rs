//! Documents of Microsoft Graph: credentials, lists, errors.

use super::path::Version;
use super::query::Options;
use crate::dates;
use crate::directory::FederatedCredential;
use crate::entra::error::Correlation;
use crate::management::failure::Failure;
use crate::reply::{Response, json, with_header};
use http::{HeaderName, header};
use serde_json::{Map, Value, json};
use workload_identity_core::Timestamp;

/// A credential with the members that a version and the options show.
pub(super) fn credential(
    known: &FederatedCredential,
    version: Version,
    options: &Options,
) -> Value {
    let FederatedCredential { id, credential, description } = known;
    let mut members: Map<String, Value> = [
        ("id", json!(id)),
        ("name", json!(known.name())),
        ("issuer", json!(credential.issuer)),
        ("subject", json!(credential.subject())),
        ("description", json!(description)),
        ("audiences", json!([credential.audience])),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    if version == Version::Beta {
        let expression =
            credential.expression().map(|text| json!({ "value": text, "languageVersion": 1 }));
        members.insert("claimsMatchingExpression".to_owned(), json!(expression));
    }
    members.retain(|member, _| options.shows(member));
    members.into()
}

/// A document that begins with its context, as OData has it.
pub(super) fn with_context(context: String, document: Value) -> Value {
    let mut members = Map::new();
    members.insert("@odata.context".to_owned(), context.into());
    if let Value::Object(own) = document {
        members.extend(own);
    }
    members.into()
}

/// A response with a document.
pub(super) fn answered(status: u16, document: &Value, correlation: &Correlation) -> Response {
    const TYPE: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";
    let response = with_header(json(status, document), header::CONTENT_TYPE, TYPE);
    with_header(identified(response, correlation), HeaderName::from_static("odata-version"), "4.0")
}

/// A response without a body.
pub(super) fn no_content(correlation: &Correlation) -> Response {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = http::StatusCode::NO_CONTENT;
    identified(response, correlation)
}

/// The response of an error.
pub(super) fn failed(failure: &Failure, correlation: &Correlation, now: Timestamp) -> Response {
    let body = json!({
        "error": {
            "code": failure.code,
            "message": failure.message,
            "innerError": {
                "date": dates::graph(now),
                "request-id": correlation.trace_id,
                "client-request-id": correlation.correlation_id,
            },
        },
    });
    let response = identified(json(failure.status, &body), correlation);
    let headers = failure.headers.iter();
    headers.fold(response, |response, (name, value)| with_header(response, name.clone(), value))
}

fn identified(response: Response, correlation: &Correlation) -> Response {
    let response = with_header(response, header::CACHE_CONTROL, "no-store, no-cache");
    [("request-id", &correlation.trace_id), ("client-request-id", &correlation.correlation_id)]
        .into_iter()
        .fold(response, |response, (name, value)| {
            with_header(response, HeaderName::from_static(name), value)
        })
}
