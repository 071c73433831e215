//! Forgejo Actions: the token endpoint of a job, which has GitHub's protocol (Forgejo documentation, "Security OpenID Connect").

use super::{Platform, PlatformSetup, Reach, Workbench};
use crate::reply::{Response, json};
use crate::request::{Request, bearer_token, query};
use http::Method;
use serde_json::json;

const NAME: &str = "forgejo";
const SUBJECT: &str = "repo:octo-org/octo-repo:ref:refs/heads/main";
const PATH: &str = "/platforms/forgejo/api/actions/_apis/pipelines/workflows/7/idtoken";
const LIFE_SECONDS: i64 = 300;

pub(super) const PLATFORM: Platform = Platform {
    name: NAME,
    aliases: &["forgejo-actions", "gitea"],
    about: "Forgejo Actions: a job's token endpoint",
    paths: &[],
    reach: Reach::Token,
    credential: |workbench| workbench.credential(NAME, SUBJECT),
    setup: |workbench, _folder| {
        let url = format!("{}{PATH}?placeholder=true", workbench.settings.base_url);
        Ok(PlatformSetup {
            variables: vec![
                ("GITHUB_ACTIONS", "true".to_owned()),
                ("FORGEJO_ACTIONS", "true".to_owned()),
                ("ACTIONS_ID_TOKEN_REQUEST_URL", url),
                ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", workbench.github.request_token().to_owned()),
            ],
            ..PlatformSetup::default()
        })
    },
    answer,
};

fn answer(workbench: &mut Workbench<'_>, request: &Request) -> Response {
    let refusal = |status: u16, message: &str| json(status, &json!({ "message": message }));
    if request.uri().path() != PATH || request.method() != Method::GET {
        return refusal(404, "Not Found");
    }
    if bearer_token(request) != Some(workbench.github.request_token()) {
        return refusal(401, "Unauthorized");
    }
    let claims = json!({
        "sub": SUBJECT,
        "aud": query(request, "audience").unwrap_or_else(|| "https://codeberg.example/octo-org".to_owned()),
        "repository": "octo-org/octo-repo",
        "ref": "refs/heads/main",
        "event_name": "push",
        "workflow": "publish.yml",
    });
    match workbench.token(NAME, claims, LIFE_SECONDS) {
        Ok(token) => json(200, &json!({ "value": token })),
        Err(error) => refusal(500, &error.to_string()),
    }
}
