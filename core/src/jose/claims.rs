//! The payload of a token: the registered claims (RFC 7519, section 4.1), typed, and the claims of Entra's issuers.

use super::member::{self, Member, Members};
use crate::json::{JsonError, strict};
use crate::{Code, Error, Timestamp};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Largest number of seconds, and smallest when negated, that an IEEE 754 double holds exactly.
const MAX_SECONDS: f64 = 9_007_199_254_740_992.0;

/// The registered claims that are present, each with the type the RFC gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RegisteredClaims {
    /// `iss`
    pub issuer: Option<String>,
    /// `sub`
    pub subject: Option<String>,
    /// `aud`, one or several; empty when absent.
    pub audience: Vec<String>,
    /// `exp`
    pub expires: Option<Timestamp>,
    /// `nbf`
    pub not_before: Option<Timestamp>,
    /// `iat`
    pub issued_at: Option<Timestamp>,
    /// `jti`
    pub id: Option<String>,
}

/// The claims that tell Entra's issuers apart, beside the registered ones.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct EntraClaims {
    tid: Option<Member>,
    ver: Option<Member>,
    /// Which of [`Self::GUARDED`] stands in the payload in another spelling.
    misspelled: [bool; 3],
}

/// The claims of a payload that every verification reads.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Claims {
    pub(crate) registered: RegisteredClaims,
    pub(crate) entra: EntraClaims,
}

/// The members of a payload before their types are checked.
#[derive(Debug, Default)]
pub(super) struct ClaimMembers {
    iss: Option<Member>,
    sub: Option<Member>,
    aud: Option<Member>,
    exp: Option<Member>,
    nbf: Option<Member>,
    iat: Option<Member>,
    jti: Option<Member>,
    entra: EntraClaims,
}

impl Members for ClaimMembers {
    fn slot(&mut self, name: &str) -> Option<&mut Option<Member>> {
        Some(match name {
            "iss" => &mut self.iss,
            "sub" => &mut self.sub,
            "aud" => &mut self.aud,
            "exp" => &mut self.exp,
            "nbf" => &mut self.nbf,
            "iat" => &mut self.iat,
            "jti" => &mut self.jti,
            "tid" => &mut self.entra.tid,
            "ver" => &mut self.entra.ver,
            other => {
                for (guarded, found) in EntraClaims::GUARDED.iter().zip(&mut self.entra.misspelled)
                {
                    *found |= other.eq_ignore_ascii_case(guarded);
                }
                return None;
            }
        })
    }
}

impl ClaimMembers {
    pub(super) fn read(text: &str) -> Result<Self, JsonError> {
        member::read(text, strict::MAX_DEPTH)
    }
}

impl Claims {
    /// Checks the types.
    ///
    /// # Errors
    /// `claim_type` when a registered claim has another type: a string of digits is not a date, a list is not an issuer,
    /// an empty list is not an audience.
    pub(super) fn new(members: ClaimMembers) -> Result<Self, Error> {
        let registered = RegisteredClaims {
            issuer: text("iss", members.iss)?,
            subject: text("sub", members.sub)?,
            audience: audience(members.aud)?,
            expires: instant("exp", members.exp)?,
            not_before: instant("nbf", members.nbf)?,
            issued_at: instant("iat", members.iat)?,
            id: text("jti", members.jti)?,
        };
        Ok(Self { registered, entra: members.entra })
    }
}

impl EntraClaims {
    /// Claims that must not appear in another spelling as well, because lenient readers would take it for the claim.
    const GUARDED: [&'static str; 3] = ["tid", "iss", "aud"];

    /// The first claim that the payload also has in another spelling (`TID`).
    pub(crate) fn misspelled(&self) -> Option<&'static str> {
        let mut pairs = Self::GUARDED.into_iter().zip(self.misspelled);
        pairs.find_map(|(name, found)| found.then_some(name))
    }

    /// `tid`, the tenant: `Some(None)` if it is not a string.
    pub(crate) fn tenant(&self) -> Option<Option<&str>> {
        self.tid.as_ref().map(Member::as_text)
    }

