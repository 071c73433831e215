//! Kubernetes' TokenRequest API: a token of a service account for an audience (Kubernetes documentation,
//! "TokenRequest", `authentication.k8s.io/v1`).
//!
//! The API server is that of the pod's own cluster, or that of a kubeconfig file. Credentials and certificate authorities are
//! read again for each request, because kubelet replaces them.

mod access;
mod kubeconfig;
mod place;

use super::audience;
use super::endpoint::{Endpoint, MAX_RESPONSE};
use super::{
    Detection, SourceContext, SourceEffect, SourceError, SourceKind, SourceResult, TokenSource,
    members, step,
};
use crate::environment::Environment;
use crate::http::{Connection, HttpRequest, Method, RequestHeaders};
use crate::json::config::{Bounded, object};
use crate::json::non_empty::NonBlank;
use crate::{Code, Effect, Error, Failure, Outcome, Timestamp};
use access::Access;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use place::Place;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) const KIND: SourceKind = SourceKind {
    name: "kubernetes",
    variables: &[place::HOST, place::PORT, kubeconfig::VARIABLE],
    paths: &[access::TOKEN],
    detect,
    configure: |form, environment| {
        let source = TokenRequest::new(members(form)?, environment)?;
        Ok(Arc::new(source) as _)
    },
};

const ENDPOINT: Endpoint = Endpoint {
    name: "Kubernetes' TokenRequest API",
    refused: "check the credential and the service account",
    configured_by: "that the server is a Kubernetes API server",
    also_transient: &[],
};
/// Kubernetes refuses a shorter life with status 422.
const MIN_SECONDS: u32 = 600;
/// The type of a credential that a kubeconfig names as a service account.
const SUBJECT_PREFIX: &str = "system:serviceaccount:";

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenRequestForm {
    kubeconfig: Option<NonBlank>,
    context: Option<NonBlank>,
    namespace: Option<NonBlank>,
    service_account: Option<NonBlank>,
    audience: Option<NonBlank>,
    expiration_seconds: Option<Bounded<{ u32::MAX }>>,
    #[serde(default, deserialize_with = "object")]
    bound_object: Option<BoundObject>,
}

/// The object whose deletion ends the token: a pod, a secret or a node.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct BoundObject {
    kind: String,
    #[serde(rename(serialize = "apiVersion"), default = "core_version")]
    api_version: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<String>,
}

fn core_version() -> String {
    "v1".into()
}

/// The body of the request (`TokenRequest` of `authentication.k8s.io/v1`).
#[derive(Serialize)]
struct TokenRequestBody<'a> {
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    kind: &'static str,
    spec: Spec<'a>,
}

#[derive(Serialize)]
struct Spec<'a> {
    audiences: [&'a str; 1],
    #[serde(rename = "expirationSeconds", skip_serializing_if = "Option::is_none")]
    expiration_seconds: Option<u32>,
    #[serde(rename = "boundObjectRef", skip_serializing_if = "Option::is_none")]
    bound_object: Option<&'a BoundObject>,
}

/// A configured request.
#[derive(Debug)]
struct TokenRequest {
    place: Place,
    namespace: Option<String>,
    service_account: Option<String>,
    audience: Option<String>,
    expiration_seconds: Option<u32>,
    bound_object: Option<BoundObject>,
}

/// What the pending effect is about.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    Kubeconfig {
        audience: String,
        timeout_ms: u32,
    },
    /// A file of the access; the rest of the access is at hand.
    File {
        file: access::File,
        access: Access,
    },
    Request {
        account: String,
        audience: String,
    },
}

fn detect(environment: &Environment) -> Detection {
    if environment.variable(place::HOST).is_none() || !environment.has_path(access::TOKEN) {
        return Detection::Absent(format!(
            "{} is not set, or {} does not exist",
            place::HOST,
            access::TOKEN
        ));
    }
    Detection::found(
        TokenRequest::new(TokenRequestForm::default(), environment),
        format!("{} is set and {} exists", place::HOST, access::TOKEN),
    )
}

