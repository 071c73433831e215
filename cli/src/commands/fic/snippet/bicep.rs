//! Resources of Bicep: the Microsoft Graph extension for applications, Azure Resource Manager for managed identities.

use super::quoting::{bicep, identifier};
use super::{Owner, Trust};
use std::fmt::Write;

pub(super) fn text(trust: &Trust<'_>) -> String {
    let mut text = String::new();
    let flexible = trust.credentials.iter().any(|credential| credential.expression.is_some());
    // Writing to a String cannot fail.
    let _ = match &trust.owner {
        Owner::Application { .. } => {
            let (extension, version) = if flexible {
                ("microsoftGraphBeta", "beta")
            } else {
                ("microsoftGraphV1", "v1.0")
            };
            write!(
                text,
                "// bicepconfig.json names the extension: https://learn.microsoft.com/graph/templates/quickstart-install-bicep-tools\nextension {extension}\n\n@description('The property uniqueName of the application')\nparam uniqueName string\n\nresource application 'Microsoft.Graph/applications@{version}' existing = {{\n  uniqueName: uniqueName\n}}\n"
            )
        }
        Owner::ManagedIdentity { name, group, .. } => write!(
            text,
            "// az deployment group create --resource-group {} --template-file FILE\nresource managedIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {{\n  name: {}\n}}\n",
            workload_identity_core::trust::shell_word(group),
            bicep(name)
        ),
    };
    for (index, credential) in trust.credentials.iter().enumerate() {
        let label = trust.label(index, identifier);
        let audience = bicep(trust.audience(credential));
        let mut members = vec![format!("issuer: {}", bicep(&credential.issuer))];
        if let Some(subject) = &credential.subject {
            members.push(format!("subject: {}", bicep(subject)));
        }
        if let Some(expression) = &credential.expression {
            members.push(format!(
                "claimsMatchingExpression: {{\n  value: {}\n  languageVersion: 1\n}}",
                bicep(expression)
            ));
        }
        members.push(format!("audiences: [\n  {audience}\n]"));
        let _ = match &trust.owner {
            Owner::Application { .. } => {
                if let Some(description) = &credential.description {
                    members.push(format!("description: {}", bicep(description)));
                }
                let version = if flexible { "beta" } else { "v1.0" };
                write!(
                    text,
                    "\nresource {label} 'Microsoft.Graph/applications/federatedIdentityCredentials@{version}' = {{\n  name: '${{application.uniqueName}}/{}'\n  {}\n}}\n",
                    credential.name,
                    members.join("\n").replace('\n', "\n  ")
                )
            }
            Owner::ManagedIdentity { .. } => {
                let version = match credential.expression {
                    Some(_) => "2025-01-31-preview",
                    None => "2024-11-30",
                };
                // Concurrent writes to one identity fail with 409.
                let after = match index.checked_sub(1) {
                    Some(earlier) => {
                        format!("\n  dependsOn: [\n    {}\n  ]", trust.label(earlier, identifier))
                    }
                    None => String::new(),
                };
                write!(
                    text,
                    "\nresource {label} 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@{version}' = {{\n  parent: managedIdentity\n  name: {}\n  properties: {{\n    {}\n  }}{after}\n}}\n",
                    bicep(&credential.name),
                    members.join("\n").replace('\n', "\n    ")
                )
            }
        };
    }
    text
}
