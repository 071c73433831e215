//! CircleCI: the OIDC token of a job, for the id of the organization.

use super::{Platform, PlatformSetup, Reach, no_endpoint};
use serde_json::json;
use workload_identity_core::trust::Credential;

const NAME: &str = "circleci";
/// The platform fixes it.
const AUDIENCE: &str = "0d4a6a1c-2b3c-4d5e-8f90-a1b2c3d4e5f6";
const SUBJECT: &str = "org/0d4a6a1c-2b3c-4d5e-8f90-a1b2c3d4e5f6/project/1b2c3d4e-5f60-4718-9a0b-c1d2e3f40516/user/2c3d4e5f-6071-4829-ab0c-d1e2f3041526";
const LIFE_SECONDS: i64 = 3600;

pub(super) const PLATFORM: Platform = Platform {
    name: NAME,
    aliases: &["circle-ci"],
    about: "CircleCI: a job's OIDC tokens in variables",
    paths: &[],
    reach: Reach::Token,
    credential: |workbench| Credential::exact(&workbench.issuer(NAME), SUBJECT, AUDIENCE),
    setup: |workbench, _folder| {
        let claims = json!({
            "sub": SUBJECT,
            "aud": AUDIENCE,
            "oidc.circleci.com/project-id": "1b2c3d4e-5f60-4718-9a0b-c1d2e3f40516",
        });
        let token = workbench.token(NAME, claims, LIFE_SECONDS)?;
        Ok(PlatformSetup {
            variables: vec![("CIRCLECI", "true".to_owned()), ("CIRCLE_OIDC_TOKEN_V2", token)],
            ..PlatformSetup::default()
        })
    },
    answer: no_endpoint,
};
