//! Fly.io: the token endpoint of a machine, HTTP over a Unix socket (Fly.io documentation, "OpenID Connect").

use super::audience;
use super::endpoint::Endpoint;
use super::{
    Detection, MAX_ASSERTION, SourceContext, SourceEffect, SourceError, SourceKind, SourceResult,
    TokenSource, members,
};
use crate::http::{Connection, HttpRequest, Method};
use crate::json::non_empty::NonBlank;
use crate::{Effect, Failure, Outcome, Timestamp};
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use serde::Deserialize;
use serde_json::json;

pub(super) const KIND: SourceKind = SourceKind {
    name: "fly",
    variables: &[SOCKET_VARIABLE],
    paths: &[SOCKET],
    detect: |environment| {
        if let Some(socket) = environment.variable(SOCKET_VARIABLE) {
            let source = Arc::new(FlyMachine { audience: None, socket: socket.into() });
            return Detection::Found { source, why: "Fly.io: FLY_API_SOCKET is set".into() };
        }
        if environment.has_path(SOCKET) {
            let source = Arc::new(FlyMachine { audience: None, socket: SOCKET.into() });
            return Detection::Found { source, why: "Fly.io: the socket /.fly/api exists".into() };
        }
        Detection::Absent("the socket /.fly/api does not exist".into())
    },
    configure: |form, environment| {
        let form: FlyForm = members(form)?;
        let socket = environment.variable(SOCKET_VARIABLE).unwrap_or(SOCKET);
        let audience = form.audience.map(|audience| audience.0);
        Ok(Arc::new(FlyMachine { audience, socket: socket.into() }))
    },
};

/// In every machine.
const SOCKET: &str = "/.fly/api";
/// Another socket, for tests. Fly.io does not set it.
const SOCKET_VARIABLE: &str = "FLY_API_SOCKET";
const ENDPOINT: Endpoint = Endpoint {
    name: "Fly.io's token endpoint",
    refused: "check that the machine belongs to an app of the organization",
    configured_by: "the socket /.fly/api",
    also_transient: &[],
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FlyForm {
    audience: Option<NonBlank>,
}

#[derive(Debug)]
struct FlyMachine {
    audience: Option<String>,
    socket: String,
}

impl TokenSource for FlyMachine {
    fn platform(&self) -> Option<&'static str> {
        Some("Fly.io")
    }

    fn ask(&self, context: &SourceContext<'_>) -> SourceEffect {
        let audience = audience::wanted(self.audience.as_deref(), context.audience);
        let url = "http://localhost/v1/tokens/oidc".into();
        let mut request = HttpRequest::get(url, "*/*", context.timeout_ms, MAX_ASSERTION);
        request.method = Method::Post;
        request.headers.push(("content-type", "application/json".into()));
        request.body = json!({ "aud": audience }).to_string();
        request.connection =
            Connection { unix_socket: Some(self.socket.clone()), ..Connection::direct() };
        SourceEffect { effect: Effect::Http(request), state: audience.into() }
    }

    fn read(
        &self,
        outcome: &Outcome,
        state: &str,
        now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        let token = ENDPOINT.token_text(ENDPOINT.accept(outcome, now)?)?;
        audience::checked(token, state, "Fly.io")
    }

    fn failed(&self, failure: Failure, detail: &str, _state: &str) -> SourceError {
        ENDPOINT.failed(failure, detail)
    }
}