    /// `ver`, the version of the token's format: `Some(None)` if it is not a string.
    pub(crate) fn version(&self) -> Option<Option<&str>> {
        self.ver.as_ref().map(Member::as_text)
    }
}

fn text(name: &str, member: Option<Member>) -> Result<Option<String>, Error> {
    match member {
        None => Ok(None),
        Some(Member::Text(text)) => Ok(Some(text)),
        Some(_) => Err(wrong(name, "a string")),
    }
}

fn audience(member: Option<Member>) -> Result<Vec<String>, Error> {
    match member {
        None => Ok(Vec::new()),
        Some(Member::Text(text)) => Ok(alloc::vec![text]),
        Some(Member::Texts(texts)) if !texts.is_empty() => Ok(texts),
        Some(_) => Err(wrong("aud", "a string or a list of strings")),
    }
}

/// A NumericDate: seconds, with or without a fraction (RFC 7519, section 2).
fn instant(name: &str, member: Option<Member>) -> Result<Option<Timestamp>, Error> {
    let seconds = match member {
        None => return Ok(None),
        Some(Member::Number(seconds)) => seconds,
        Some(_) => return Err(wrong(name, "a number")),
    };
    if !(-MAX_SECONDS..=MAX_SECONDS).contains(&seconds) {
        return Err(wrong(name, "a number of seconds"));
    }
    // `as` rounds towards zero and saturates; the range is checked above.
    Ok(Some(Timestamp::from_millis((seconds * 1000.0) as i64)))
}

fn wrong(name: &str, wanted: &str) -> Error {
    Error::new(Code::ClaimType, format!("the claim `{name}` is not {wanted}")).about_claim(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(text: &str) -> Result<Claims, Error> {
        Claims::new(ClaimMembers::read(text).unwrap())
    }

    fn read(text: &str) -> Result<RegisteredClaims, Error> {
        claims(text).map(|claims| claims.registered)
    }

    #[test]
    fn dates_may_have_fractions() {
        let claims = read(r#"{"exp":1700000000.5,"nbf":1.7e9,"iat":-5}"#).unwrap();
        assert_eq!(claims.expires.map(Timestamp::millis), Some(1_700_000_000_500));
        assert_eq!(claims.not_before.map(Timestamp::millis), Some(1_700_000_000_000));
        assert_eq!(claims.issued_at.map(Timestamp::millis), Some(0));
    }

    #[test]
    fn audience_is_a_string_or_a_list() {
        assert_eq!(read(r#"{"aud":"a"}"#).unwrap().audience, ["a"]);
        assert_eq!(read(r#"{"aud":["a","b"]}"#).unwrap().audience, ["a", "b"]);
    }

    #[test]
    fn every_other_type_is_refused() {
        let never = ["null", "true", "{}", "[1]"];
        for value in never.iter().chain(&["1", "[\"a\"]"]) {
            for name in ["iss", "sub", "jti"] {
                assert_eq!(
                    read(&format!("{{\"{name}\":{value}}}")).unwrap_err().code,
                    Code::ClaimType
                );
            }
        }
        for value in never.iter().chain(&["\"1\"", "1e300", "-1e17", "18446744073709551615"]) {
            for name in ["exp", "nbf", "iat"] {
                assert_eq!(
                    read(&format!("{{\"{name}\":{value}}}")).unwrap_err().code,
                    Code::ClaimType,
                    "{name} {value}"
                );
            }
        }
        for value in never.iter().chain(&["1", "[]", "[\"a\",1]"]) {
            assert_eq!(read(&format!("{{\"aud\":{value}}}")).unwrap_err().code, Code::ClaimType);
        }
    }

    #[test]
    fn claims_of_entra_are_read_beside() {
        let found = claims(r#"{"tid":"t","ver":2,"Iss":"x","\u0041ud":"y"}"#).unwrap().entra;
        assert_eq!((found.tenant(), found.version()), (Some(Some("t")), Some(None)));
        assert_eq!(found.misspelled(), Some("iss"));
        let found = claims(r#"{"iss":"i","aud":"a"}"#).unwrap().entra;
        assert_eq!((found.tenant(), found.version(), found.misspelled()), (None, None, None));
    }
}
