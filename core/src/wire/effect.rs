//! Effects in their wire form: `docs/protocol.md`, section 4. Members are written in the order of the fields.

use crate::EffectId;
use crate::effect::{Effect, StoreOperation};
use crate::http::RequestHeaders;
use crate::jose::base64url_encode;
use alloc::string::String;
use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::value::RawValue;

/// An effect with its id.
#[derive(serde::Serialize)]
pub(super) struct WireEffect<'a> {
    id: u64,
    #[serde(flatten)]
    kind: Kind<'a>,
}

#[derive(serde::Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Kind<'a> {
    Http {
        method: &'static str,
        url: &'a str,
        #[serde(serialize_with = "header_object")]
        headers: &'a RequestHeaders,
        body: &'a str,
        timeout_ms: u32,
        max_bytes: u32,
        #[serde(flatten)]
        connection: Connection<'a>,
    },
    ReadFile {
        path: &'a str,
        max_bytes: u32,
    },
    Sign {
        key: &'a str,
        algorithm: &'static str,
        input: String,
    },
    Verify {
        #[serde(serialize_with = "raw")]
        key: &'a str,
        algorithm: &'static str,
        input: String,
        signature: String,
    },
    AskHost {
        name: &'static str,
        #[serde(serialize_with = "raw")]
        payload: &'a str,
        timeout_ms: u32,
    },
    Store(Store<'a>),
    Sleep {
        until: i64,
    },
}

/// The members of [`crate::http::Connection`] that are set.
#[derive(serde::Serialize)]
struct Connection<'a> {
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    direct: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    unix_socket: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ca: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_sha1: Option<&'a str>,
}

#[derive(serde::Serialize)]
#[serde(tag = "operation", rename_all = "snake_case")]
enum Store<'a> {
    Load { key: &'a str },
    Save { key: &'a str, value: &'a str, until: i64 },
}

impl<'a> WireEffect<'a> {
    pub(super) fn new(id: EffectId, effect: &'a Effect) -> Self {
        let kind = match effect {
            Effect::Http(request) => Kind::Http {
                method: request.method.name(),
                url: &request.url,
                headers: &request.headers,
                body: &request.body,
                timeout_ms: request.timeout_ms,
                max_bytes: request.max_bytes,
                connection: Connection::new(&request.connection),
            },
            Effect::ReadFile { path, max_bytes } => Kind::ReadFile { path, max_bytes: *max_bytes },
            Effect::Sign { key, algorithm, input } => {
                Kind::Sign { key, algorithm, input: base64url_encode(input) }
            }
            Effect::Verify { key, algorithm, input, signature } => Kind::Verify {
                key,
                algorithm,
                input: base64url_encode(input),
                signature: base64url_encode(signature),
            },
            Effect::AskHost { name, payload, timeout_ms } => {
                Kind::AskHost { name, payload, timeout_ms: *timeout_ms }
            }
            Effect::Store(StoreOperation::Load { key }) => Kind::Store(Store::Load { key }),
            Effect::Store(StoreOperation::Save { key, value, until }) => {
                Kind::Store(Store::Save { key, value: value.expose(), until: until.millis() })
            }
            Effect::Sleep { until } => Kind::Sleep { until: until.millis() },
        };
        Self { id: id.0, kind }
    }
}

impl<'a> Connection<'a> {
    fn new(connection: &'a crate::http::Connection) -> Self {
        Self {
            direct: connection.direct,
            unix_socket: connection.unix_socket.as_deref(),
            ca: connection.ca.as_deref(),
            server_name: connection.server_name.as_deref(),
            certificate_sha1: connection.certificate_sha1.as_deref(),
        }
    }
}

/// Serializes headers as one object, in their order.
fn header_object<S: Serializer>(
    headers: &RequestHeaders,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(headers)
}

/// Serializes text that is JSON already.
pub(super) fn raw<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    let raw: &RawValue = serde_json::from_str(text).map_err(S::Error::custom)?;
    raw.serialize(serializer)
}
