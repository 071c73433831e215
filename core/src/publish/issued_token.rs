//! The claims of a token that an issuer signs for a workload (RFC 7519, section 4.1).

use super::IssuerUrl;
use crate::entropy::Entropy;
use crate::{Code, Error, Timestamp};
use alloc::format;
use alloc::string::String;
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Value;

/// The longest lifetime: a day, which is Google's limit for workload identity federation.
pub const MAX_LIFETIME_SECONDS: i64 = 24 * 60 * 60;

/// Claims that other members of [`TokenClaims`] set.
const OWN: [(&str, &str); 5] = [
    ("iss", "issuer"),
    ("sub", "subject"),
    ("aud", "audience"),
    ("exp", "lifetime"),
    ("iat", "lifetime"),
];
/// Claims that a caller can replace, or leave out with `null`.
const REPLACEABLE: [&str; 2] = ["nbf", "jti"];

/// What a token says. Its times and its `jti` are added.
#[derive(Clone, Copy, Debug)]
pub struct TokenClaims<'a> {
    /// `iss`
    pub issuer: &'a IssuerUrl,
    /// `sub`
    pub subject: &'a str,
    /// `aud`; one is written as a string, several as a list.
    pub audience: &'a [String],
    /// The time from `iat` to `exp`, in seconds; 1 to [`MAX_LIFETIME_SECONDS`].
    pub lifetime_seconds: i64,
    /// Further claims. `nbf` and `jti` replace those that are added, and `null` leaves them out.
    pub claims: &'a [(String, Value)],
}

impl TokenClaims<'_> {
    /// The claims as JSON, to be signed.
    ///
    /// # Errors
    /// `request_invalid` names the member.
    pub fn to_json(&self, now: Timestamp, entropy: &mut Entropy) -> Result<String, Error> {
        self.check()?;
        let claims = Document { claims: self, now: now.seconds(), id: entropy.uuid() };
        // Text and numbers always have a JSON form.
        Ok(serde_json::to_string(&claims).unwrap_or_default())
    }

    fn check(&self) -> Result<(), Error> {
        if self.subject.is_empty() {
            return Err(invalid("`subject` is empty; name the workload"));
        }
        if self.audience.is_empty() || self.audience.iter().any(String::is_empty) {
            return Err(invalid(
                "`audience` is empty; name the service, such as api://AzureADTokenExchange",
            ));
        }
        if !(1..=MAX_LIFETIME_SECONDS).contains(&self.lifetime_seconds) {
            return Err(invalid("`lifetime` is not between 1 second and 24 hours"));
        }
        for (index, (name, _)) in self.claims.iter().enumerate() {
            if let Some((_, member)) = OWN.iter().find(|(own, _)| own == name) {
                return Err(invalid(&format!("the claim `{name}` is set by `{member}`")));
            }
            if self.claims.iter().take(index).any(|(earlier, _)| earlier == name) {
                return Err(invalid(&format!(
                    "the claim `{}` is given twice",
                    name.escape_debug()
                )));
            }
        }
        Ok(())
    }
}

/// The claims in the order in which they are written.
struct Document<'a> {
    claims: &'a TokenClaims<'a>,
    now: i64,
    id: String,
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let TokenClaims { issuer, subject, audience, lifetime_seconds, claims } = self.claims;
        let given = |name: &str| claims.iter().any(|(own, _)| own == name);
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("iss", issuer.as_str())?;
        members.serialize_entry("sub", subject)?;
        match audience {
            [one] => members.serialize_entry("aud", one)?,
            several => members.serialize_entry("aud", several)?,
        }
        members.serialize_entry("iat", &self.now)?;
        if !given("nbf") {
            members.serialize_entry("nbf", &self.now)?;
        }
        members.serialize_entry("exp", &self.now.saturating_add(*lifetime_seconds))?;
        if !given("jti") {
            members.serialize_entry("jti", &self.id)?;
        }
        for (name, value) in *claims {
            if !(value.is_null() && REPLACEABLE.contains(&name.as_str())) {
                members.serialize_entry(name, value)?;
            }
        }
        members.end()
    }
}

fn invalid(message: &str) -> Error {
    Error::new(Code::RequestInvalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn issuer() -> IssuerUrl {
        IssuerUrl::parse("https://issuer.example").unwrap()
    }

    fn written(
        subject: &str,
        audience: &[&str],
        lifetime_seconds: i64,
        claims: &[(&str, Value)],
    ) -> Result<Value, Error> {
        let audience: alloc::vec::Vec<String> =
            audience.iter().map(|text| (*text).into()).collect();
        let claims: alloc::vec::Vec<(String, Value)> =
            claims.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
        let issuer = issuer();
        let token = TokenClaims {
            issuer: &issuer,
            subject,
            audience: &audience,
            lifetime_seconds,
            claims: &claims,
        };
        let text = token.to_json(Timestamp::from_seconds(1000), &mut Entropy::new([7; 32]))?;
        Ok(serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn times_and_an_identifier_are_added() {
        let claims = written("s", &["a"], 60, &[("role", json!(["x"]))]).unwrap();
        assert_eq!(claims["jti"].as_str().map(str::len), Some(36));
        let expected = json!({
            "iss": "https://issuer.example", "sub": "s", "aud": "a", "iat": 1000, "nbf": 1000,
            "exp": 1060, "jti": claims["jti"], "role": ["x"],
        });
        assert_eq!(claims, expected);
        assert_eq!(written("s", &["a", "b"], 60, &[]).unwrap()["aud"], json!(["a", "b"]));
    }

    #[test]
    fn some_claims_can_be_replaced() {
        let claims = written("s", &["a"], 60, &[("nbf", json!(5)), ("jti", Value::Null)]).unwrap();
        assert_eq!((&claims["nbf"], claims.get("jti")), (&json!(5), None));
        let claims = written("s", &["a"], 60, &[("other", Value::Null)]).unwrap();
        assert_eq!(claims.get("other"), Some(&Value::Null));
    }

    #[test]
    fn wrong_members_are_named() {
        for (result, word) in [
            (written("", &["a"], 60, &[]), "`subject`"),
            (written("s", &[], 60, &[]), "`audience`"),
            (written("s", &["a", ""], 60, &[]), "`audience`"),
            (written("s", &["a"], 0, &[]), "`lifetime`"),
            (written("s", &["a"], 86_401, &[]), "`lifetime`"),
            (written("s", &["a"], i64::MIN, &[]), "`lifetime`"),
            (written("s", &["a"], 60, &[("sub", json!("x"))]), "`subject`"),
            (written("s", &["a"], 60, &[("exp", json!(1))]), "`lifetime`"),
            (written("s", &["a"], 60, &[("x", json!(1)), ("x", json!(2))]), "twice"),
        ] {
            let error = result.unwrap_err();
            assert_eq!(error.code, Code::RequestInvalid);
            assert!(error.message.contains(word), "{}", error.message);
        }
    }
}
