//! The registered claims (RFC 7519, section 4.1), typed.

use crate::json::{Json, RawMembers};
use crate::{Code, Error, Timestamp};
use alloc::string::String;
use alloc::vec::Vec;

/// Largest number of seconds, and smallest when negated, that every JSON reader carries exactly.
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

impl RegisteredClaims {
    /// Reads them.
    ///
    /// # Errors
    /// `claim_type` when one has another type: no string of digits is a date, no list is an issuer, no
    /// empty list is an audience.
    pub fn read(claims: &RawMembers<'_>) -> Result<Self, Error> {
        Ok(Self {
            issuer: text(claims, "iss")?,
            subject: text(claims, "sub")?,
            audience: audience(claims)?,
            expires: instant(claims, "exp")?,
            not_before: instant(claims, "nbf")?,
            issued_at: instant(claims, "iat")?,
            id: text(claims, "jti")?,
        })
    }
}

fn text(claims: &RawMembers<'_>, name: &str) -> Result<Option<String>, Error> {
    match claims.text(name) {
        None => Ok(None),
        Some(Some(value)) => Ok(Some(value.into_owned())),
        Some(None) => Err(wrong(name, "a string")),
    }
}

fn audience(claims: &RawMembers<'_>) -> Result<Vec<String>, Error> {
    let wanted = "a string or a list of strings";
    match claims.text("aud") {
        None => return Ok(Vec::new()),
        Some(Some(value)) => return Ok(alloc::vec![value.into_owned()]),
        Some(None) => {}
    }
    match claims.get("aud") {
        Some(Json::List(items)) if !items.is_empty() => items
            .into_iter()
            .map(|item| match item {
                Json::Text(value) => Ok(value),
                _ => Err(wrong("aud", wanted)),
            })
            .collect(),
        _ => Err(wrong("aud", wanted)),
    }
}

/// A NumericDate: seconds, with or without a fraction (RFC 7519, section 2).
fn instant(claims: &RawMembers<'_>, name: &str) -> Result<Option<Timestamp>, Error> {
    let seconds = match claims.number(name) {
        None => return Ok(None),
        Some(Some(seconds)) => seconds,
        Some(None) => return Err(wrong(name, "a number")),
    };
    if !(-MAX_SECONDS..=MAX_SECONDS).contains(&seconds) {
        return Err(wrong(name, "a number of seconds"));
    }
    // `as` rounds towards zero and saturates; the range is checked above.
    Ok(Some(Timestamp::from_millis((seconds * 1000.0) as i64)))
}

fn wrong(name: &str, wanted: &str) -> Error {
    Error::of(Code::ClaimType, &["the claim `", name, "` is not ", wanted])
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    fn read(text: &str) -> Result<RegisteredClaims, Error> {
        RegisteredClaims::read(&RawMembers::read_text(text).unwrap())
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
}
