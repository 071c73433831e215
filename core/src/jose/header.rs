//! The protected header of a token (RFC 7515, section 4), reduced to what may influence us.

use crate::json::{Json, Object};
use crate::{Code, Error};
use alloc::string::String;

/// Longest `kid` that is looked up.
const MAX_KEY_ID_BYTES: usize = 1024;

/// A header whose members have the right types and that asks for nothing we do not do.
///
/// `jwk`, `jku`, `x5u` and `x5c` are read by nobody: a token never brings its own key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// `alg` as it stands in the token; not yet known to be an algorithm.
    pub algorithm_name: String,
    /// `kid`
    pub kid: Option<String>,
    /// `typ`
    pub typ: Option<String>,
}

impl Header {
    /// Reads the members.
    ///
    /// # Errors
    /// `malformed` for a missing or mistyped member or a nested token, `crit_unsupported` for `crit` or
    /// `b64` of any shape (RFC 7515, section 4.1.11; RFC 7797, section 3).
    pub fn read(members: &Object) -> Result<Self, Error> {
        if members.contains_key("crit") || members.contains_key("b64") {
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
        if text(members, "cty")?.is_some_and(|cty| cty.eq_ignore_ascii_case("jwt")) {
            return Err(Error::new(Code::Malformed, "the token contains another token"));
        }
        Ok(Self { algorithm_name, kid, typ: text(members, "typ")? })
    }
}

fn text(members: &Object, name: &str) -> Result<Option<String>, Error> {
    match members.get(name) {
        None => Ok(None),
        Some(Json::Text(value)) => Ok(Some(value.clone())),
        Some(_) => Err(Error::new(
            Code::Malformed,
            alloc::format!("`{name}` of the token's header is not a string"),
        )),
    }
}