impl TokenRequest {
    fn new(form: TokenRequestForm, environment: &Environment) -> Result<Self, Error> {
        let invalid = |message: String| Error::new(Code::ConfigInvalid, message);
        let place = Place::choose(form.kubeconfig, form.context, environment)?;
        if form.service_account.is_none() && form.namespace.is_some() {
            return Err(invalid(
                "`source.namespace` is given without `source.service_account`; name the service account, too".into(),
            ));
        }
        let name = |member: &str, name: Option<NonBlank>| match name {
            Some(NonBlank(name)) if !is_name(&name) => Err(invalid(format!(
                "`source.{member}` is not a name of Kubernetes: lower-case letters, digits, `-` and `.`"
            ))),
            other => Ok(other.map(|NonBlank(name)| name)),
        };
        let expiration_seconds = form.expiration_seconds.map(|Bounded(seconds)| seconds);
        if expiration_seconds.is_some_and(|seconds| seconds < MIN_SECONDS) {
            return Err(invalid(format!(
                "`source.expiration_seconds` is less than {MIN_SECONDS}; Kubernetes refuses it with status 422"
            )));
        }
        Ok(Self {
            place,
            namespace: name("namespace", form.namespace)?,
            service_account: name("service_account", form.service_account)?,
            audience: form.audience.map(|NonBlank(audience)| audience),
            expiration_seconds,
            bound_object: form.bound_object,
        })
    }

    /// Reads the next file of the access, or sends the request once it is complete.
    fn proceed(&self, access: Access) -> Result<SourceEffect, SourceError> {
        if let Some((file, path)) = access.missing(self.needs_namespace()) {
            return Ok(SourceEffect::at(
                file.text_file().effect(path),
                &Step::File { file, access },
            ));
        }
        let token = access.token.text().unwrap_or_default();
        let (namespace, name) = self.account(&access, token)?;
        let account = format!("{namespace}/{name}");
        let body = TokenRequestBody {
            api_version: "authentication.k8s.io/v1",
            kind: "TokenRequest",
            spec: Spec {
                audiences: [&access.audience],
                expiration_seconds: self.expiration_seconds,
                bound_object: self.bound_object.as_ref(),
            },
        };
        let server = access.server.trim_end_matches('/');
        let request = HttpRequest {
            method: Method::Post,
            url: format!("{server}/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token"),
            headers: RequestHeaders::from_iter([
                ("accept", "application/json".into()),
                ("authorization", format!("Bearer {token}")),
                ("content-type", "application/json".into()),
            ]),
            // Text always has a JSON form.
            body: serde_json::to_string(&body).unwrap_or_default(),
            timeout_ms: access.timeout_ms,
            max_bytes: MAX_RESPONSE,
            connection: Connection {
                direct: access.direct,
                ca: access.ca.text().map(String::from),
                server_name: access.server_name,
                ..Connection::default()
            },
        };
        Ok(SourceEffect::at(
            Effect::Http(request),
            &Step::Request { account, audience: access.audience },
        ))
    }

    /// Whether the namespace is that of the place. Without a service account it is part of the credential's subject.
    fn needs_namespace(&self) -> bool {
        self.namespace.is_none() && self.service_account.is_some()
    }

    /// Namespace and name of the service account: those configured, or those of the credential itself.
    fn account(&self, access: &Access, token: &str) -> Result<(String, String), SourceError> {
        if let Some(name) = &self.service_account {
            let own = access.namespace.text().filter(|namespace| is_name(namespace));
            let namespace = self.namespace.as_deref().or(own).unwrap_or("default");
            return Ok((namespace.into(), name.clone()));
        }
        let subject = crate::jose::UnverifiedClaims::peek(token).ok().and_then(|c| c.subject);
        let account =
            subject.as_deref().and_then(|s| s.strip_prefix(SUBJECT_PREFIX)?.split_once(':'));
        match account {
            Some((namespace, name)) if is_name(namespace) && is_name(name) => {
                Ok((namespace.into(), name.into()))
            }
            _ => Err(Error::new(
                Code::ConfigInvalid,
                "`source.service_account` is missing, and the cluster's credential is not a service account's token; name the service account",
            )
            .into()),
        }
    }

