//! A managed identity of Azure as the workload's identity ("Configure an application to trust a managed identity", Entra
//! documentation).
//!
//! The environment shows which host gives the token: Service Fabric, App Service, Azure Machine Learning, Azure Arc or Cloud
//! Shell. Without any of their variables it is the instance metadata service (IMDS) of a virtual machine, which is asked only
//! where the configuration names this source, or where a variable names its address.

mod address;
mod arc;
mod host;
mod imds;
mod selector;

use super::audience;
use super::endpoint::MAX_RESPONSE;
use super::{
    Detection, SourceContext, SourceEffect, SourceError, SourceKind, SourceResult, TokenSource,
    members,
};
use crate::environment::Environment;
use crate::http::{HttpRequest, HttpResponse, Method, form_encode};
use crate::jose::UnverifiedClaims;
use crate::json::non_empty::NonBlank;
use crate::secret::Secret;
use crate::{Effect, Error, Failure, Outcome, Timestamp};
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use host::{Found, Host};
#[cfg(feature = "source-probe")]
pub(super) use imds::{availability_request, is_available};
use selector::Selector;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) const KIND: SourceKind = SourceKind {
    name: "managed_identity",
    variables: &[
        "IDENTITY_ENDPOINT",
        "IDENTITY_HEADER",
        "IDENTITY_SERVER_THUMBPRINT",
        "IMDS_ENDPOINT",
        "MSI_ENDPOINT",
        "MSI_SECRET",
        "DEFAULT_IDENTITY_CLIENT_ID",
        imds::VARIABLE,
    ],
    paths: &arc::AGENT_PATHS,
    detect,
    configure: |form, environment| {
        let form: ManagedIdentityForm = members(form)?;
        let selector = Selector::read(form.client_id, form.object_id, form.resource_id)?;
        let found = host::find(environment)?.map_or_else(|| host::imds(environment), Ok)?;
        ManagedIdentity::new(found, selector, form.audience.map(|NonBlank(audience)| audience))
            .map(|source| Arc::new(source) as _)
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ManagedIdentityForm {
    client_id: Option<NonBlank>,
    object_id: Option<NonBlank>,
    resource_id: Option<NonBlank>,
    audience: Option<NonBlank>,
}

#[derive(Debug)]
pub(super) struct ManagedIdentity {
    host: &'static Host,
    /// The address of the endpoint, without a query.
    url: String,
    /// The value of the host's header.
    secret: Option<Secret<String>>,
    certificate_sha1: Option<String>,
    selector: Option<Selector>,
    audience: Option<String>,
}

/// The request whose outcome is awaited.
#[derive(Clone, Serialize, Deserialize)]
struct Pending {
    step: Step,
    audience: String,
    correlation_id: String,
    timeout_ms: u32,
}

#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
enum Step {
    /// The request whose answer has the token.
    Token,
    /// Arc's first request, whose answer names the key file.
    Challenge,
    /// Arc's key file.
    Key,
}

fn detect(environment: &Environment) -> Detection {
    match host::find(environment) {
        Ok(Some(found)) => {
            let why = found.why;
            Detection::found(ManagedIdentity::new(found, None, None), why)
        }
        Ok(None) => Detection::Absent(
            "none of IDENTITY_ENDPOINT, MSI_ENDPOINT and AZURE_POD_IDENTITY_AUTHORITY_HOST is set and Azure Arc's agent is not installed; the metadata service of a virtual machine is asked only where `source` names it".into(),
        ),
        Err(error) => Detection::Broken(error),
    }
}

impl ManagedIdentity {
    fn new(
        found: Found,
        selector: Option<Selector>,
        audience: Option<String>,
    ) -> Result<Self, Error> {
        let selector = selector.or(found.default_identity);
        if let Some(selector) = &selector {
            found.host.check(selector)?;
        }
        Ok(Self {
            host: found.host,
            url: found.url,
            secret: found.secret,
            certificate_sha1: found.certificate_sha1,
            selector,
            audience,
        })
    }

    /// The identity that the metadata service of a virtual machine gives, at its own address.
    #[cfg(feature = "source-probe")]
    pub(super) fn of_machine() -> Result<Self, Error> {
        Self::new(host::imds(&Environment::default())?, None, None)
    }

    /// The first request of an exchange.
    pub(super) fn first(
        &self,
        audience: Option<&str>,
        correlation_id: &str,
        timeout_ms: u32,
    ) -> SourceEffect {
        let pending = Pending {
            step: if self.host.is_challenged { Step::Challenge } else { Step::Token },
            audience: audience::wanted(self.audience.as_deref(), audience).to_string(),
            correlation_id: correlation_id.to_string(),
            timeout_ms,
        };
        pending.effect(Effect::Http(self.request(&pending, None)))
    }

    /// The request for a token. `key` is the content of Arc's key file.
    fn request(&self, pending: &Pending, key: Option<&str>) -> HttpRequest {
        let mut parameters = Vec::new();
        if let Some(version) = self.host.api_version {
            parameters.push(("api-version", version));
        }
        parameters.push(("resource", pending.audience.as_str()));
        if let Some(selector) = &self.selector
            && let Some(name) = self.host.parameter(selector)
        {
            parameters.push((name, selector.id.as_str()));
        }
        let form = form_encode(parameters);
        let is_form = self.host.method == Method::Post;
        let mut url = self.url.clone();
        if !is_form {
            url.push('?');
            // In a query, `+` is a space to some servers and itself to others.
            url.push_str(&form.replace('+', "%20"));
        }
        let mut request =
            HttpRequest::get(url, "application/json", pending.timeout_ms, MAX_RESPONSE);
        request.method = self.host.method;
        if is_form {
            request.headers.push(("content-type", "application/x-www-form-urlencoded".into()));
            request.body = form;
        }
        if self.host.metadata_header {
            request.headers.push(("metadata", "true".into()));
        }
        if let (Some(name), Some(secret)) = (self.host.secret_header, &self.secret) {
            request.headers.push((name, secret.expose().clone()));
        }
        if let Some(key) = key {
            request.headers.push(("authorization", alloc::format!("Basic {key}")));
        }
        request.headers.push(("x-ms-client-request-id", pending.correlation_id.clone()));
        request.connection.direct = true;
        request.connection.certificate_sha1.clone_from(&self.certificate_sha1);
        request
    }

    /// The token of an answer.
    fn token(
        &self,
        response: &HttpResponse,
        asked: &str,
        now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        let endpoint = &self.host.endpoint;
        let document = endpoint.json(response)?;
        for member in ["expires_on", "expires_in"] {
            match document.get(member) {
                None | Some(Value::Null | Value::String(_) | Value::Number(_)) => {}
                Some(_) => {
                    let what = alloc::format!("answered with a `{member}` that is not a time");
                    return Err(endpoint.invalid(&what));
                }
            }
        }
        let token = document.get("access_token").and_then(Value::as_str).map(str::trim_ascii);
        let Some(token) = token.filter(|token| !token.is_empty()) else {
            return Err(endpoint.invalid("answered without a token in `access_token`"));
        };
        // A resource whose app asks for tokens of version 2 has its application id as their audience.
        let claims = UnverifiedClaims::peek(token).unwrap_or_default();
        let id = claims.audience.iter().find(|audience| crate::entra::tenant::is_guid(audience));
        let expected = if claims.audience.iter().any(|audience| audience == asked) {
            asked
        } else {
            id.map_or(asked, String::as_str)
        };
        endpoint.checked(token, expected, now)
    }
}

impl Pending {
    fn effect(&self, effect: Effect) -> SourceEffect {
        // Text and numbers always have a JSON form.
        SourceEffect { effect, state: serde_json::to_string(self).unwrap_or_default() }
    }
}

impl TokenSource for ManagedIdentity {
    fn ask(&self, context: &SourceContext<'_>) -> SourceEffect {
        self.first(context.audience, context.correlation_id, context.timeout_ms)
    }

    fn read(
        &self,
        outcome: &Outcome,
        state: &str,
        now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        let Ok(pending) = serde_json::from_str::<Pending>(state) else {
            return Err(SourceError::unexpected());
        };
        match pending.step {
            Step::Token => {
                let Outcome::Http(response) = outcome else {
                    return Err(SourceError::unexpected());
                };
                if response.status != 200 {
                    return Err(self.host.refusal(response, self.secret.as_ref(), now));
                }
                self.token(response, &pending.audience, now)
            }
            Step::Challenge => {
                let Outcome::Http(response) = outcome else {
                    return Err(SourceError::unexpected());
                };
                if response.status != 401 {
                    return Err(match response.status {
                        200 => self.host.endpoint.invalid("answered without a challenge"),
                        _ => self.host.refusal(response, self.secret.as_ref(), now),
                    });
                }
                let path = arc::key_file(&self.host.endpoint, response)?;
                let effect = Effect::ReadFile { path, max_bytes: arc::MAX_KEY };
                Ok(SourceResult::Ask(Pending { step: Step::Key, ..pending }.effect(effect)))
            }
            Step::Key => {
                let Outcome::File(content) = outcome else { return Err(SourceError::unexpected()) };
                let key = arc::key(content.expose())?;
                let request = self.request(&pending, Some(key));
                let pending = Pending { step: Step::Token, ..pending };
                Ok(SourceResult::Ask(pending.effect(Effect::Http(request))))
            }
        }
    }

    fn failed(&self, failure: Failure, detail: &str, state: &str) -> SourceError {
        match serde_json::from_str::<Pending>(state) {
            Ok(Pending { step: Step::Key, .. }) => arc::key_failed(failure, detail),
            _ => self.host.failed(failure, detail),
        }
    }
}
