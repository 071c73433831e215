//! Resources of the Terraform providers azuread 3 and azurerm 4.

use super::quoting::{hcl, identifier};
use super::{Owner, Trust};
use std::fmt::Write;

/// # Errors
/// Why there is no such resource.
pub(super) fn text(trust: &Trust<'_>) -> Result<String, String> {
    let mut text = String::new();
    let owner = match &trust.owner {
        Owner::Application { object_id: Some(object_id), .. } => {
            hcl(&format!("/applications/{object_id}"))
        }
        Owner::Application { id, .. } => {
            text = format!(
                "data \"azuread_application\" \"trusting\" {{\n  client_id = {}\n}}\n\n",
                hcl(id)
            );
            "data.azuread_application.trusting.id".to_owned()
        }
        Owner::ManagedIdentity { id, .. } => hcl(id),
    };
    for (index, credential) in trust.credentials.iter().enumerate() {
        let audience = hcl(trust.audience(credential));
        let issuer = hcl(&credential.issuer);
        let name = hcl(&credential.name);
        let mut arguments: Vec<(&str, String)> = Vec::new();
        let kind = match (&trust.owner, &credential.subject, &credential.expression) {
            (Owner::Application { .. }, Some(subject), _) => {
                arguments.extend([
                    ("application_id", owner.clone()),
                    ("display_name", name),
                    ("issuer", issuer),
                    ("subject", hcl(subject)),
                    ("audiences", format!("[{audience}]")),
                ]);
                "azuread_application_federated_identity_credential"
            }
            (Owner::Application { .. }, None, expression) => {
                arguments.extend([
                    ("application_id", owner.clone()),
                    ("display_name", name),
                    ("issuer", issuer),
                    ("audience", audience),
                    ("claims_matching_expression", hcl(expression.as_deref().unwrap_or_default())),
                ]);
                "azuread_application_flexible_federated_identity_credential"
            }
            (Owner::ManagedIdentity { group, .. }, Some(subject), _) => {
                arguments.extend([
                    ("name", name),
                    ("resource_group_name", hcl(group)),
                    ("parent_id", owner.clone()),
                    ("issuer", issuer),
                    ("subject", hcl(subject)),
                    ("audience", format!("[{audience}]")),
                ]);
                "azurerm_federated_identity_credential"
            }
            (Owner::ManagedIdentity { .. }, None, _) => {
                return Err(format!(
                    "the provider azurerm has no expressions, which the credential `{}` has; use `--for az` or `--for bicep`",
                    credential.name
                ));
            }
        };
        if let (Owner::Application { .. }, Some(description)) =
            (&trust.owner, &credential.description)
        {
            arguments.push(("description", hcl(description)));
        }
        let label = trust.label(index, identifier);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "resource \"{kind}\" \"{label}\" {{");
        for (argument, value) in arguments {
            let _ = writeln!(text, "  {argument} = {value}");
        }
        // Concurrent writes to one identity fail with 409.
        if index > 0 && matches!(trust.owner, Owner::ManagedIdentity { .. }) {
            let earlier = trust.label(index - 1, identifier);
            let _ = writeln!(text, "  depends_on = [{kind}.{earlier}]");
        }
        text.push_str("}\n\n");
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    Ok(text)
}
