//! The kinds of token sources, and which of them the environment offers.

#[cfg(feature = "source-aws")]
use super::aws;
#[cfg(feature = "source-executable")]
use super::executable;
#[cfg(feature = "source-fly")]
use super::fly;
#[cfg(feature = "source-google")]
use super::google;
#[cfg(feature = "source-kubernetes")]
use super::kubernetes;
#[cfg(not(feature = "sources"))]
use super::left_out;
#[cfg(feature = "source-probe")]
use super::probe;
#[cfg(feature = "source-spiffe")]
use super::spiffe;
use super::{TokenSource, callback, file, github, signed};
#[cfg(feature = "source-azure")]
use super::{azure_pipelines, managed_identity};
#[cfg(feature = "source-ci")]
use super::{bitbucket, buildkite, circleci, gitlab, modal, spacelift, terraform, vercel};
#[cfg(feature = "source-generic")]
use super::{environment, url};
use crate::environment::Environment;
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use serde::Serialize;
use serde_json::{Map, Value};

/// The kind of a source: as its file declares it, or, in a build without its feature, that it is left out. The variables and
/// paths are those that show it.
macro_rules! optional {
    ($feature:literal, $kind:path, $name:literal, $variables:expr $(, $path:literal)?) => {{
        #[cfg(feature = $feature)]
        {
            $kind
        }
        #[cfg(not(feature = $feature))]
        {
            SourceKind {
                name: $name,
                variables: &$variables,
                paths: &[$($path)?],
                detect: |environment| {
                    match left_out::shown($name, &$variables, &[$($path)?], environment) {
                        Some(error) => Detection::Broken(error),
                        None => Detection::Absent("is left out of this build".into()),
                    }
                },
                configure: |_, _| Err(left_out::configured($name)),
            }
        }
    }};
}

/// All kinds of sources, in the order in which the environment is searched for them.
pub(crate) const KINDS: &[SourceKind] = &[
    callback::KIND,
    file::KIND,
    github::KIND,
    optional!(
        "source-azure",
        azure_pipelines::KIND,
        "azure_pipelines",
        ["SYSTEM_OIDCREQUESTURI", "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"]
    ),
    optional!("source-ci", gitlab::KIND, "gitlab", ["GITLAB_CI"]),
    optional!("source-ci", circleci::KIND, "circleci", ["CIRCLE_OIDC_TOKEN_V2"]),
    optional!("source-ci", bitbucket::KIND, "bitbucket", ["BITBUCKET_STEP_OIDC_TOKEN"]),
    optional!("source-ci", terraform::KIND, "terraform", ["TFC_WORKLOAD_IDENTITY_TOKEN"]),
    optional!("source-ci", buildkite::KIND, "buildkite", ["BUILDKITE_AGENT_ACCESS_TOKEN"]),
    optional!("source-ci", spacelift::KIND, "spacelift", ["SPACELIFT_OIDC_TOKEN"]),
    optional!("source-ci", vercel::KIND, "vercel", ["VERCEL_OIDC_TOKEN"]),
    optional!("source-fly", fly::KIND, "fly", ["FLY_API_SOCKET"], "/.fly/api"),
    optional!("source-ci", modal::KIND, "modal", ["MODAL_IDENTITY_TOKEN"]),
    optional!("source-spiffe", spiffe::KIND, "spiffe", ["SPIFFE_ENDPOINT_SOCKET"]),
    optional!(
        "source-azure",
        managed_identity::KIND,
        "managed_identity",
        [
            "IDENTITY_ENDPOINT",
            "IDENTITY_HEADER",
            "IMDS_ENDPOINT",
            "MSI_ENDPOINT",
            "MSI_SECRET",
            "AZURE_POD_IDENTITY_AUTHORITY_HOST"
        ]
    ),
    optional!("source-aws", aws::IRSA, "aws_irsa", ["AWS_WEB_IDENTITY_TOKEN_FILE"]),
    optional!(
        "source-aws",
        aws::WEB_IDENTITY_TOKEN,
        "aws",
        [
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI"
        ]
    ),
    optional!("source-aws", aws::DEVELOPER_IDENTITY, "aws_cognito", []),
    optional!(
        "source-google",
        google::metadata::KIND,
        "google_metadata",
        [
            "GCE_METADATA_HOST",
            "GCE_METADATA_ROOT",
            "GCE_METADATA_IP",
            "GAE_ENV",
            "CLOUD_RUN_JOB",
            "K_SERVICE"
        ]
    ),
    optional!("source-google", google::service_account::KIND, "google_service_account", []),
    optional!("source-kubernetes", kubernetes::KIND, "kubernetes", ["KUBERNETES_SERVICE_HOST"]),
    optional!("source-generic", environment::KIND, "environment", []),
    optional!("source-generic", url::KIND, "url", []),
    optional!("source-executable", executable::KIND, "executable", []),
    signed::KIND,
    optional!("source-probe", probe::KIND, "probe", []),
];