    /// The error of a status that is not success.
    fn refusal(&self, account: &str, outcome: &Outcome, now: Timestamp) -> SourceError {
        let Outcome::Http(response) = outcome else { return SourceError::unexpected() };
        let rejected = |what: String| {
            let message =
                format!("{} refused with status {}: {what}", ENDPOINT.name, response.status);
            Error::new(Code::SourceRejected, message).into()
        };
        match response.status {
            401 => rejected(format!(
                "the credential is not accepted; {}",
                self.place.credential_advice()
            )),
            403 => rejected(format!(
                "the credential may not do this; grant it the verb `create` on `serviceaccounts/token` in the namespace of `{account}` (RBAC)"
            )),
            404 => rejected(format!("there is no service account `{account}`; create it, or name another")),
            422 => rejected(
                "the request is invalid; check `expiration_seconds` (at least 600) and `bound_object`, which must exist".into(),
            ),
            _ => ENDPOINT.refusal(response, now),
        }
    }
}

impl TokenSource for TokenRequest {
    fn ask(&self, context: &SourceContext<'_>) -> SourceEffect {
        let audience = String::from(audience::wanted(self.audience.as_deref(), context.audience));
        let timeout_ms = context.timeout_ms;
        match &self.place {
            Place::Kubeconfig { path, .. } => SourceEffect::at(
                kubeconfig::FILE.effect(path.clone()),
                &Step::Kubeconfig { audience, timeout_ms },
            ),
            Place::Cluster { server } => {
                let access = Access::in_cluster(server, audience, timeout_ms);
                let file = access::File::Token;
                SourceEffect::at(
                    file.text_file().effect(access::TOKEN.into()),
                    &Step::File { file, access },
                )
            }
        }
    }

    fn read(
        &self,
        outcome: &Outcome,
        state: &str,
        now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        match step(state)? {
            Step::Kubeconfig { audience, timeout_ms } => {
                let Place::Kubeconfig { path, context } = &self.place else {
                    return Err(SourceError::unexpected());
                };
                let text = kubeconfig::FILE.text(outcome)?;
                let access = kubeconfig::read(text, path, context.as_deref())?;
                self.proceed(Access { audience, timeout_ms, ..access }).map(SourceResult::Ask)
            }
            Step::File { file, mut access } => {
                let text = file.text_file().text(outcome)?;
                access.take(file, text)?;
                self.proceed(access).map(SourceResult::Ask)
            }
            Step::Request { account, audience } => {
                let Outcome::Http(response) = outcome else {
                    return Err(SourceError::unexpected());
                };
                if response.status != 201 {
                    return Err(self.refusal(&account, outcome, now));
                }
                let document = ENDPOINT.json(response)?;
                let token = document.pointer("/status/token").and_then(Value::as_str);
                let token = token.ok_or_else(|| {
                    ENDPOINT.invalid("answered without a token in `status.token`")
                })?;
                ENDPOINT.checked(token, &audience, now)
            }
        }
    }

    fn failed(&self, failure: Failure, detail: &str, state: &str) -> SourceError {
        match step(state) {
            Ok(Step::Kubeconfig { .. }) => kubeconfig::FILE.failed(failure, detail),
            Ok(Step::File { file, .. }) => file.text_file().failed(failure, detail),
            Ok(Step::Request { .. }) => ENDPOINT.failed(failure, detail),
            Err(error) => error,
        }
    }
}

/// Whether a text can be the name of a namespace or a service account (RFC 1123): it becomes a segment of a path.
fn is_name(text: &str) -> bool {
    let inner =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    (1..=253).contains(&text.len())
        && text.bytes().all(inner)
        && text
            .split('.')
            .all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
}
