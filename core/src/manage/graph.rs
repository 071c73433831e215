//! Credentials in the form of Microsoft Graph ("federatedIdentityCredential resource type").

use super::credential::FederatedCredential;
use crate::json::config::null_is_default;
use alloc::string::String;
use alloc::vec::Vec;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The version without expressions.
pub(super) const STABLE: &str = "v1.0";
/// The version with expressions.
pub(super) const PREVIEW: &str = "beta";
/// Makes a `PATCH` of a name that is not there create it ("Upsert federatedIdentityCredential").
pub(super) const CREATE_IF_MISSING: &str = "create-if-missing";

#[derive(Deserialize)]
pub(super) struct GraphItem {
    name: String,
    #[serde(default, deserialize_with = "null_is_default")]
    issuer: String,
    subject: Option<String>,
    #[serde(default, deserialize_with = "null_is_default")]
    audiences: Vec<String>,
    description: Option<String>,
    id: Option<String>,
    #[serde(rename = "claimsMatchingExpression")]
    expression: Option<Expression>,
    #[serde(rename = "@odata.etag")]
    etag: Option<String>,
}

/// A claims matching expression, in both services.
#[derive(Deserialize)]
pub(super) struct Expression {
    pub(super) value: String,
}

impl GraphItem {
    pub(super) fn credential(self) -> FederatedCredential {
        FederatedCredential {
            name: self.name,
            issuer: self.issuer,
            subject: self.subject.filter(|subject| !subject.is_empty()),
            expression: self.expression.map(|expression| expression.value),
            audience: audience(&self.audiences),
            description: self.description.filter(|text| !text.is_empty()),
            id: self.id,
            etag: self.etag,
        }
    }
}

/// The audience of a list that has one. A list of several would equal no audience that may be asked for.
pub(super) fn audience(audiences: &[String]) -> String {
    audiences.join(", ")
}

/// An expression in both services.
pub(super) fn expression(text: &str) -> Value {
    json!({"value": text, "languageVersion": 1})
}

/// The body that creates a credential.
pub(super) fn whole(credential: &FederatedCredential) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("name".into(), credential.name.as_str().into());
    for member in ["issuer", "audience"] {
        set(&mut body, member, credential);
    }
    let condition = if credential.expression.is_some() { "expression" } else { "subject" };
    set(&mut body, condition, credential);
    if credential.description.as_deref().is_some_and(|text| !text.is_empty()) {
        set(&mut body, "description", credential);
    }
    body
}

/// The body that changes these members of a credential.
pub(super) fn part(credential: &FederatedCredential, members: &[&str]) -> Map<String, Value> {
    let mut body = Map::new();
    for member in members {
        set(&mut body, member, credential);
    }
    body
}

fn set(body: &mut Map<String, Value>, member: &str, credential: &FederatedCredential) {
    let (name, value) = match member {
        "issuer" => ("issuer", credential.issuer.as_str().into()),
        "subject" => ("subject", credential.subject.as_deref().into()),
        "expression" => {
            let value = credential.expression.as_deref().map(expression);
            ("claimsMatchingExpression", value.into())
        }
        "audience" => ("audiences", json!([credential.audience])),
        _ => {
            let text = credential.description.as_deref().filter(|text| !text.is_empty());
            ("description", text.into())
        }
    };
    body.insert(name.into(), value);
}
