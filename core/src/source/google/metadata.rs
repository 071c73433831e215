//! The identity token of Google's metadata server (Google documentation, "Verify the identity of a VM").

use super::DEFAULT_ACCOUNT;
use super::metadata_server::{self, ENDPOINT, MetadataServer};
use crate::environment::Environment;
use crate::http::percent_encode;
use crate::json::config::word;
use crate::json::non_empty::NonBlank;
use crate::source::audience;
use crate::source::{
    Detection, SourceContext, SourceEffect, SourceError, SourceKind, SourceResult, TokenSource,
    members,
};
use crate::{Effect, Error, Failure, Outcome, Timestamp};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use serde::Deserialize;

pub(in crate::source) const KIND: SourceKind = SourceKind {
    name: "google_metadata",
    variables: &[
        "GCE_METADATA_HOST",
        "GCE_METADATA_ROOT",
        "GCE_METADATA_IP",
        metadata_server::TIMEOUT_VARIABLE,
        NO_CHECK,
        APP_ENGINE,
        CLOUD_RUN_JOB,
        CLOUD_RUN,
        "KUBERNETES_SERVICE_HOST",
    ],
    paths: &PATHS,
    detect,
    configure: |form, environment| {
        let source = GoogleMetadata::new(members(form)?, environment)?;
        Ok(Arc::new(source) as _)
    },
};

/// Turns detection off, as in Google's libraries.
const NO_CHECK: &str = "NO_GCE_CHECK";
const APP_ENGINE: &str = "GAE_ENV";
const CLOUD_RUN_JOB: &str = "CLOUD_RUN_JOB";
/// Knative sets it, too, in a cluster.
const CLOUD_RUN: &str = "K_SERVICE";
/// Of Compute Engine: the boot disk, and the credentials of the guest agent.
const PATHS: [&str; 2] =
    ["/dev/disk/by-id/google-persistent-disk-0", "/run/google-mds-mtls/root.crt"];

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct MetadataForm {
    service_account: Option<NonBlank>,
    audience: Option<NonBlank>,
    #[serde(default, deserialize_with = "word")]
    format: Option<Format>,
    licenses: Option<bool>,
}

/// How much the token says about the virtual machine.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Format {
    Standard,
    #[default]
    Full,
}

#[derive(Debug)]
pub(in crate::source) struct GoogleMetadata {
    server: MetadataServer,
    account: String,
    audience: Option<String>,
    format: Format,
    licenses: bool,
}

fn detect(environment: &Environment) -> Detection {
    let is_set = |name: &str| environment.variable(name).is_some();
    if environment.variable(NO_CHECK).is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Detection::Absent("NO_GCE_CHECK is true".into());
    }
    let mut signs = metadata_server::VARIABLES.iter().chain(&[APP_ENGINE, CLOUD_RUN_JOB]);
    let why =
        match signs.find(|name| is_set(name)) {
            Some(name) => format!("{name} is set"),
            None if is_set(CLOUD_RUN) && !is_set("KUBERNETES_SERVICE_HOST") => {
                format!("{CLOUD_RUN} is set")
            }
            None => match PATHS.iter().find(|path| environment.has_path(path)) {
                Some(path) => format!("{path} exists"),
                None => return Detection::Absent(
                    "neither GCE_METADATA_HOST nor a variable or device of Google Cloud is there"
                        .into(),
                ),
            },
        };
    Detection::found(GoogleMetadata::new(MetadataForm::default(), environment), why)
}

impl GoogleMetadata {
    fn new(form: MetadataForm, environment: &Environment) -> Result<Self, Error> {
        let account = form.service_account.map(|NonBlank(account)| account);
        Ok(Self {
            server: MetadataServer::new(environment)?,
            account: account.unwrap_or_else(|| DEFAULT_ACCOUNT.into()),
            audience: form.audience.map(|NonBlank(audience)| audience),
            format: form.format.unwrap_or_default(),
            licenses: form.licenses.unwrap_or_default(),
        })
    }

    /// The server at its usual address, whatever the environment says.
    #[cfg(feature = "source-probe")]
    pub(in crate::source) fn usual() -> Result<Self, Error> {
        Self::new(MetadataForm::default(), &Environment::default())
    }

    /// The request for a token.
    pub(in crate::source) fn token(&self, audience: Option<&str>, timeout_ms: u32) -> SourceEffect {
        let audience = audience::wanted(self.audience.as_deref(), audience);
        let mut path = format!(
            "{}/identity?audience={}",
            percent_encode(&self.account),
            percent_encode(audience)
        );
        if self.format == Format::Full {
            path.push_str("&format=full");
        }
        if self.licenses {
            path.push_str("&licenses=TRUE");
        }
        let request = self.server.request(&path, timeout_ms);
        SourceEffect { effect: Effect::Http(request), state: audience.into() }
    }
}

impl TokenSource for GoogleMetadata {
    fn ask(&self, context: &SourceContext<'_>) -> SourceEffect {
        self.token(context.audience, context.timeout_ms)
    }

    fn read(
        &self,
        outcome: &Outcome,
        audience: &str,
        now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        let response = metadata_server::accept(outcome, &self.account, now)?;
        let text = core::str::from_utf8(&response.body)
            .map_err(|_| ENDPOINT.invalid("answered with bytes that are not text"))?;
        ENDPOINT.checked(text, audience, now)
    }

    fn failed(&self, failure: Failure, detail: &str, _state: &str) -> SourceError {
        metadata_server::failed(failure, detail)
    }
}
