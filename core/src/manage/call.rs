//! The calls of the two services, as HTTP requests.

use super::config::ManagerConfig;
use super::credential::FederatedCredential;
use super::{arm, graph};
use crate::http::{Connection, HttpRequest, Method, RequestHeaders, percent_encode};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde_json::Value;

/// Time of one request.
const TIMEOUT_MS: u32 = 30_000;
/// Largest answer. Twenty credentials with the longest values have some 80 KiB.
pub(super) const MAX_BYTES: u32 = 1024 * 1024;

/// One call of a service.
#[derive(Clone, Debug)]
pub(super) enum Call {
    /// All credentials, by one request for each page.
    List,
    /// The credential of a name.
    Get(String),
    /// Add a credential.
    Create(FederatedCredential),
    /// Change members of a credential that is there.
    Update { before: FederatedCredential, after: FederatedCredential, members: Vec<&'static str> },
    /// Add a credential, or replace the one that is there.
    Upsert { before: Option<FederatedCredential>, after: FederatedCredential },
    /// Remove a credential.
    Delete { name: String, etag: Option<String> },
}

/// What is sent with each call.
pub(super) struct Sender<'s> {
    pub(super) config: &'s ManagerConfig,
    /// Whether the version with expressions is asked.
    pub(super) preview: bool,
    pub(super) token: &'s str,
    pub(super) correlation_id: &'s str,
}

impl Call {
    /// Whether it changes something.
    pub(super) fn writes(&self) -> bool {
        !matches!(self, Self::List | Self::Get(_))
    }

    /// What it does, as the end of "the service refused to ...".
    pub(super) fn purpose(&self) -> &'static str {
        match self {
            Self::List | Self::Get(_) => "show the federated identity credentials",
            Self::Create(_) => "add a federated identity credential",
            Self::Update { .. } | Self::Upsert { .. } => "change a federated identity credential",
            Self::Delete { .. } => "remove a federated identity credential",
        }
    }

    /// The name of the credential that it is about.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::List => None,
            Self::Get(name) | Self::Delete { name, .. } => Some(name),
            Self::Create(after) | Self::Update { after, .. } | Self::Upsert { after, .. } => {
                Some(&after.name)
            }
        }
    }

    /// The request.
    pub(super) fn to_http(&self, sender: &Sender<'_>) -> HttpRequest {
        let managed = sender.config.identity.is_managed();
        let (method, body) = if managed { self.of_arm() } else { self.of_graph() };
        let mut request = sender.request(method, self.url(sender));
        if let Some(body) = body {
            request.headers.push(("content-type", "application/json".to_string()));
            request.body = body.to_string();
        }
        if matches!(self, Self::Upsert { .. }) && !managed {
            request.headers.push(("prefer", graph::CREATE_IF_MISSING.to_string()));
        }
        let etag = match self {
            Self::Update { before, .. } => before.etag.as_ref(),
            Self::Upsert { before, .. } => before.as_ref().and_then(|before| before.etag.as_ref()),
            Self::Delete { etag, .. } => etag.as_ref(),
            _ => None,
        };
        if let Some(etag) = etag.filter(|etag| is_header_value(etag)) {
            request.headers.push(("if-match", etag.clone()));
        }
        request
    }

    fn of_graph(&self) -> (Method, Option<Value>) {
        match self {
            Self::List | Self::Get(_) => (Method::Get, None),
            Self::Create(credential) => (Method::Post, Some(graph::whole(credential).into())),
            Self::Update { after, members, .. } => {
                (Method::Patch, Some(graph::part(after, members).into()))
            }
            Self::Upsert { before, after } => {
                let mut body = graph::whole(after);
                body.remove("name");
                // The members of the other kind of condition, and a description that shall go, stay unless they are named.
                let members = before.as_ref().map(|before| after.differs_from(before));
                body.extend(graph::part(after, &members.unwrap_or_default()));
                (Method::Patch, Some(body.into()))
            }
            Self::Delete { .. } => (Method::Delete, None),
        }
    }

    fn of_arm(&self) -> (Method, Option<Value>) {
        match self {
            Self::List | Self::Get(_) => (Method::Get, None),
            Self::Create(after) | Self::Update { after, .. } | Self::Upsert { after, .. } => {
                (Method::Put, Some(arm::body(after)))
            }
            Self::Delete { .. } => (Method::Delete, None),
        }
    }

    fn url(&self, sender: &Sender<'_>) -> String {
        let config = sender.config;
        let (url, path) = (&config.service_url, config.identity.path());
        if config.identity.is_managed() {
            let version = if sender.preview { arm::PREVIEW } else { arm::STABLE };
            let item = self.name().map(|name| format!("/{}", percent_encode(name)));
            let item = item.unwrap_or_default();
            return format!("{url}{path}{item}?api-version={version}");
        }
        let version = if sender.preview { graph::PREVIEW } else { graph::STABLE };
        let item = match self {
            Self::List | Self::Create(_) => String::new(),
            Self::Upsert { after, .. } => format!("(name='{}')", percent_encode(&after.name)),
            _ => format!("/{}", percent_encode(self.name().unwrap_or_default())),
        };
        format!("{url}/{version}{path}{item}")
    }
}

impl Sender<'_> {
    /// A request for a further page.
    pub(super) fn page(&self, url: &str) -> HttpRequest {
        self.request(Method::Get, url.to_string())
    }

    fn request(&self, method: Method, url: String) -> HttpRequest {
        let id = if self.config.identity.is_managed() {
            "x-ms-client-request-id"
        } else {
            "client-request-id"
        };
        let headers = [
            ("accept", "application/json".to_string()),
            ("authorization", format!("Bearer {}", self.token)),
            (id, self.correlation_id.to_string()),
        ];
        HttpRequest {
            method,
            url,
            headers: RequestHeaders::from_iter(headers),
            body: String::new(),
            timeout_ms: TIMEOUT_MS,
            max_bytes: MAX_BYTES,
            connection: Connection::default(),
        }
    }
}

fn is_header_value(text: &str) -> bool {
    text.len() <= 1024 && text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
}
