//! Vercel: the token of a project's environment.

use super::{Platform, PlatformSetup, Reach, no_endpoint};
use serde_json::json;
use workload_identity_core::trust::Credential;

const NAME: &str = "vercel";
/// The platform fixes it.
const AUDIENCE: &str = "https://vercel.com/acme";
const SUBJECT: &str = "owner:acme:project:shop:environment:production";
const LIFE_SECONDS: i64 = 3600;

pub(super) const PLATFORM: Platform = Platform {
    name: NAME,
    aliases: &[],
    about: "Vercel: a build's token in a variable",
    paths: &[],
    reach: Reach::Token,
    credential: |workbench| Credential::exact(&workbench.issuer(NAME), SUBJECT, AUDIENCE),
    setup: |workbench, _folder| {
        let claims = json!({
            "sub": SUBJECT,
            "aud": AUDIENCE,
            "owner": "acme",
            "project": "shop",
            "environment": "production",
        });
        let token = workbench.token(NAME, claims, LIFE_SECONDS)?;
        Ok(PlatformSetup {
            variables: vec![("VERCEL", "1".to_owned()), ("VERCEL_OIDC_TOKEN", token)],
            ..PlatformSetup::default()
        })
    },
    answer: no_endpoint,
};
