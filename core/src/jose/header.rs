//! The protected header of a token (RFC 7515, section 4), reduced to what may influence us.

use crate::json::RawMembers;
use crate::{Code, Error};
use alloc::string::String;

/// Longest `kid` that is looked up.
const MAX_KEY_ID_BYTES: usize = 1024;

/// A header whose members have the right types and that asks for nothing we do not do.
///
/// `jwk`, `jku`, `x5u` and `x5c` are read by nobody: a token never brings its own key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    /// `alg` as it stands in the token; not yet known to be an algorithm.
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
    /// There is a `nonce`: Microsoft's own resources get such tokens, which nobody else can verify.
    pub has_nonce: bool,
    /// There is nothing but `alg`, `kid` and `typ`.
    pub is_plain: bool,
}

impl Header {
    /// Reads the members.
    ///
    /// # Errors
    /// `malformed` for a missing or mistyped member or a nested token, `crit_unsupported` for `crit` or
    /// `b64` of any shape (RFC 7515, section 4.1.11; RFC 7797, section 3).
    pub fn read(members: &RawMembers<'_>) -> Result<Self, Error> {
        if members.contains("crit") || members.contains("b64") {
            return Err(Error::new(
                Code::CritUnsupported,
                "the token's header has `crit` or `b64`, which no issuer we know needs",
            ));
        }
        let algorithm_name = text(members, "alg")?
            .ok_or_else(|| Error::new(Code::Malformed, "the token's header has no `alg`"))?;
        let kid = text(members, "kid")?;
        if kid.as_ref().is_some_and(|kid| kid.len() > MAX_KEY_ID_BYTES) {
            return Err(Error::new(Code::Malformed, "the token's `kid` is longer than 1 KiB"));
        }
        if text(members, "cty")?.is_some_and(|cty| media_type(&cty).eq_ignore_ascii_case("jwt")) {
            return Err(Error::new(Code::Malformed, "the token contains another token"));
        }
        Ok(Self {
            algorithm_name,
            kid,
            typ: text(members, "typ")?,
            x5t: text(members, "x5t")?,
            client: text(members, "client")?,
            signer: text(members, "signer")?,
            has_nonce: members.contains("nonce"),
            is_plain: members.names().all(|name| matches!(&*name, "alg" | "kid" | "typ")),
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

fn text(members: &RawMembers<'_>, name: &str) -> Result<Option<String>, Error> {
    match members.text(name) {
        None => Ok(None),
        Some(Some(value)) => Ok(Some(value.into_owned())),
        Some(None) => {
            Err(Error::of(Code::Malformed, &["`", name, "` of the token's header is not a string"]))
        }
    }
}