/// A source, or why its configuration is refused.
pub(super) type Configured = Result<Arc<dyn TokenSource>, Error>;

/// A kind of token source.
pub(crate) struct SourceKind {
    /// `kind` in the configuration.
    pub(crate) name: &'static str,
    /// The environment variables that it reads.
    pub(crate) variables: &'static [&'static str],
    /// The files and sockets whose existence shows that it is there.
    pub(crate) paths: &'static [&'static str],
    /// Whether the environment offers it.
    pub(super) detect: fn(&Environment) -> Detection,
    /// The source that the configuration describes, from its members without `kind`. What they leave out can be in the
    /// environment.
    pub(super) configure: fn(Map<String, Value>, &Environment) -> Configured,
}

/// Whether the environment offers a source.
pub(super) enum Detection {
    /// It does not. The text says what was looked for.
    Absent(String),
    /// It does. `why` names the variables or paths that show it.
    Found { source: Arc<dyn TokenSource>, why: String },
    /// It names the source and misses a part, or has a part that cannot be used.
    Broken(Error),
}

impl Detection {
    /// A source that is only used when the configuration names it.
    pub(super) fn only_configured(_environment: &Environment) -> Self {
        Self::Absent("is used only where `source` names it".into())
    }

    /// No variable that shows the source is set.
    pub(super) fn not_set(variables: &str) -> Self {
        Self::Absent(format!("{variables} is not set"))
    }

    /// A source, or the reason why its variables cannot be used.
    pub(super) fn found<S: TokenSource + 'static>(
        source: Result<S, Error>,
        why: impl Into<String>,
    ) -> Self {
        match source {
            Ok(source) => Self::Found { source: Arc::new(source), why: why.into() },
            Err(error) => Self::Broken(error),
        }
    }
}

/// One line of the report about the sources that the environment offers.
#[derive(Debug, Serialize)]
pub(crate) struct Detected {
    name: &'static str,
    detected: bool,
    chosen: bool,
    why: String,
    variables: &'static [&'static str],
}

/// Reports on every source, in the order of the search. The first that is found, or that misses a part, is chosen.
pub(crate) fn report(environment: &Environment) -> Vec<Detected> {
    let mut chosen = false;
    let mut line = |kind: &SourceKind| {
        let (detected, why) = match (kind.detect)(environment) {
            Detection::Absent(why) => (false, why),
            Detection::Found { why, .. } => (true, why),
            Detection::Broken(error) => (true, error.message.clone()),
        };
        let first = detected && !chosen;
        chosen |= detected;
        Detected { name: kind.name, detected, chosen: first, why, variables: kind.variables }
    };
    KINDS.iter().map(&mut line).collect()
}

/// The source that the environment offers, or else, with `probe`, the metadata service that answers.
///
/// # Errors
/// `source_not_found`, or that of a source whose variables are incomplete.
pub(crate) fn from_environment(environment: &Environment, probe: bool) -> Configured {
    for kind in KINDS {
        match (kind.detect)(environment) {
            Detection::Absent(_) => {}
            Detection::Found { source, .. } => return Ok(source),
            Detection::Broken(error) => return Err(error),
        }
    }
    if probe {
        return from_config(Map::from_iter([("kind".into(), "probe".into())]), environment);
    }
    Err(Error::new(
        Code::SourceNotFound,
        "no platform's token source is in the environment; run `wif sources` to see what was looked for, or configure `source`",
    ))
}

/// The source that the member `source` of a configuration describes.
///
/// # Errors
/// `config_invalid`.
pub(crate) fn from_config(
    mut members: Map<String, Value>,
    environment: &Environment,
) -> Configured {
    let kind = members.remove("kind");
    let name = kind.as_ref().and_then(Value::as_str).unwrap_or_default();
    if let Some(kind) = KINDS.iter().find(|kind| kind.name == name) {
        return (kind.configure)(members, environment);
    }
    let fault = if name.trim_ascii().is_empty() {
        "missing or empty"
    } else {
        "not a kind of source; run `wif sources` to see them"
    };
    Err(Error::new(Code::ConfigInvalid, format!("`source.kind` is {fault}")))
}
