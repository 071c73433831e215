//! Buildkite: the token endpoint of the agent API (Buildkite documentation, "OIDC with Buildkite").

use super::{Platform, PlatformSetup, Reach, Workbench};
use crate::reply::{Response, json};
use crate::request::{Request, header};
use http::Method;
use serde_json::{Value, json};
use workload_identity_core::json::strict;

const NAME: &str = "buildkite";
const JOB: &str = "0190046e-e199-453b-a302-a21a4d649d31";
const ACCESS_TOKEN: &str = "bkaj_emulated_access_token";
const PATH: &str = "/platforms/buildkite/v3/jobs/0190046e-e199-453b-a302-a21a4d649d31/oidc/tokens";
/// The default subject names commit and step, so that no exact credential accepts it.
const SUBJECT: &str = "organization:acme:pipeline:app:ref:refs/heads/main:commit:9f3182061f1e2cca4702c368cbc039b7dc9d4485:step:build";
const PIPELINE_ID: &str = "01900b3f-5f07-4c2a-9a1b-6f0c2f0d7a11";
const LIFE_SECONDS: i64 = 300;

pub(super) const PLATFORM: Platform = Platform {
    name: NAME,
    aliases: &[],
    about: "Buildkite: the token endpoint of the agent API",
    paths: &[],
    reach: Reach::Token,
    credential: |workbench| workbench.credential(NAME, SUBJECT),
    setup: |workbench, _folder| {
        Ok(PlatformSetup {
            variables: vec![
                ("BUILDKITE", "true".to_owned()),
                ("BUILDKITE_AGENT_ACCESS_TOKEN", ACCESS_TOKEN.to_owned()),
                ("BUILDKITE_JOB_ID", JOB.to_owned()),
                ("BUILDKITE_AGENT_ENDPOINT", format!("{}/v3", workbench.base_url(NAME))),
            ],
            ..PlatformSetup::default()
        })
    },
    answer,
};

fn answer(workbench: &mut Workbench<'_>, request: &Request) -> Response {
    let refusal = |status: u16, message: &str| json(status, &json!({ "message": message }));
    if request.uri().path() != PATH || request.method() != Method::POST {
        return refusal(404, "Not Found");
    }
    let authorization = header(request, "authorization").unwrap_or_default();
    if authorization.strip_prefix("Token ") != Some(ACCESS_TOKEN) {
        return refusal(401, "Invalid access token");
    }
    let body = strict::parse(request.body()).unwrap_or_default();
    let subject = match body["subject_claim"].as_str() {
        None => SUBJECT,
        Some("pipeline_id") => PIPELINE_ID,
        Some(_) => return refusal(422, "subject_claim is not a claim that can be the subject"),
    };
    let mut claims = json!({
        "sub": subject,
        "aud": body["audience"].as_str().unwrap_or("https://buildkite.com/acme"),
        "organization_slug": "acme",
        "pipeline_slug": "app",
        "build_branch": "main",
        "build_commit": "9f3182061f1e2cca4702c368cbc039b7dc9d4485",
        "step_key": "build",
        "job_id": JOB,
    });
    for claim in body["claims"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        match claim {
            "pipeline_id" => claims[claim] = PIPELINE_ID.into(),
            "organization_id" => claims[claim] = "01900b3e-11aa-4d2f-8c70-2b4f0f1f9e10".into(),
            _ => return refusal(422, "claims has an unknown claim"),
        }
    }
    let life = body["lifetime"].as_i64().filter(|life| *life > 0).unwrap_or(LIFE_SECONDS);
    match workbench.token(NAME, claims, life) {
        Ok(token) => json(200, &json!({ "token": token })),
        Err(error) => refusal(500, &error.to_string()),
    }
}
