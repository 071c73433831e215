//! Credentials in the form of Azure Resource Manager ("Federated Identity Credentials", ARM reference).

use super::credential::FederatedCredential;
use super::graph::{Expression, audience, expression};
use crate::json::config::null_is_default;
use alloc::string::String;
use alloc::vec::Vec;
use serde::Deserialize;
use serde_json::{Value, json};

/// The API version without expressions.
pub(super) const STABLE: &str = "2024-11-30";
/// The API version with expressions.
pub(super) const PREVIEW: &str = "2025-01-31-preview";

#[derive(Deserialize)]
pub(super) struct ArmItem {
    name: String,
    id: Option<String>,
    etag: Option<String>,
    properties: Properties,
}

#[derive(Deserialize)]
struct Properties {
    #[serde(default, deserialize_with = "null_is_default")]
    issuer: String,
    subject: Option<String>,
    #[serde(default, deserialize_with = "null_is_default")]
    audiences: Vec<String>,
    #[serde(rename = "claimsMatchingExpression")]
    expression: Option<Expression>,
}

impl ArmItem {
    pub(super) fn credential(self) -> FederatedCredential {
        let Properties { issuer, subject, audiences, expression } = self.properties;
        FederatedCredential {
            name: self.name,
            issuer,
            subject: subject.filter(|subject| !subject.is_empty()),
            expression: expression.map(|expression| expression.value),
            audience: audience(&audiences),
            description: None,
            id: self.id,
            etag: self.etag,
        }
    }
}

/// The body that creates or replaces a credential.
pub(super) fn body(credential: &FederatedCredential) -> Value {
    let mut properties = json!({"issuer": credential.issuer, "audiences": [credential.audience]});
    let (member, value) = match &credential.expression {
        Some(text) => ("claimsMatchingExpression", expression(text)),
        None => ("subject", credential.subject.as_deref().into()),
    };
    if let Some(properties) = properties.as_object_mut() {
        properties.insert(member.into(), value);
    }
    json!({"properties": properties})
}
