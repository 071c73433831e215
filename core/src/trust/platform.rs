//! The platforms whose issuers are known.

use crate::entra::CLOUDS;
use crate::verify::glob;
use alloc::format;
use serde::{Deserialize, Serialize};

/// A platform that issues tokens to workloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Platform {
    /// GitHub Actions, GitHub Enterprise Server and Cloud; Forgejo's tokens have the same subjects.
    Github,
    /// Forgejo Actions.
    Forgejo,
    /// GitLab.com and self-managed instances.
    Gitlab,
    /// A Kubernetes cluster of no known provider.
    Kubernetes,
    /// Azure Kubernetes Service.
    Aks,
    /// Amazon Elastic Kubernetes Service.
    Eks,
    /// Google Kubernetes Engine.
    Gke,
    /// Google service accounts.
    Google,
    /// AWS roles (`sts:GetWebIdentityToken`).
    Aws,
    /// Amazon Cognito identity pools.
    Cognito,
    /// Azure Pipelines.
    AzureDevops,
    /// Microsoft Entra ID, which issues the tokens of managed identities.
    Entra,
    /// SPIFFE.
    Spiffe,
    /// HCP Terraform.
    Terraform,
    /// CircleCI.
    Circleci,
    /// Bitbucket Pipelines.
    Bitbucket,
    /// Buildkite.
    Buildkite,
    /// Vercel.
    Vercel,
    /// Fly.io.
    Fly,
    /// Modal.
    Modal,
    /// Spacelift.
    Spacelift,
}

/// The issuers of each platform, from its documentation on OpenID Connect. `*` stands for any run of characters. A slash is
/// added to an issuer before it is compared, so that a host is compared as a whole.
const ISSUERS: &[(Platform, &str)] = &[
    (Platform::Github, "https://token.actions.githubusercontent.com/*"),
    (Platform::Github, "https://token.actions.*.ghe.com/*"),
    (Platform::Github, "https://*/_services/token/"),
    // The emulator of `wif` on this machine.
    (Platform::Github, "http://127.0.0.1:*/_services/token/"),
    (Platform::Fly, "http://127.0.0.1:*/platforms/fly/issuer/"),
    (Platform::Forgejo, "https://*/api/actions/"),
    (Platform::Gitlab, "https://gitlab.*/*"),
    (Platform::Aks, "https://*.oic.prod-aks.azure.com/*"),
    (Platform::Aks, "https://oidc.prod-aks.azure.com/*"),
    (Platform::Eks, "https://oidc.eks.*.amazonaws.com*/id/*"),
    (Platform::Gke, "https://container.googleapis.com/v1/projects/*"),
    (Platform::Google, "https://accounts.google.com/*"),
    (Platform::Aws, "https://*.tokens.sts.global.api.aws/*"),
    (Platform::Cognito, "https://cognito-identity*.amazonaws.com/*"),
    (Platform::AzureDevops, "https://vstoken.dev.azure.com/*"),
    (Platform::Terraform, "https://app.terraform.io/*"),
    (Platform::Terraform, "https://app.eu.terraform.io/*"),
    (Platform::Circleci, "https://oidc.circleci.com/*"),
    (Platform::Bitbucket, "https://api.bitbucket.org/2.0/workspaces/*"),
    (Platform::Buildkite, "https://agent.buildkite.com/*"),
    (Platform::Vercel, "https://oidc.vercel.com/*"),
    (Platform::Fly, "https://oidc.fly.io/*"),
    (Platform::Modal, "https://oidc.modal.com/*"),
    (Platform::Spacelift, "https://*.app.spacelift.io/*"),
];

impl Platform {
    /// The platform of an issuer, if it is known.
    #[must_use]
    pub fn of_issuer(issuer: &str) -> Option<Self> {
        if is_entra_issuer(issuer) {
            return Some(Self::Entra);
        }
        let issuer = format!("{issuer}/");
        let known = ISSUERS.iter().find(|(_, pattern)| glob(pattern, &issuer));
        known.map(|(platform, _)| *platform)
    }

    /// The issuer of the platform's own cloud; `None` if each customer has an issuer of their own.
    #[must_use]
    pub fn issuer(self) -> Option<&'static str> {
        match self {
            Self::Github => Some("https://token.actions.githubusercontent.com"),
            Self::Gitlab => Some("https://gitlab.com"),
            Self::Terraform => Some("https://app.terraform.io"),
            _ => None,
        }
    }

    /// The platform whose subjects this one's tokens have.
    pub(super) fn of_subjects(self) -> Self {
        match self {
            Self::Forgejo => Self::Github,
            Self::Aks | Self::Eks | Self::Gke => Self::Kubernetes,
            other => other,
        }
    }
}

/// Whether issuers of both platforms are easily taken for each other.
pub(super) fn are_related(one: Platform, other: Platform) -> bool {
    // The older issuer of Azure DevOps is its own, the newer one is Entra.
    let two_of_azure_devops = |one, other| (one, other) == (Platform::AzureDevops, Platform::Entra);
    one == other || two_of_azure_devops(one, other) || two_of_azure_devops(other, one)
}

/// Whether Entra, in any cloud or region, issues tokens under this issuer.
#[must_use]
pub fn is_entra_issuer(issuer: &str) -> bool {
    let Some(rest) = issuer.strip_prefix("https://") else { return false };
    let host = rest.split('/').next().unwrap_or_default().to_ascii_lowercase();
    let is = |known: &str| {
        host == known || host.strip_suffix(known).is_some_and(|region| region.ends_with('.'))
    };
    CLOUDS.iter().any(|cloud| {
        is(cloud.host) || is(cloud.v1_issuer_host) || cloud.aliases.iter().any(|alias| is(alias))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_name_their_platform() {
        for (issuer, platform) in [
            ("https://token.actions.githubusercontent.com/octo", Platform::Github),
            ("https://ghe.corp.example/_services/token", Platform::Github),
            ("https://token.actions.octo.ghe.com", Platform::Github),
            ("http://127.0.0.1:8400/_services/token", Platform::Github),
            ("https://code.example/api/actions", Platform::Forgejo),
            ("https://gitlab.com", Platform::Gitlab),
            ("https://eastus.oic.prod-aks.azure.com/t/g/", Platform::Aks),
            ("https://oidc.prod-aks.azure.com/g/", Platform::Aks),
            ("https://oidc.eks.eu-west-1.amazonaws.com/id/ABC", Platform::Eks),
            ("https://vstoken.dev.azure.com/o", Platform::AzureDevops),
            ("https://login.microsoftonline.com/t/v2.0", Platform::Entra),
            ("https://westeurope.login.microsoft.com/t/v2.0", Platform::Entra),
            ("https://sts.windows.net/t/", Platform::Entra),
            ("https://u.tokens.sts.global.api.aws", Platform::Aws),
            ("https://a.app.spacelift.io", Platform::Spacelift),
        ] {
            assert_eq!(Platform::of_issuer(issuer), Some(platform), "{issuer}");
        }
        for platform in [Platform::Github, Platform::Gitlab, Platform::Terraform] {
            assert_eq!(platform.issuer().and_then(Platform::of_issuer), Some(platform));
        }
        for issuer in [
            "",
            "https://login.microsoftonline.com.evil.example/",
            "https://x.example",
            "http://x.example/_services/token",
            "https://token.actions.githubusercontent.com.evil.example",
            "https://app.terraform.io.evil.example",
        ] {
            assert_eq!(Platform::of_issuer(issuer), None, "{issuer}");
        }
    }
}
