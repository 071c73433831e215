//! What a caller asks for. Shape: `docs/protocol.md`, section 4.

use crate::shape::{Kind, Members, Shape, document};
use crate::{Code, Error, Timestamp};
use alloc::string::String;
use alloc::vec::Vec;

const SHAPE: Shape = Shape {
    code: Code::RequestInvalid,
    not_an_object: "`request` is not an object",
    place: "request.",
    members: &[
        ("scopes", Kind::Texts),
        ("claims", Kind::Text),
        ("tenant_id", Kind::Text),
        ("enable_cae", Kind::Flag),
        ("force_refresh", Kind::Flag),
        ("deadline", Kind::Integer),
        ("context", Kind::Text),
    ],
};

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
        Self { scopes: Vec::from([String::from(scope)]), ..Self::default() }
    }

    /// Parses the JSON form.
    ///
    /// # Errors
    /// `request_invalid` names the member that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let document = document(bytes, SHAPE.code, "request")?;
        SHAPE.check(&document)?;
        let members = Members(&document);
        let mut scopes = Vec::new();
        members.texts("scopes", &mut scopes);
        Ok(Self {
            scopes,
            claims: members.text("claims").cloned(),
            tenant_id: members.text("tenant_id").cloned(),
            enable_cae: members.flag("enable_cae"),
            force_refresh: members.flag("force_refresh"),
            deadline: members.integer("deadline").map(Timestamp::from_millis),
            context: members.text("context").cloned(),
        })
    }
}
