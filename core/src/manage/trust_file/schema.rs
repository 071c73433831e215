//! The JSON Schema (draft 2020-12) of trust files, for editors. A file that the schema refuses is refused by the reader.
//!
//! The reader checks more: names and subjects are unique, and YAML has no anchors.

use crate::manage::limits::NAME_LENGTH;
use crate::trust::{
    DEFAULT_AUDIENCE, MAX_CREDENTIALS, MAX_EXPRESSION_CHARACTERS, MAX_VALUE_CHARACTERS,
};
use alloc::format;
use alloc::string::String;
use serde_json::{Value, json};

const GUID: &str = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}";
/// A text in single quotes, in which two stand for one.
const QUOTED: &str = "'([^']|'')*'";

/// The schema, as a document that ends with a line feed.
///
/// ```
/// use workload_identity_core::{json, manage::trust_file_schema};
/// let schema = json::parse(trust_file_schema().as_bytes())?;
/// assert_eq!(schema["properties"]["version"]["const"], 1);
/// # Ok::<(), workload_identity_core::json::JsonError>(())
/// ```
#[must_use]
pub fn trust_file_schema() -> String {
    let guid = |description: &str| json!({ "type": "string", "pattern": format!("^{GUID}$"), "description": description });
    // Fixed words of a resource id have no case, which a pattern must spell out.
    let resource_id = format!(
        "^/{}/{GUID}/{}/[^/?#]{{1,90}}/{}/{}/{}/[A-Za-z0-9][A-Za-z0-9_-]{{2,127}}$",
        any_case("subscriptions"),
        any_case("resourceGroups"),
        any_case("providers"),
        any_case("Microsoft.ManagedIdentity"),
        any_case("userAssignedIdentities"),
    );
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Trust file of wif",
        "description": "Which tokens an Entra application, an agent identity blueprint or a user-assigned managed identity trusts.",
        "type": "object",
        "required": ["version", "identity", "credentials"],
        "additionalProperties": false,
        "properties": {
            "version": { "const": 1, "description": "The version of this format." },
            "identity": {
                "description": "Whose credentials they are: exactly one of the members.",
                "type": "object",
                "additionalProperties": false,
                "minProperties": 1,
                "maxProperties": 1,
                "properties": {
                    "app_id": guid("The application (client) id."),
                    "app_object_id": guid("The object id of the application."),
                    "agent_blueprint": guid("The object id of the agent identity blueprint."),
                    "managed_identity": {
                        "type": "string",
                        "pattern": resource_id,
                        "description": "The resource id of the user-assigned managed identity.",
                    },
                },
            },
            "credentials": {
                "description": "The federated identity credentials.",
                "type": "array",
                "maxItems": MAX_CREDENTIALS,
                "items": credential(),
            },
        },
    });
    format!("{schema:#}\n")
}

fn credential() -> Value {
    let text = |description: &str| {
        json!({
            "type": "string",
            "minLength": 1,
            "maxLength": MAX_VALUE_CHARACTERS,
            "description": description,
        })
    };
    let clause = format!(r"claims\['([^']|'')+'\] (eq|matches) {QUOTED}");
    let mut audience = text("`aud` of the tokens. Without it: the exchange audience of the cloud.");
    let mut issuer = text("`iss` of the tokens, compared exactly, including a trailing slash.");
    if let (Some(audience), Some(issuer)) = (audience.as_object_mut(), issuer.as_object_mut()) {
        audience.insert("examples".into(), json!([DEFAULT_AUDIENCE]));
        issuer.insert("pattern".into(), "^https?://[!-~]+$".into());
    }
    json!({
        "type": "object",
        "required": ["name", "issuer"],
        "oneOf": [{ "required": ["subject"] }, { "required": ["expression"] }],
        "additionalProperties": false,
        "properties": {
            "name": {
                "type": "string",
                "pattern": format!(
                    "^[A-Za-z0-9][A-Za-z0-9_-]{{{},{}}}$",
                    NAME_LENGTH.start().saturating_sub(1),
                    NAME_LENGTH.end().saturating_sub(1)
                ),
                "description": "Unique within the identity; it cannot be changed.",
            },
            "issuer": issuer,
            "subject": text("`sub` of the tokens, compared exactly."),
            "expression": {
                "type": "string",
                "maxLength": MAX_EXPRESSION_CHARACTERS,
                "pattern": format!("^{clause}( and {clause})*$"),
                "description": "A claims matching expression in place of the subject.",
            },
            "audience": audience,
            "description": text("For people. Managed identities store none."),
        },
    })
}

/// A pattern that a word matches in any case.
fn any_case(word: &str) -> String {
    word.chars()
        .map(|c| match c.is_ascii_alphabetic() {
            true => format!("[{}{}]", c.to_ascii_uppercase(), c.to_ascii_lowercase()),
            false => format!("\\{c}"),
        })
        .collect()
}
