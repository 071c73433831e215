//! A workflow of GitHub Actions whose job has the credential's subject.

use super::Trust;
use super::quoting::{ref_filter, workflow, yaml};
use std::fmt::Write;
use workload_identity_core::manage::CredentialEntry;
use workload_identity_core::trust::{DEFAULT_AUDIENCE, Platform, Subject};

/// # Errors
/// Why no workflow can have the subject.
pub(super) fn text(trust: &Trust<'_>, credential: &CredentialEntry) -> Result<String, String> {
    let subject = match &credential.subject {
        None => None,
        Some(subject) => Some(
            Subject::parse_of(subject, &credential.issuer)
                .filter(|parsed| parsed.form.platform == Platform::Github)
                .ok_or_else(|| {
                    format!("the credential `{}` is not for GitHub Actions", credential.name)
                })?,
        ),
    };
    let part = |name: &str| subject.as_ref().and_then(|subject| subject.part(name));
    let form = subject.as_ref().map_or("", |subject| subject.form.name);
    let filter = |list: &str, name: &str| {
        format!(
            "on:\n  push:\n    {list}:\n      - {}\n",
            ref_filter(part(name).unwrap_or_default())
        )
    };
    let mut text = format!("name: {}\n", workflow(&format!("Sign in as {}", credential.name)));
    text.push_str(&match form {
        "branch" => filter("branches", "branch"),
        "tag" => filter("tags", "tag"),
        "pull_request" => "on:\n  pull_request:\n".to_owned(),
        _ => "on:\n  workflow_dispatch:\n".to_owned(),
    });
    text.push_str("permissions:\n  # Lets the job ask GitHub for its token.\n  id-token: write\n  contents: read\njobs:\n  sign-in:\n    runs-on: ubuntu-latest\n");
    // Writing to a String cannot fail.
    if let Some(environment) = part("environment") {
        let _ = writeln!(text, "    environment: {}", workflow(environment));
    }
    let variable =
        |known: Option<&str>, name: &str| known.map_or(format!("${{{{ vars.{name} }}}}"), yaml);
    let _ = write!(
        text,
        "    env:\n      AZURE_TENANT_ID: {}\n      AZURE_CLIENT_ID: {}\n",
        variable(trust.tenant_id, "AZURE_TENANT_ID"),
        variable(trust.client_id(), "AZURE_CLIENT_ID")
    );
    let audience = trust.audience(credential);
    let option = if audience == DEFAULT_AUDIENCE {
        ""
    } else {
        let _ = writeln!(text, "      EXCHANGE_AUDIENCE: {}", workflow(audience));
        " --audience \"$EXCHANGE_AUDIENCE\""
    };
    let _ = write!(
        text,
        "    steps:\n      - run: pip install wif\n      - run: wif token --scope https://management.azure.com/.default{option} > \"$RUNNER_TEMP/access-token\"\n"
    );
    Ok(text)
}
