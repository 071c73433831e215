//! A request for an access token. JSON form: `docs/protocol.md`, section 4.

use crate::json::config::Document;
use crate::json::non_empty::strings;
use crate::{Error, Timestamp};
use alloc::string::String;
use alloc::vec::Vec;
use serde::Deserialize;

/// One call of `get_token`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The scopes of the token: `["https://vault.azure.net/.default"]`.
    pub scopes: Vec<String>,
    /// Claims challenge of a resource, decoded.
    pub claims: Option<String>,
    /// Another tenant than the configured one.
    pub tenant_id: Option<String>,
    /// Announces that the caller handles claims challenges (capability `cp1`).
    pub enable_cae: bool,
    /// Bypasses the cache.
    pub force_refresh: bool,
    /// When the caller stops waiting.
    pub deadline: Option<Timestamp>,
    /// Separates the assertions and tokens of different callers of one process.
    pub context: Option<String>,
    /// Path of a federated managed identity (FMI) that the token is for; Entra only.
    pub fmi_path: Option<String>,
}

/// The JSON form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestForm {
    #[serde(default, deserialize_with = "strings")]
    scopes: Vec<String>,
    claims: Option<String>,
    tenant_id: Option<String>,
    enable_cae: Option<bool>,
    force_refresh: Option<bool>,
    deadline: Option<i64>,
    context: Option<String>,
    fmi_path: Option<String>,
}

impl Request {
    /// A request for one scope.
    #[must_use]
    pub fn new(scope: &str) -> Self {
        Self { scopes: Vec::from([String::from(scope)]), ..Self::default() }
    }

    /// Parses the JSON form.
    ///
    /// # Errors
    /// `request_invalid` names the member that is wrong.
    ///
    /// ```
    /// use workload_identity_core::Request;
    /// let request = Request::parse(br#"{"scopes": ["https://vault.azure.net/.default"]}"#);
    /// assert!(request.is_ok());
    /// let error = Request::parse(br#"{"scope": "x"}"#).unwrap_err();
    /// assert_eq!(error.message, "`scope` is not a member of the request");
    /// ```
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let form: RequestForm = Document::REQUEST.read(bytes)?;
        Ok(Self {
            scopes: form.scopes,
            claims: form.claims,
            tenant_id: form.tenant_id,
            enable_cae: form.enable_cae.unwrap_or_default(),
            force_refresh: form.force_refresh.unwrap_or_default(),
            deadline: form.deadline.map(Timestamp::from_millis),
            context: form.context,
            fmi_path: form.fmi_path,
        })
    }
}
