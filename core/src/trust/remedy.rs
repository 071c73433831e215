//! The commands that make Entra accept a token: `az` and `wif fic`.

use super::shell::{ascii_json, shell_word};
use super::{Condition, Credential, DEFAULT_AUDIENCE, TokenClaims};
use crate::entra::CLOUDS;
use crate::verdict::{Difference, Field, Verdict};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::Serialize;

/// Longest name of a credential.
const MAX_NAME: usize = 120;

/// The credential that would accept a token: a changed one, or one that is added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// The name of the credential to change; `None` to add one.
    pub existing: Option<String>,
    /// `iss` of the token.
    pub issuer: String,
    /// `sub` of the token.
    pub subject: String,
    /// The audience of the token that a credential should have.
    pub audience: String,
}

/// Who has the credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner<'a> {
    /// An application by its id.
    Application(&'a str),
    /// A user-assigned managed identity by its id in Azure Resource Manager.
    ManagedIdentity(&'a str),
}

/// The body of a credential in Microsoft Graph.
#[derive(Serialize)]
struct Parameters<'a> {
    name: &'a str,
    issuer: &'a str,
    subject: &'a str,
    audiences: [&'a str; 1],
}

/// The commands for an application; none if no credential can accept the token.
pub(super) fn commands(
    verdict: &Verdict,
    claims: &TokenClaims,
    credentials: &[Credential],
) -> Vec<String> {
    let found = remedy(verdict, claims, credentials);
    found.map_or_else(Vec::new, |remedy| remedy.commands(&Owner::Application("APP_ID")))
}

/// The credential that would accept a refused token; `None` if no credential can.
#[must_use]
pub fn remedy(
    verdict: &Verdict,
    claims: &TokenClaims,
    credentials: &[Credential],
) -> Option<Remedy> {
    // Other numbers are about the token or about a policy of the tenant, which no credential changes.
    if verdict.field.is_none() && !matches!(verdict.aadsts, Some(70_021 | 70_025)) {
        return None;
    }
    let compared = verdict
        .nearest
        .and_then(|index| Some((verdict.credentials.get(index)?, credentials.get(index)?)));
    let differences = || compared.iter().flat_map(|(compared, _)| &compared.fields);
    // No credential accepts a token without an audience, or one whose subject is new for each run.
    let hopeless = differences().any(|field| {
        let missing =
            field.field == Field::Audience && field.difference == Some(Difference::Missing);
        missing || field.difference == Some(Difference::PerRunSubject)
    });
    let (issuer, subject) = (claims.issuer.as_deref()?, claims.subject.as_deref()?);
    if hopeless || issuer.is_empty() || subject.is_empty() {
        return None;
    }
    let other = differences().any(|field| {
        matches!(
            (field.field, field.difference),
            (Field::Issuer, Some(Difference::Different)) | (_, Some(Difference::JobContext))
        )
    });
    let existing = compared
        .map(|(_, credential)| credential)
        .filter(|credential| !other && matches!(credential.condition, Condition::Subject(_)));
    Some(Remedy {
        existing: existing
            .map(|credential| credential.name.as_deref().unwrap_or("NAME").to_string()),
        issuer: issuer.to_string(),
        subject: subject.to_string(),
        audience: audience(claims).to_string(),
    })
}

/// The audience of a credential for the token: the exchange audience of a cloud if the token has one.
fn audience(claims: &TokenClaims) -> &str {
    let is_exchange = |audience: &&String| {
        CLOUDS.iter().any(|cloud| cloud.exchange_audience == audience.as_str())
    };
    let found = claims.audience.iter().find(is_exchange).or(claims.audience.first());
    found.map_or(DEFAULT_AUDIENCE, String::as_str)
}

impl Remedy {
    /// The commands of the Azure CLI and of `wif` that make it so.
    #[must_use]
    pub fn commands(&self, owner: &Owner<'_>) -> Vec<String> {
        let proposed = credential_name(&self.subject);
        let name = self.existing.as_ref().unwrap_or(&proposed);
        let (option, owner_id) = match owner {
            Owner::Application(id) => ("app-id", id),
            Owner::ManagedIdentity(id) => ("managed-identity", id),
        };
        let verb = if self.existing.is_some() { "update" } else { "add" };
        let wif = format!(
            "wif fic {verb} --{option}={} --name={} --issuer={} --subject={} --audience={}",
            shell_word(owner_id),
            shell_word(name),
            shell_word(&self.issuer),
            shell_word(&self.subject),
            shell_word(&self.audience)
        );
        let az = match owner {
            Owner::Application(id) => Some(self.of_application(id, name)),
            Owner::ManagedIdentity(id) => self.of_managed_identity(id, name),
        };
        az.into_iter().chain([wif]).collect()
    }

    fn of_application(&self, id: &str, name: &str) -> String {
        let parameters = Parameters {
            name,
            issuer: &self.issuer,
            subject: &self.subject,
            audiences: [&self.audience],
        };
        // Text always has a JSON form.
        let json = ascii_json(&serde_json::to_string(&parameters).unwrap_or_default());
        let (id, json) = (shell_word(id), shell_word(&json));
        let command = match &self.existing {
            Some(name) => {
                format!("update --id {id} --federated-credential-id {}", shell_word(name))
            }
            None => format!("create --id {id}"),
        };
        format!("az ad app federated-credential {command} --parameters {json}")
    }

    /// `None` if the id is not one of Azure Resource Manager.
    fn of_managed_identity(&self, id: &str, name: &str) -> Option<String> {
        // /subscriptions/ID/resourceGroups/GROUP/providers/NAMESPACE/userAssignedIdentities/NAME
        let mut values = id.split('/').skip(2).step_by(2);
        let (subscription, group) = (values.next()?, values.next()?);
        let identity = values.nth(1)?;
        let verb = if self.existing.is_some() { "update" } else { "create" };
        Some(format!(
            "az identity federated-credential {verb} --subscription={} --resource-group={} --identity-name={} --name={} --issuer={} --subject={} --audiences={}",
            shell_word(subscription),
            shell_word(group),
            shell_word(identity),
            shell_word(name),
            shell_word(&self.issuer),
            shell_word(&self.subject),
            shell_word(&self.audience)
        ))
    }
}

/// A name for a credential of a subject or an expression: letters, digits and dashes, 8 to 120 characters.
///
/// ```
/// use workload_identity_core::trust::credential_name;
/// assert_eq!(credential_name("repo:octo/app:pull_request"), "workload-repo-octo-app-pull-request");
/// ```
#[must_use]
pub fn credential_name(subject: &str) -> String {
    let mut name = String::from("workload");
    for word in subject.split(|character: char| !character.is_ascii_alphanumeric()) {
        if !word.is_empty() {
            name.push('-');
            name.push_str(word);
        }
    }
    name.truncate(MAX_NAME);
    name.truncate(name.trim_end_matches('-').len());
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_without_an_audience_has_no_credential() {
        let credential = Credential::exact("https://i", "s", "a");
        for audience in [None, Some("b")] {
            let claims = TokenClaims::of("https://i", "s", audience);
            let verdict = crate::trust::evaluate(&claims, core::slice::from_ref(&credential));
            let commands = verdict.fix.iter().filter(|fix| fix.starts_with("az ")).count();
            assert_eq!(commands, usize::from(audience.is_some()), "{:?}", verdict.fix);
        }
    }

    #[test]
    fn names_follow_graphs_rules() {
        assert_eq!(
            credential_name("repo:octo/app:pull_request"),
            "workload-repo-octo-app-pull-request"
        );
        assert_eq!(credential_name("\u{1b}äö"), "workload");
        assert!(credential_name(&"a:".repeat(500)).len() <= MAX_NAME);
    }

    #[test]
    fn commands_name_their_owner() {
        let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i";
        let remedy = |existing: Option<&str>| Remedy {
            existing: existing.map(String::from),
            issuer: "https://i.example".into(),
            subject: "it's --audience=x".into(),
            audience: "a".into(),
        };
        assert_eq!(
            remedy(None).commands(&Owner::ManagedIdentity(id)),
            [
                r"az identity federated-credential create --subscription=s --resource-group=g --identity-name=i --name=workload-it-s-audience-x --issuer=https://i.example --subject='it'\''s --audience=x' --audiences=a",
                &format!(
                    r"wif fic add --managed-identity={id} --name=workload-it-s-audience-x --issuer=https://i.example --subject='it'\''s --audience=x' --audience=a"
                ),
            ]
        );
        let [az, wif]: [String; 2] = remedy(Some("n"))
            .commands(&Owner::ManagedIdentity(id))
            .try_into()
            .expect("two commands");
        assert!(
            az.starts_with("az identity federated-credential update ") && az.contains("--name=n ")
        );
        assert!(wif.starts_with("wif fic update --managed-identity=") && wif.contains("--name=n "));
        // Not an id of Azure Resource Manager.
        assert_eq!(remedy(None).commands(&Owner::ManagedIdentity("orders")).len(), 1);
        let application = remedy(Some("n")).commands(&Owner::Application("app"));
        assert!(application[0].starts_with(
            "az ad app federated-credential update --id app --federated-credential-id n "
        ));
        assert!(application[1].starts_with("wif fic update --app-id=app --name=n "));
    }
}
