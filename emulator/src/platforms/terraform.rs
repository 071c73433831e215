//! HCP Terraform: the workload identity token of a run's phase.

use super::{Platform, PlatformSetup, Reach, no_endpoint};
use serde_json::json;

const NAME: &str = "terraform";
const SUBJECT: &str = "organization:acme:project:Default Project:workspace:app:run_phase:apply";
const LIFE_SECONDS: i64 = 3600;

pub(super) const PLATFORM: Platform = Platform {
    name: NAME,
    aliases: &["hcp-terraform", "tfc"],
    about: "HCP Terraform: a run's workload identity token in a variable",
    paths: &[],
    reach: Reach::Token,
    credential: |workbench| workbench.credential(NAME, SUBJECT),
    setup: |workbench, _folder| {
        let claims = json!({
            "sub": SUBJECT,
            "aud": workbench.settings.audience,
            "terraform_organization_name": "acme",
            "terraform_workspace_name": "app",
            "terraform_run_phase": "apply",
        });
        let token = workbench.token(NAME, claims, LIFE_SECONDS)?;
        Ok(PlatformSetup {
            variables: vec![
                ("TFC_RUN_ID", "run-Zk6bqvsXLVvDrn1V".to_owned()),
                ("TFC_WORKLOAD_IDENTITY_TOKEN", token),
            ],
            ..PlatformSetup::default()
        })
    },
    answer: no_endpoint,
};
