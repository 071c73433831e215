//! Kinds of issuers as data: the form of their tokens and where their keys are.

use crate::jose::{Algorithm, KeyUse};
use crate::keys::EmptySet;

/// Where `iss` comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IssuerForm {
    /// The configuration names it.
    Configured,
    /// Well known. The configuration may name another, such as a self-hosted server.
    Known(&'static [&'static str]),
    /// Entra: tenant and cloud make it, in these versions of the token format.
    Entra {
        /// `https://sts.windows.net/{tid}/`
        v1: bool,
        /// `https://login.microsoftonline.com/{tid}/v2.0`
        v2: bool,
        /// The tenant is one of several, and the keys are those of all tenants.
        common: bool,
    },
    /// SPIFFE: the issuer is the trust domain of `sub`; `iss` is ignored.
    TrustDomain,
}

/// The rules of one kind of issuer.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Profile {
    /// Its name in a configuration.
    pub name: &'static str,
    /// The documents that specify it.
    pub specification: &'static str,
    /// Where `iss` comes from.
    pub issuer: IssuerForm,
    /// Algorithms its tokens may have.
    pub algorithms: &'static [Algorithm],
    /// Media types (`typ`) its tokens may have, in lower case; the empty one stands for none.
    pub types: &'static [&'static str],
    /// `use` of the keys that may verify its tokens.
    pub key_uses: &'static [KeyUse],
    /// Required claims beside `aud`, `exp` and, except for SPIFFE, `iss`.
    pub required: &'static [&'static str],
    /// Claims that the specification calls strings: no other type is accepted.
    pub texts: &'static [&'static str],
    /// Patterns of which `sub` must match one; see [`glob()`](super::glob()). Empty: any `sub`.
    pub subjects: &'static [&'static str],
    /// The header may only have `alg`, `kid` and `typ`.
    pub plain_header: bool,
    /// A `nonce` in the header marks a token that only its resource can verify.
    pub nonce_is_foreign: bool,
    /// A token without `kid` may name its key by `x5t`.
    pub x5t: bool,
    /// The audience is the header's `client`, and parts may be padded (AWS load balancers).
    pub load_balancer: bool,
    /// Keys older than this are refreshed, in milliseconds.
    pub soft_ms: i64,
    /// Pause between two fetches that unknown keys cause, in milliseconds.
    pub cool_down_ms: i64,
    /// What an empty key set means.
    pub empty_set: EmptySet,
    /// Redirects from https to https that are followed when keys are fetched.
    pub redirects: u8,
}

const RSA_AND_EC: &[Algorithm] = &[
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
    Algorithm::Ps256,
    Algorithm::Ps384,
    Algorithm::Ps512,
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::Es512,
];
const RS256: &[Algorithm] = &[Algorithm::Rs256];
const JWT: &[&str] = &["", "jwt"];
const SIGNATURE: &[KeyUse] = &[KeyUse::Unstated, KeyUse::Signature];
const HOUR_MS: i64 = 3_600_000;

const GENERIC: Profile = Profile {
    name: "generic-oidc",
    specification: "OpenID Connect Discovery 1.0; RFC 7519",
    issuer: IssuerForm::Configured,
    algorithms: Algorithm::ALL,
    types: JWT,
    key_uses: SIGNATURE,
    required: &[],
    texts: &[],
    subjects: &[],
    plain_header: false,
    nonce_is_foreign: false,
    x5t: false,
    load_balancer: false,
    soft_ms: HOUR_MS,
    cool_down_ms: 30_000,
    empty_set: EmptySet::KeepLast,
    redirects: 0,
};

/// The identifiers in access tokens. They are checked where a rule reads the claims.
const ENTRA_TEXTS: &[&str] = &["oid", "azp", "appid", "idtyp", "scp"];
const GITHUB_TEXTS: &[&str] = &[
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "repository_visibility",
    "ref",
    "ref_type",
    "head_ref",
    "base_ref",
    "sha",
    "environment",
    "event_name",
    "actor",
    "actor_id",
    "workflow",
    "workflow_ref",
    "job_workflow_ref",
    "runner_environment",
    "enterprise",
];
const GITLAB_TEXTS: &[&str] = &[
    "namespace_id",
    "namespace_path",
    "project_id",
    "project_path",
    "user_id",
    "user_login",
    "user_email",
    "pipeline_source",
    "ref",
    "ref_type",
    "ref_path",
    "ref_protected",
    "environment",
    "ci_config_ref_uri",
];
const KUBERNETES_TEXTS: &[&str] = &[
    "/kubernetes.io/namespace",
    "/kubernetes.io/serviceaccount/name",
    "/kubernetes.io/serviceaccount/uid",
    "/kubernetes.io/pod/name",
    "/kubernetes.io/pod/uid",
    "/kubernetes.io/node/name",
];

