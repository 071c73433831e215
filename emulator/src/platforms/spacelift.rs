//! Spacelift: the token of a run.

use super::{Platform, PlatformSetup, Reach, no_endpoint};
use serde_json::json;
use workload_identity_core::trust::Credential;

const NAME: &str = "spacelift";
/// The platform fixes it.
const AUDIENCE: &str = "acme.app.spacelift.io";
const SUBJECT: &str = "space:root-01:stack:app:run_type:TRACKED:scope:write";
const LIFE_SECONDS: i64 = 3600;

pub(super) const PLATFORM: Platform = Platform {
    name: NAME,
    aliases: &[],
    about: "Spacelift: a run's token in a variable and a file",
    paths: &[],
    reach: Reach::Token,
    credential: |workbench| Credential::exact(&workbench.issuer(NAME), SUBJECT, AUDIENCE),
    setup: |workbench, _folder| {
        let claims = json!({
            "sub": SUBJECT,
            "aud": AUDIENCE,
            "spaceId": "root-01",
            "callerType": "stack",
            "runType": "TRACKED",
            "scope": "write",
        });
        let token = workbench.token(NAME, claims, LIFE_SECONDS)?;
        Ok(PlatformSetup {
            variables: vec![("SPACELIFT_OIDC_TOKEN", token)],
            ..PlatformSetup::default()
        })
    },
    answer: no_endpoint,
};
