//! A call of a transcript with what it returned. Members are written in the order of the fields.

use serde::Serialize;
use serde_json::value::RawValue;

/// One line of `calls`.
#[derive(Serialize)]
#[serde(tag = "call", rename_all = "snake_case")]
pub(crate) enum RecordedCall<'a> {
    New {
        error: &'a RawValue,
    },
    Client {
        config: &'a RawValue,
        #[serde(skip_serializing_if = "Option::is_none")]
        client: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<&'a RawValue>,
    },
    Begin {
        #[serde(skip_serializing_if = "Option::is_none")]
        client: Option<u64>,
        request: &'a RawValue,
        ticket: u64,
    },
    Poll {
        ticket: u64,
        now: i64,
        step: &'a RawValue,
    },
    Resolve {
        effect: u64,
        kind: &'a str,
        status: u32,
        head: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        body: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        body_base64: Option<String>,
        now: i64,
        wake: u64,
    },
    End {
        ticket: u64,
        wake: u64,
    },
    Check {
        token: &'a str,
        now: i64,
        step: &'a RawValue,
    },
    Signature {
        verification: u64,
        signature: &'a str,
    },
    Jwk {
        verification: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        jwk: Option<&'a RawValue>,
    },
    Complete {
        verification: u64,
        result: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<&'a RawValue>,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<&'a RawValue>,
    },
    Snapshot {
        now: i64,
        snapshot: &'a RawValue,
    },
    Load {
        snapshot: &'a RawValue,
        now: i64,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<&'a RawValue>,
    },
}

impl RecordedCall<'_> {
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("JSON")
    }
}

/// JSON text that is written unchanged.
pub(crate) fn raw(text: &str) -> &RawValue {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
