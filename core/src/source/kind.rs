//! The kinds of token sources, and which of them the environment offers.

#[cfg(feature = "source-aws")]
use super::aws;
#[cfg(feature = "source-google")]
use super::google;
#[cfg(feature = "source-kubernetes")]
use super::kubernetes;
#[cfg(all(feature = "source-azure", feature = "source-google"))]
use super::probe;
#[cfg(feature = "source-spiffe")]
use super::spiffe;
use super::{TokenSource, callback, file, github, signed};
#[cfg(feature = "source-azure")]
use super::{azure_pipelines, managed_identity};
#[cfg(feature = "source-ci")]
use super::{bitbucket, buildkite, circleci, fly, gitlab, modal, spacelift, terraform, vercel};
#[cfg(feature = "source-generic")]
use super::{environment, executable, url};
use crate::environment::Environment;
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use serde::Serialize;
use serde_json::{Map, Value};

/// All kinds of sources, in the order in which the environment is searched for them.
pub(crate) const KINDS: &[SourceKind] = &[
    callback::KIND,
    file::KIND,
    github::KIND,
    #[cfg(feature = "source-azure")]
    azure_pipelines::KIND,
    #[cfg(feature = "source-ci")]
    gitlab::KIND,
    #[cfg(feature = "source-ci")]
    circleci::KIND,
    #[cfg(feature = "source-ci")]
    bitbucket::KIND,
    #[cfg(feature = "source-ci")]
    terraform::KIND,
    #[cfg(feature = "source-ci")]
    buildkite::KIND,
    #[cfg(feature = "source-ci")]
    spacelift::KIND,
    #[cfg(feature = "source-ci")]
    vercel::KIND,
    #[cfg(feature = "source-ci")]
    fly::KIND,
    #[cfg(feature = "source-ci")]
    modal::KIND,
    #[cfg(feature = "source-spiffe")]
    spiffe::KIND,
    #[cfg(feature = "source-azure")]
    managed_identity::KIND,
    #[cfg(feature = "source-aws")]
    aws::IRSA,
    #[cfg(feature = "source-aws")]
    aws::WEB_IDENTITY_TOKEN,
    #[cfg(feature = "source-aws")]
    aws::DEVELOPER_IDENTITY,
    #[cfg(feature = "source-google")]
    google::metadata::KIND,
    #[cfg(feature = "source-google")]
    google::service_account::KIND,
    #[cfg(feature = "source-kubernetes")]
    kubernetes::KIND,
    #[cfg(feature = "source-generic")]
    environment::KIND,
    #[cfg(feature = "source-generic")]
    url::KIND,
    #[cfg(feature = "source-generic")]
    executable::KIND,
    signed::KIND,
    #[cfg(all(feature = "source-azure", feature = "source-google"))]
    probe::KIND,
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
        return match KINDS.iter().find(|kind| kind.name == "probe") {
            Some(kind) => (kind.configure)(Map::new(), environment),
            None => Err(Error::new(
                Code::SourceUnsupported,
                "`probe` needs the sources of Google Cloud and Azure, which this build leaves out; configure `source`",
            )),
        };
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
        // No list: a build can leave sources out, and `sources` lists those that it has.
        "not a kind of source that this build has; run `wif sources` to see them"
    };
    Err(Error::new(Code::ConfigInvalid, format!("`source.kind` is {fault}")))
}
