//! HCP Terraform and Terraform Enterprise: the workload identity token of a run (HashiCorp documentation, "Workload identity tokens"), and
//! what Terraform's own providers for Azure read.
//!
//! Of the providers' variables `ARM_OIDC_TOKEN` and `ARM_OIDC_TOKEN_FILE_PATH` are read, if the platform's own are not set. `ARM_OIDC_REQUEST_URL`
//! and `ARM_OIDC_REQUEST_TOKEN` are not: with them the providers ask GitHub or Azure DevOps, whose own variables say which of the two it is.

use super::file::{FileOwner, TokenFile};
use super::variable::VariablePlatform;
use super::{Configured, Detection, SourceKind, members};
use crate::environment::Environment;
use crate::json::non_empty::NonBlank;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use serde::Deserialize;
use serde_json::{Map, Value};

pub(super) const KIND: SourceKind = SourceKind {
    name: "terraform",
    variables: &["TFC_WORKLOAD_IDENTITY_TOKEN", "ARM_OIDC_TOKEN", FILE_VARIABLE, MARKER],
    paths: &[],
    detect: |environment| {
        let file = environment.variable(FILE_VARIABLE);
        match (environment.first_set(PLATFORM.variables), file) {
            (None, Some(path)) => Detection::Found {
                source: Arc::new(TokenFile::of(&FILE, path)),
                why: format!("Terraform: {FILE_VARIABLE} is set"),
            },
            _ => PLATFORM.detect_in_job(environment, MARKER),
        }
    },
    configure,
};

const FILE_VARIABLE: &str = "ARM_OIDC_TOKEN_FILE_PATH";
/// Set in every run.
const MARKER: &str = "TFC_RUN_ID";

static PLATFORM: VariablePlatform = VariablePlatform {
    title: "HCP Terraform",
    variables: &["TFC_WORKLOAD_IDENTITY_TOKEN", "ARM_OIDC_TOKEN"],
    missing: "set the workspace's environment variable TFC_WORKLOAD_IDENTITY_AUDIENCE to api://AzureADTokenExchange",
};

static FILE: FileOwner = FileOwner {
    platform: Some("HCP Terraform"),
    configured_by: FILE_VARIABLE,
    missing: "check ARM_OIDC_TOKEN_FILE_PATH",
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TerraformForm {
    variable: Option<NonBlank>,
    /// The end of the variable's name, for runs with several tokens.
    tag: Option<NonBlank>,
}

fn configure(form: Map<String, Value>, environment: &Environment) -> Configured {
    let form: TerraformForm = members(form)?;
    let named = match (form.variable, form.tag) {
        (Some(variable), _) => Some(variable.0),
        (None, Some(tag)) => Some(format!("TFC_WORKLOAD_IDENTITY_TOKEN_{}", tag.0.trim_ascii())),
        (None, None) => None,
    };
    if let Some(variable) = named {
        return Ok(Arc::new(PLATFORM.named(&variable)?));
    }
    match (environment.first_set(PLATFORM.variables), environment.variable(FILE_VARIABLE)) {
        (None, Some(path)) => Ok(Arc::new(TokenFile::of(&FILE, path))),
        _ => Ok(Arc::new(PLATFORM.first(environment)?)),
    }
}
