//! The options that describe a federated identity credential.

use super::platform_args::PlatformArgs;
use clap::Args;
use workload_identity_core::manage::CredentialEntry;
use workload_identity_core::trust::credential_name;

const ISSUER_HELP: &str =
    "`iss` of the tokens, compared exactly, e.g. https://token.actions.githubusercontent.com";

/// What a credential is made of.
#[derive(Args, Debug, Default)]
pub(super) struct CredentialArgs {
    #[command(flatten)]
    platform: PlatformArgs,
    // Not a doc comment, where the URL would have to be a link.
    #[arg(long, value_name = "URL", help = ISSUER_HELP)]
    issuer: Option<String>,
    /// `sub` of the tokens, compared exactly
    #[arg(long, value_name = "SUBJECT", conflicts_with_all = ["expression", "platform"])]
    subject: Option<String>,
    /// A claims matching expression in place of the subject, e.g. "claims['sub'] matches 'repo:octo/*'"
    #[arg(long, value_name = "EXPRESSION", conflicts_with = "platform")]
    expression: Option<String>,
    /// `aud` of the tokens [default: the exchange audience of the cloud, such as api://AzureADTokenExchange]
    #[arg(long, value_name = "AUDIENCE")]
    audience: Option<String>,
    /// Text for people
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

impl CredentialArgs {
    /// The members that the options name. Without a name it gets one of its subject, if there is a subject.
    ///
    /// # Errors
    /// The option that is wrong, and why.
    pub(super) fn entry(&self, name: Option<&str>) -> Result<CredentialEntry, String> {
        let mut entry = CredentialEntry::default();
        let platform = self.platform.subject()?;
        let (own_issuer, subject) = match platform {
            Some(platform) => (platform.issuer, Some(platform.subject)),
            None => (None, self.subject.clone()),
        };
        entry.issuer = self.issuer.clone().or(own_issuer.map(str::to_owned)).unwrap_or_default();
        entry.subject = subject;
        entry.expression.clone_from(&self.expression);
        entry.audience.clone_from(&self.audience);
        entry.description.clone_from(&self.description);
        let condition = entry.subject.as_deref().or(entry.expression.as_deref());
        entry.name = match (name, condition) {
            (Some(name), _) => name.to_owned(),
            (None, condition) => condition.map(credential_name).unwrap_or_default(),
        };
        Ok(entry)
    }

    /// The members of a whole credential.
    ///
    /// # Errors
    /// The option that is wrong or missing.
    pub(super) fn whole(&self, name: Option<&str>) -> Result<CredentialEntry, String> {
        let entry = self.entry(name)?;
        if entry.subject.is_none() && entry.expression.is_none() {
            return Err(
                "which tokens? give `--github OWNER/REPO` or another platform, or `--issuer` with `--subject` or `--expression`"
                    .to_owned(),
            );
        }
        if entry.issuer.is_empty() {
            return Err("`--issuer` is missing: the URL in `iss` of the tokens".to_owned());
        }
        Ok(entry)
    }
}
