//! Bitbucket Pipelines: the token of a step, whose subject names the step.

use super::{Platform, PlatformSetup, Reach, no_endpoint};
use serde_json::json;
use workload_identity_core::trust::Credential;

const NAME: &str = "bitbucket";
/// The platform fixes it.
const AUDIENCE: &str = "ari:cloud:bitbucket::workspace/6f708192-a3b4-4c6d-af30-142536475869";
const SUBJECT: &str = "{3d4e5f60-7182-493a-bc0d-e1f203142536}:{4e5f6071-8293-4a4b-8d1e-f20314253647}:{5f607182-93a4-4b5c-9e2f-031425364758}";
const LIFE_SECONDS: i64 = 3600;

pub(super) const PLATFORM: Platform = Platform {
    name: NAME,
    aliases: &["bitbucket-pipelines"],
    about: "Bitbucket Pipelines: a step's token in a variable",
    paths: &[],
    reach: Reach::Token,
    credential: |workbench| Credential::exact(&workbench.issuer(NAME), SUBJECT, AUDIENCE),
    setup: |workbench, _folder| {
        let claims = json!({
            "sub": SUBJECT,
            "aud": AUDIENCE,
            "stepUuid": "{5f607182-93a4-4b5c-9e2f-031425364758}",
            "branchName": "main",
        });
        let token = workbench.token(NAME, claims, LIFE_SECONDS)?;
        Ok(PlatformSetup {
            variables: vec![
                ("BITBUCKET_STEP_UUID", "{5f607182-93a4-4b5c-9e2f-031425364758}".to_owned()),
                ("BITBUCKET_STEP_OIDC_TOKEN", token),
            ],
            ..PlatformSetup::default()
        })
    },
    answer: no_endpoint,
};