const ENTRA: Profile = Profile {
    algorithms: RS256,
    texts: ENTRA_TEXTS,
    nonce_is_foreign: true,
    cool_down_ms: 300_000,
    ..GENERIC
};

/// All profiles; the first is the default.
pub const PROFILES: &[Profile] = &[
    GENERIC,
    Profile {
        name: "entra-v1",
        specification: "Microsoft identity platform, access tokens; Signing key rollover",
        issuer: IssuerForm::Entra { v1: true, v2: false, common: false },
        x5t: true,
        ..ENTRA
    },
    Profile {
        name: "entra-v2",
        specification: "Microsoft identity platform, access tokens; Signing key rollover",
        issuer: IssuerForm::Entra { v1: false, v2: true, common: false },
        ..ENTRA
    },
    Profile {
        name: "entra-common",
        specification: "Microsoft identity platform, access tokens; Signing key rollover",
        issuer: IssuerForm::Entra { v1: true, v2: true, common: true },
        ..ENTRA
    },
    Profile {
        name: "github",
        specification: "GitHub Docs, OpenID Connect reference",
        issuer: IssuerForm::Known(&["https://token.actions.githubusercontent.com"]),
        algorithms: RS256,
        required: &["sub", "repository", "repository_owner"],
        texts: GITHUB_TEXTS,
        ..GENERIC
    },
    Profile {
        name: "gitlab",
        specification: "GitLab Docs, OpenID Connect (OIDC) authentication using ID tokens",
        issuer: IssuerForm::Known(&["https://gitlab.com"]),
        algorithms: RS256,
        required: &["sub", "project_id"],
        texts: GITLAB_TEXTS,
        ..GENERIC
    },
    Profile {
        name: "kubernetes",
        specification: "Kubernetes, Managing Service Accounts; ServiceAccount token volume projection",
        algorithms: &[Algorithm::Rs256, Algorithm::Es256, Algorithm::Es384, Algorithm::Es512],
        required: &["sub", "/kubernetes.io/namespace", "/kubernetes.io/serviceaccount/name"],
        texts: KUBERNETES_TEXTS,
        subjects: &["system:serviceaccount:*:*"],
        ..GENERIC
    },
    Profile {
        name: "google",
        specification: "Google Cloud, Get an ID token; OpenID Connect",
        issuer: IssuerForm::Known(&["https://accounts.google.com", "accounts.google.com"]),
        algorithms: RS256,
        required: &["sub"],
        texts: &["azp", "email", "hd"],
        ..GENERIC
    },
    Profile {
        name: "aws-outbound",
        specification: "AWS IAM User Guide, outbound identity federation",
        algorithms: &[Algorithm::Rs256, Algorithm::Es384],
        required: &["sub"],
        ..GENERIC
    },
    Profile {
        name: "azure-devops",
        specification: "Azure DevOps, Connect to Azure with workload identity federation",
        algorithms: RS256,
        required: &["sub"],
        subjects: &["sc://*/*/*", "/eid1/*/sc/*"],
        ..GENERIC
    },
    Profile {
        name: "spiffe-jwt-svid",
        specification: "SPIFFE JWT-SVID; SPIFFE Trust Domain and Bundle",
        issuer: IssuerForm::TrustDomain,
        algorithms: RSA_AND_EC,
        types: &["", "jwt", "jose"],
        key_uses: &[KeyUse::JwtSvid],
        required: &["sub"],
        plain_header: true,
        soft_ms: 300_000,
        empty_set: EmptySet::RevokeAll,
        redirects: 3,
        ..GENERIC
    },
    Profile {
        name: "rfc9068",
        specification: "RFC 9068, section 4",
        types: &["at+jwt"],
        required: &["sub", "client_id", "iat", "jti"],
        texts: &["client_id", "scope"],
        ..GENERIC
    },
    Profile {
        name: "alb",
        specification: "Elastic Load Balancing, Authenticate users using an Application Load Balancer",
        algorithms: &[Algorithm::Es256],
        load_balancer: true,
        ..GENERIC
    },
];

impl Profile {
    /// The default: any OpenID Connect issuer.
    pub const GENERIC: &'static Profile = &GENERIC;

    pub(super) const fn entra(&self) -> bool {
        matches!(self.issuer, IssuerForm::Entra { .. })
    }

    /// The profile of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Profile> {
        PROFILES.iter().find(|profile| profile.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_types_are_lower_case() {
        for profile in PROFILES {
            assert_eq!(Profile::named(profile.name), Some(profile));
            assert!(profile.types.iter().all(|typ| *typ == typ.to_ascii_lowercase()));
            assert!(!profile.specification.is_empty());
            assert!(!profile.algorithms.is_empty() && !profile.key_uses.is_empty());
        }
        assert_eq!(Profile::named("Entra-v2"), None);
    }
}
