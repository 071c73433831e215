//! The commands of the Azure CLI that set the same trust up.

use super::{Owner, Trust};
use serde_json::json;
use workload_identity_core::trust::{ascii_json, shell_word};

/// The version of Azure Resource Manager that takes expressions.
const PREVIEW: &str = "2025-01-31-preview";

pub(super) fn text(trust: &Trust<'_>) -> String {
    let mut text = String::from("set -eu\n");
    for credential in trust.credentials {
        let name = &credential.name;
        let audience = trust.audience(credential);
        let mut body = json!({
            "name": name,
            "issuer": credential.issuer,
            "audiences": [audience],
        });
        for (member, value) in
            [("subject", &credential.subject), ("description", &credential.description)]
        {
            if let Some(value) = value {
                body[member] = value.as_str().into();
            }
        }
        if let Some(expression) = &credential.expression {
            body["claimsMatchingExpression"] = json!({ "value": expression, "languageVersion": 1 });
        }
        let command = match (&trust.owner, &credential.expression) {
            (Owner::Application { id, .. }, None) => format!(
                "az ad app federated-credential create --id {} --parameters {}",
                shell_word(id),
                word(&body)
            ),
            // The group of commands asks the version of Graph that has no expressions.
            (Owner::Application { path, .. }, Some(_)) => format!(
                "az rest --method post --url {} --body {}",
                shell_word(&format!(
                    "https://graph.microsoft.com/beta{path}/federatedIdentityCredentials"
                )),
                word(&body)
            ),
            (Owner::ManagedIdentity { group, name: identity, subscription, .. }, None) => format!(
                "az identity federated-credential create --subscription {} --resource-group {} --identity-name {} --name {} --issuer={} --subject={} --audiences={}",
                shell_word(subscription),
                shell_word(group),
                shell_word(identity),
                shell_word(name),
                shell_word(&credential.issuer),
                shell_word(credential.subject.as_deref().unwrap_or_default()),
                shell_word(audience)
            ),
            (Owner::ManagedIdentity { id, .. }, Some(_)) => {
                if let Some(members) = body.as_object_mut() {
                    members.remove("name");
                    members.remove("description");
                }
                format!(
                    "az rest --method put --url {} --body {}",
                    shell_word(&format!(
                        "https://management.azure.com{id}/federatedIdentityCredentials/{name}?api-version={PREVIEW}"
                    )),
                    word(&json!({ "properties": body }))
                )
            }
        };
        text.push_str(&command);
        text.push('\n');
    }
    text
}

fn word(body: &serde_json::Value) -> String {
    shell_word(&ascii_json(&body.to_string()))
}
