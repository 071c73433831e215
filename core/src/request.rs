//! What a caller asks for. Shape: `docs/protocol.md`, section 4.

use crate::config::Members;
use crate::json;
use crate::{Code, Error, Timestamp};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// One call of `get_token`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// What the token is for; `["https://vault.azure.net/.default"]`.
    pub scopes: Vec<String>,
    /// Claims challenge of a resource, decoded.
    pub claims: Option<String>,
    /// Another tenant than the configured one.
    pub tenant_id: Option<String>,
    /// Announce that the caller handles claims challenges (capability `cp1`).
    pub enable_cae: bool,
    /// Do not answer from the cache.
    pub force_refresh: bool,
    /// When the caller stops waiting.
    pub deadline: Option<Timestamp>,
    /// Keeps assertions apart that belong to different callers of one process.
    pub context: Option<String>,
}

impl Request {
    /// A request for one scope.
    #[must_use]
    pub fn new(scope: &str) -> Self {
        Self { scopes: alloc::vec![scope.to_string()], ..Self::default() }
    }

    /// Parses the JSON form.
    ///
    /// # Errors
    /// `request_invalid` names the member that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let read = || {
            let document = json::parse(bytes).map_err(|fault| {
                Error::new(Code::RequestInvalid, alloc::format!("the request is {fault}"))
            })?;
            let members = Members::of(&document, "request.")?;
            members.only(&[
                "scopes",
                "claims",
                "tenant_id",
                "enable_cae",
                "force_refresh",
                "deadline",
                "context",
            ])?;
            let owned = |text: Option<&str>| text.map(ToString::to_string);
            Ok(Self {
                scopes: members.texts("scopes")?.into_iter().map(ToString::to_string).collect(),
                claims: owned(members.text("claims")?),
                tenant_id: owned(members.text("tenant_id")?),
                enable_cae: members.bool("enable_cae")?.unwrap_or(false),
                force_refresh: members.bool("force_refresh")?.unwrap_or(false),
                deadline: members.integer("deadline")?.map(Timestamp::from_millis),
                context: owned(members.text("context")?),
            })
        };
        read().map_err(|mut error: Error| {
            error.code = Code::RequestInvalid;
            error
        })
    }
}
