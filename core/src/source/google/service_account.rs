//! The identity token of a service account that the workload may act as: `generateIdToken` of the IAM Credentials API, with
//! an access token of the metadata server.

use super::DEFAULT_ACCOUNT;
use super::metadata_server::{self, MetadataServer};
use crate::environment::Environment;
use crate::http::{AddressPolicy, Connection, HttpRequest, Method, RequestHeaders, percent_encode};
use crate::json::non_empty::{NonBlank, names};
use crate::source::audience;
use crate::source::endpoint::{Endpoint, MAX_RESPONSE};
use crate::source::{
    Detection, SourceContext, SourceEffect, SourceError, SourceKind, SourceResult, TokenSource,
    members, step,
};
use crate::{Code, Effect, Error, Failure, Outcome, Timestamp};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(in crate::source) const KIND: SourceKind = SourceKind {
    name: "google_service_account",
    variables: &[
        "GCE_METADATA_HOST",
        "GCE_METADATA_ROOT",
        "GCE_METADATA_IP",
        metadata_server::TIMEOUT_VARIABLE,
    ],
    paths: &[],
    detect: Detection::only_configured,
    configure: |form, environment| {
        let source = GoogleServiceAccount::new(members(form)?, environment)?;
        Ok(Arc::new(source) as _)
    },
};

const ENDPOINT: Endpoint = Endpoint {
    name: "Google's IAM Credentials API",
    refused: "grant the workload's own account `roles/iam.serviceAccountOpenIdTokenCreator` on the service account (each delegate on the next one), and check `service_account` and `audience`",
    configured_by: "`source.endpoint`",
    also_transient: &[],
};
const API: &str = "https://iamcredentials.googleapis.com";
/// What the API's names of service accounts begin with; `-` stands for any project.
const RESOURCE: &str = "projects/-/serviceAccounts/";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ServiceAccountForm {
    service_account: NonBlank,
    audience: Option<NonBlank>,
    #[serde(default, deserialize_with = "names")]
    delegates: Option<Vec<String>>,
    include_email: Option<bool>,
    endpoint: Option<NonBlank>,
}

#[derive(Debug)]
struct GoogleServiceAccount {
    server: MetadataServer,
    endpoint: String,
    account: String,
    audience: Option<String>,
    delegates: Vec<String>,
    include_email: bool,
}

/// What the pending effect is about.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    AccessToken { audience: String, timeout_ms: u32 },
    IdToken { audience: String },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GenerateIdToken<'a> {
    audience: &'a str,
    include_email: bool,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    delegates: &'a [String],
}

impl GoogleServiceAccount {
    fn new(form: ServiceAccountForm, environment: &Environment) -> Result<Self, Error> {
        let endpoint = form.endpoint.map_or_else(|| API.into(), |NonBlank(endpoint)| endpoint);
        let endpoint = AddressPolicy::AUTHORITY.parse(&endpoint).map_err(|refusal| {
            Error::new(Code::ConfigInvalid, format!("`source.endpoint` {refusal}"))
        })?;
        let delegates = form.delegates.unwrap_or_default().into_iter();
        Ok(Self {
            server: MetadataServer::new(environment)?,
            endpoint: endpoint.into_string(),
            account: account("service_account", &form.service_account.0)?,
            audience: form.audience.map(|NonBlank(audience)| audience),
            delegates: delegates
                .map(|name| Ok(format!("{RESOURCE}{}", account("delegates", &name)?)))
                .collect::<Result<_, Error>>()?,
            include_email: form.include_email.unwrap_or_default(),
        })
    }

    fn id_token(&self, access_token: &str, audience: String, timeout_ms: u32) -> SourceEffect {
        let body = GenerateIdToken {
            audience: &audience,
            include_email: self.include_email,
            delegates: &self.delegates,
        };
        let request = HttpRequest {
            method: Method::Post,
            url: format!(
                "{}/v1/{RESOURCE}{}:generateIdToken",
                self.endpoint.trim_end_matches('/'),
                percent_encode(&self.account)
            ),
            headers: RequestHeaders::from_iter([
                ("accept", "application/json".into()),
                ("authorization", format!("Bearer {access_token}")),
                ("content-type", "application/json".into()),
            ]),
            // Text always has a JSON form.
            body: serde_json::to_string(&body).unwrap_or_default(),
            timeout_ms,
            max_bytes: MAX_RESPONSE,
            connection: Connection::default(),
        };
        SourceEffect::at(Effect::Http(request), &Step::IdToken { audience })
    }
}

/// The email address or unique id of a service account, without the API's prefix.
fn account(member: &str, name: &str) -> Result<String, Error> {
    let name = name.trim_ascii();
    let name = name.strip_prefix(RESOURCE).unwrap_or(name);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._@:".contains(&byte);
    if !name.is_empty() && name.bytes().all(is_plain) {
        return Ok(name.into());
    }
    Err(Error::new(
        Code::ConfigInvalid,
        format!("`source.{member}` is not the email address or unique id of a service account"),
    ))
}

impl TokenSource for GoogleServiceAccount {
    fn ask(&self, context: &SourceContext<'_>) -> SourceEffect {
        let audience = audience::wanted(self.audience.as_deref(), context.audience).into();
        let request = self.server.request(&format!("{DEFAULT_ACCOUNT}/token"), context.timeout_ms);
        let timeout_ms = context.timeout_ms;
        SourceEffect::at(Effect::Http(request), &Step::AccessToken { audience, timeout_ms })
    }

    fn read(
        &self,
        outcome: &Outcome,
        state: &str,
        now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        match step(state)? {
            Step::AccessToken { audience, timeout_ms } => {
                let response = metadata_server::accept(outcome, DEFAULT_ACCOUNT, now)?;
                let document = metadata_server::ENDPOINT.json(response)?;
                let token = document.get("access_token").and_then(Value::as_str);
                match token.map(str::trim_ascii) {
                    Some(token) if is_header_value(token) => {
                        Ok(SourceResult::Ask(self.id_token(token, audience, timeout_ms)))
                    }
                    _ => Err(metadata_server::ENDPOINT
                        .invalid("answered without a token in `access_token`")),
                }
            }
            Step::IdToken { audience } => {
                let document = ENDPOINT.json(ENDPOINT.accept(outcome, now)?)?;
                let token = document.get("token").and_then(Value::as_str);
                let token =
                    token.ok_or_else(|| ENDPOINT.invalid("answered without a token in `token`"))?;
                ENDPOINT.checked(token, &audience, now)
            }
        }
    }

    fn failed(&self, failure: Failure, detail: &str, state: &str) -> SourceError {
        match step(state) {
            Ok(Step::AccessToken { .. }) => metadata_server::failed(failure, detail),
            Ok(Step::IdToken { .. }) => ENDPOINT.failed(failure, detail),
            Err(error) => error,
        }
    }
}

fn is_header_value(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}
