//! GitHub Actions: the token endpoint of a job (`crate::issuers::github`).

use super::{Platform, PlatformSetup, Reach, no_endpoint};
use workload_identity_core::trust::Credential;

pub(super) const PLATFORM: Platform = Platform {
    name: "github",
    aliases: &["github-actions"],
    about: "GitHub Actions: a job's token endpoint",
    paths: &[],
    reach: Reach::Token,
    credential: |workbench| {
        let subject = workbench.settings.github_job.subject();
        Credential::exact(&workbench.github.issuer(), &subject, &workbench.settings.audience)
    },
    setup: |workbench, _folder| {
        Ok(PlatformSetup {
            variables: vec![
                ("GITHUB_ACTIONS", "true".to_owned()),
                ("ACTIONS_ID_TOKEN_REQUEST_URL", workbench.github.request_url()),
                ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", workbench.github.request_token().to_owned()),
            ],
            ..PlatformSetup::default()
        })
    },
    answer: no_endpoint,
};
