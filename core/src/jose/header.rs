//! The protected header of a token (RFC 7515, section 4), as far as it affects verification.

use super::member::{self, Member, Members};
use crate::json::JsonError;
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;

/// Longest `kid` that is accepted.
const MAX_KEY_ID_BYTES: usize = 1024;
/// Deepest nesting of a header. Headers in use are nested far less.
pub(super) const MAX_HEADER_DEPTH: usize = 32;

/// A header whose members have the right types and that uses no extension.
///
/// `jwk`, `jku`, `x5u` and `x5c` are never used: a token must not bring its own key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    /// `alg` as the token spells it; not yet known to be an algorithm.
    pub algorithm_name: String,
    /// `kid`
    pub kid: Option<String>,
    /// `typ`
    pub typ: Option<String>,
    /// `x5t`, the SHA-1 of a certificate: a name, not a proof.
    pub x5t: Option<String>,
    /// `client`, in tokens of an AWS load balancer.
    pub client: Option<String>,
    /// `signer`, in tokens of an AWS load balancer.
    pub signer: Option<String>,
    /// Whether there is a `nonce`. Microsoft's own resources get such tokens, which no other party can verify.
    pub has_nonce: bool,
    /// Whether `alg`, `kid` and `typ` are the only members.
    pub is_plain: bool,
}

/// The members of a header before their types are checked.
#[derive(Debug, Default)]
pub(super) struct HeaderMembers {
    pub(super) alg: Option<Member>,
    pub(super) kid: Option<Member>,
    pub(super) typ: Option<Member>,
    cty: Option<Member>,
    x5t: Option<Member>,
    client: Option<Member>,
    signer: Option<Member>,
    has_extension: bool,
    has_nonce: bool,
    has_more: bool,
}

impl Members for HeaderMembers {
    fn slot(&mut self, name: &str) -> Option<&mut Option<Member>> {
        let slot = match name {
            "alg" => return Some(&mut self.alg),
            "kid" => return Some(&mut self.kid),
            "typ" => return Some(&mut self.typ),
            "cty" => Some(&mut self.cty),
            "x5t" => Some(&mut self.x5t),
            "client" => Some(&mut self.client),
            "signer" => Some(&mut self.signer),
            _ => None,
        };
        self.has_more = true;
        self.has_extension |= matches!(name, "crit" | "b64");
        self.has_nonce |= name == "nonce";
        slot
    }
}

impl HeaderMembers {
    pub(super) fn read(text: &str) -> Result<Self, JsonError> {
        member::read(text, MAX_HEADER_DEPTH)
    }
}

impl Header {
    /// Checks the members.
    ///
    /// # Errors
    /// `malformed` for a missing or mistyped member or a nested token, `crit_unsupported` for `crit` or
    /// `b64` of any type (RFC 7515, section 4.1.11; RFC 7797, section 3).
    pub(super) fn new(members: HeaderMembers) -> Result<Self, Error> {
        if members.has_extension {
            return Err(Error::new(
                Code::CritUnsupported,
                "the token's header has `crit` or `b64`, which no supported issuer needs",
            ));
        }
        let algorithm_name = text("alg", members.alg)?
            .ok_or_else(|| Error::new(Code::Malformed, "the token's header has no `alg`"))?;
        let kid = text("kid", members.kid)?;
        if kid.as_ref().is_some_and(|kid| kid.len() > MAX_KEY_ID_BYTES) {
            return Err(Error::new(Code::Malformed, "the token's `kid` is longer than 1 KiB"));
        }
        let cty = text("cty", members.cty)?;
        if cty.is_some_and(|cty| media_type(&cty).eq_ignore_ascii_case("jwt")) {
            return Err(Error::new(Code::Malformed, "the token contains another token"));
        }
        Ok(Self {
            algorithm_name,
            kid,
            typ: text("typ", members.typ)?,
            x5t: text("x5t", members.x5t)?,
            client: text("client", members.client)?,
            signer: text("signer", members.signer)?,
            has_nonce: members.has_nonce,
            is_plain: !members.has_more,
        })
    }

    /// `typ` without `application/`, which may be left out (RFC 7515, section 4.1.9).
    #[must_use]
    pub fn media_type(&self) -> Option<&str> {
        self.typ.as_deref().map(media_type)
    }
}

fn media_type(text: &str) -> &str {
    const PREFIX: &str = "application/";
    match text.split_at_checked(PREFIX.len()) {
        Some((start, rest)) if start.eq_ignore_ascii_case(PREFIX) => rest,
        _ => text,
    }
}

fn text(name: &str, member: Option<Member>) -> Result<Option<String>, Error> {
    match member {
        None => Ok(None),
        Some(Member::Text(text)) => Ok(Some(text)),
        Some(_) => Err(Error::new(
            Code::Malformed,
            format!("`{name}` of the token's header is not a string"),
        )),
    }
}
