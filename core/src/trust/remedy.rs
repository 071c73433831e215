//! The commands that make Entra accept a token: `az` and `wif fic`.

use super::shell::{ascii_json, shell_word};
use super::{Condition, Credential, DEFAULT_AUDIENCE, TokenClaims};
use crate::entra::CLOUDS;
use crate::verdict::{Difference, Field, Verdict};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::Serialize;

/// Longest name of a credential.
const MAX_NAME: usize = 120;

/// A credential that would accept the token.
struct Wanted<'a> {
    /// The name of a credential to change; otherwise one is added.
    existing: Option<&'a str>,
    issuer: &'a str,
    subject: &'a str,
    audience: &'a str,
}

/// The body of a credential in Microsoft Graph.
#[derive(Serialize)]
struct Parameters<'a> {
    name: &'a str,
    issuer: &'a str,
    subject: &'a str,
    audiences: [&'a str; 1],
}

/// The commands; none if no credential can accept the token.
pub(super) fn commands(
    verdict: &Verdict,
    claims: &TokenClaims,
    credentials: &[Credential],
) -> Vec<String> {
    // Other numbers are about the token or about a policy of the tenant, which no credential changes.
    if verdict.field.is_none() && !matches!(verdict.aadsts, Some(70_021 | 70_025)) {
        return Vec::new();
    }
    let compared = verdict
        .nearest
        .and_then(|index| Some((verdict.credentials.get(index)?, credentials.get(index)?)));
    let differences = || compared.iter().flat_map(|(compared, _)| &compared.fields);
    let hopeless = differences().any(|field| field.difference == Some(Difference::PerRunSubject));
    let (Some(issuer), Some(subject)) = (claims.issuer.as_deref(), claims.subject.as_deref())
    else {
        return Vec::new();
    };
    if hopeless || issuer.is_empty() || subject.is_empty() {
        return Vec::new();
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
    let wanted = Wanted {
        existing: existing.map(|credential| credential.name.as_deref().unwrap_or("NAME")),
        issuer,
        subject,
        audience: audience(claims),
    };
    wanted.commands()
}

/// The audience of a credential for the token: the exchange audience of a cloud if the token has one.
fn audience(claims: &TokenClaims) -> &str {
    let is_exchange = |audience: &&String| {
        CLOUDS.iter().any(|cloud| cloud.exchange_audience == audience.as_str())
    };
    let found = claims.audience.iter().find(is_exchange).or(claims.audience.first());
    found.map_or(DEFAULT_AUDIENCE, String::as_str)
}

impl Wanted<'_> {
    fn commands(&self) -> Vec<String> {
        let proposed = credential_name(self.subject);
        let name = self.existing.unwrap_or(&proposed);
        let parameters = Parameters {
            name,
            issuer: self.issuer,
            subject: self.subject,
            audiences: [self.audience],
        };
        // Text always has a JSON form.
        let json = ascii_json(&serde_json::to_string(&parameters).unwrap_or_default());
        let json = shell_word(&json);
        let (az, wif) = match self.existing {
            Some(name) => (
                format!("update --id APP_ID --federated-credential-id {}", shell_word(name)),
                "update",
            ),
            None => ("create --id APP_ID".into(), "add"),
        };
        alloc::vec![
            format!("az ad app federated-credential {az} --parameters {json}"),
            format!(
                "wif fic {wif} --app-id=APP_ID --name={} --issuer={} --subject={} --audience={}",
                shell_word(name),
                shell_word(self.issuer),
                shell_word(self.subject),
                shell_word(self.audience)
            ),
        ]
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
    fn names_follow_graphs_rules() {
        assert_eq!(
            credential_name("repo:octo/app:pull_request"),
            "workload-repo-octo-app-pull-request"
        );
        assert_eq!(credential_name("\u{1b}äö"), "workload");
        assert!(credential_name(&"a:".repeat(500)).len() <= MAX_NAME);
    }
}
