//! GitLab CI/CD: a job's `id_tokens`, in a variable.

use super::{Platform, PlatformSetup, Reach, no_endpoint};
use serde_json::json;

const NAME: &str = "gitlab";
const SUBJECT: &str = "project_path:octo-group/octo-project:ref_type:branch:ref:main";
/// GitLab's life of a token whose job has no timeout.
const LIFE_SECONDS: i64 = 300;

pub(super) const PLATFORM: Platform = Platform {
    name: NAME,
    aliases: &["gitlab-ci"],
    about: "GitLab CI/CD: a job's ID token in a variable",
    paths: &[],
    reach: Reach::Token,
    credential: |workbench| workbench.credential(NAME, SUBJECT),
    setup: |workbench, _folder| {
        let claims = json!({
            "sub": SUBJECT,
            "aud": workbench.settings.audience,
            "jti": workbench.ids.uuid(),
            "namespace_path": "octo-group",
            "project_path": "octo-group/octo-project",
            "ref": "main",
            "ref_type": "branch",
            "ref_protected": "true",
            "pipeline_source": "push",
            "runner_environment": "gitlab-hosted",
        });
        let token = workbench.token(NAME, claims, LIFE_SECONDS)?;
        Ok(PlatformSetup {
            variables: vec![("GITLAB_CI", "true".to_owned()), ("AZURE_ID_TOKEN", token)],
            ..PlatformSetup::default()
        })
    },
    answer: no_endpoint,
};
