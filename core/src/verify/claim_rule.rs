//! Rules about single claims.

use super::glob;
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde_json::Value;

/// Where a claim is: a name, or a JSON pointer (RFC 6901) when it starts with `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimPath(String);

impl ClaimPath {
    /// Parses a path.
    ///
    /// # Errors
    /// `config_invalid` when it is empty or has a `~` that is no escape of RFC 6901.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut tildes = text.split('~').skip(1);
        let valid = |tail: &str| tail.starts_with(['0', '1']);
        if text.is_empty() || (text.starts_with('/') && !tildes.all(valid)) {
            return Err(Error::new(
                Code::ConfigInvalid,
                "a claim is named by its name or by a JSON pointer such as `/kubernetes.io/namespace`",
            ));
        }
        Ok(Self(String::from(text)))
    }

    /// The path as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value there. `claims` is the payload's object.
    #[must_use]
    pub fn find<'c>(&self, claims: &'c Value) -> Option<&'c Value> {
        find(&self.0, claims)
    }
}

/// The value at a path.
pub(super) fn find<'c>(path: &str, claims: &'c Value) -> Option<&'c Value> {
    if path.starts_with('/') { claims.pointer(path) } else { claims.get(path) }
}

/// What a claim must be.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Requirement {
    /// Exactly this value, of the same JSON type. Integers of up to 64 bits are compared as integers. A number with a
    /// fraction or an exponent, and a larger integer, equals no integer.
    Equals(Value),
    /// One of these values.
    OneOf(Vec<Value>),
    /// A string that matches this pattern; see [`glob()`].
    Glob(String),
    /// Present, or absent, with any value.
    Present(bool),
}

/// A claim and what it must be. A claim that is a list satisfies a requirement if one of its items does.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimRule {
    /// Where the claim is.
    pub claim: ClaimPath,
    /// What it must be.
    pub requirement: Requirement,
}

/// Whether each integer in a value has at most 64 bits. A larger one is read as a double, which stands for many integers.
pub(super) fn has_exact_integers(value: &Value) -> bool {
    match value {
        Value::Number(number) => {
            number.is_i64()
                || number.is_u64()
                || number.as_f64().is_some_and(|double| double.abs() < MIN_INEXACT)
        }
        Value::Array(items) => items.iter().all(has_exact_integers),
        Value::Object(members) => members.values().all(has_exact_integers),
        _ => true,
    }
}

/// 2^63: doubles from here on are integers that may not be the ones that were written.
const MIN_INEXACT: f64 = 9_223_372_036_854_775_808.0;

impl ClaimRule {
    /// Checks the rule. `claims` is the payload's object.
    ///
    /// # Errors
    /// `claim_missing` or `claim_mismatch`.
    pub fn check(&self, claims: &Value) -> Result<(), Error> {
        let rule =
            if self.requirement == Requirement::Present(true) { "require" } else { "claims" };
        self.check_value(claims).map_err(|error| error.of_rule(rule))
    }

    /// The values of which the claim must have one; `None` if the rule lists none.
    pub(super) fn wanted(&self) -> Option<&[Value]> {
        match &self.requirement {
            Requirement::Equals(value) => Some(core::slice::from_ref(value)),
            Requirement::OneOf(values) => Some(values),
            Requirement::Glob(_) | Requirement::Present(_) => None,
        }
    }

    fn check_value(&self, claims: &Value) -> Result<(), Error> {
        let value = self.claim.find(claims);
        if let Requirement::Present(wanted) = self.requirement {
            return match (wanted, value) {
                (true, None) => Err(missing(self.claim.as_str())),
                (false, Some(_)) => Err(mismatch(self.claim.as_str())),
                _ => Ok(()),
            };
        }
        let value = value.ok_or_else(|| missing(self.claim.as_str()))?;
        let met = |value: &Value| match &self.requirement {
            Requirement::Equals(wanted) => value == wanted,
            Requirement::OneOf(wanted) => wanted.contains(value),
            Requirement::Glob(pattern) => value.as_str().is_some_and(|text| glob(pattern, text)),
            Requirement::Present(_) => true,
        };
        if met(value) || value.as_array().is_some_and(|items| items.iter().any(met)) {
            Ok(())
        } else {
            Err(mismatch(self.claim.as_str()))
        }
    }
}

pub(super) fn missing(name: &str) -> Error {
    Error::new(Code::ClaimMissing, format!("the token has no claim `{name}`")).about_claim(name)
}

/// The error about a claim of another type than its document gives it.
pub(super) fn not_text(name: &str) -> Error {
    Error::new(Code::ClaimType, format!("the claim `{name}` is not a string")).about_claim(name)
}

pub(super) fn mismatch(name: &str) -> Error {
    Error::new(
        Code::ClaimMismatch,
        format!("the claim `{name}` does not have a value that the policy allows"),
    )
    .about_claim(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claims() -> Value {
        json!({
            "sub": "s", "n": 5, "roles": ["a", "b"], "x": {"y/z": {"~": [7, 8]}, "": 1}, "/odd": 2, "t": true
        })
    }

    fn find(path: &str) -> Option<Value> {
        ClaimPath::parse(path).unwrap().find(&claims()).cloned()
    }

    #[test]
    fn paths_are_names_or_pointers() {
        assert_eq!(find("n"), Some(Value::from(5)));
        assert_eq!(find("/x/y~1z/~0/1"), Some(Value::from(8)));
        assert_eq!(find("/x/"), Some(Value::from(1)));
        assert_eq!(find("/~1odd"), Some(Value::from(2)));
        for absent in
            ["m", "/x/y", "/roles/2", "/roles/01", "/roles/+1", "/roles/-", "/sub/0", "x/y"]
        {
            assert_eq!(find(absent), None, "{absent}");
        }
        for wrong in ["", "/a~", "/a~2", "/~/x"] {
            assert_eq!(ClaimPath::parse(wrong).unwrap_err().code, Code::ConfigInvalid, "{wrong}");
        }
    }

    #[test]
    fn integers_are_exact() {
        let parse = |text: &str| crate::json::strict::parse(text.as_bytes()).unwrap();
        let equal = |wanted: &str, found: &str| {
            let claim = ClaimPath::parse("n").unwrap();
            let claims = parse(&format!(r#"{{"n":{found}}}"#));
            let one_of = Requirement::OneOf(alloc::vec![Value::Null, parse(wanted)]);
            [Requirement::Equals(parse(wanted)), one_of].map(|requirement| {
                ClaimRule { claim: claim.clone(), requirement }.check(&claims).is_ok()
            })
        };
        let integers = [
            "-9223372036854775808",
            "-9223372036854775807",
            "0",
            "9007199254740992",
            "9007199254740993",
            "9223372036854775807",
            "9223372036854775808",
            "9223372036854775809",
            "18446744073709551614",
            "18446744073709551615",
        ];
        for wanted in integers {
            assert!(has_exact_integers(&parse(wanted)), "{wanted}");
            for found in integers {
                assert_eq!(equal(wanted, found), [wanted == found; 2], "{wanted} {found}");
            }
            for found in ["18446744073709551616", "1.8446744073709552e19", "-9223372036854775809"] {
                assert_eq!(equal(wanted, found), [false; 2], "{wanted} {found}");
            }
        }
        for (wanted, found) in [("0", "-0"), ("-0", "0"), ("-0", "-0")] {
            assert_eq!(equal(wanted, found), [true; 2], "{wanted} {found}");
        }
        for large in ["18446744073709551616", "-9223372036854775809", "1e300", "[{\"a\":1e19}]"] {
            assert!(!has_exact_integers(&parse(large)), "{large}");
        }
        for exact in ["1.5", "-0.25", "[1,{\"a\":2}]", "\"18446744073709551616\""] {
            assert!(has_exact_integers(&parse(exact)), "{exact}");
        }
    }

    #[test]
    fn requirements_hold_or_not() {
        let check = |claim: &str, requirement| {
            let claim = ClaimPath::parse(claim).unwrap();
            ClaimRule { claim, requirement }.check(&claims()).map_err(|error| error.code)
        };
        let text = |text: &str| Value::from(text);
        assert_eq!(check("sub", Requirement::Equals(text("s"))), Ok(()));
        assert_eq!(check("sub", Requirement::Equals(text("S"))), Err(Code::ClaimMismatch));
        assert_eq!(check("n", Requirement::Equals(text("5"))), Err(Code::ClaimMismatch));
        assert_eq!(check("none", Requirement::Equals(Value::Null)), Err(Code::ClaimMissing));
        assert_eq!(check("roles", Requirement::Equals(text("b"))), Ok(()));
        assert_eq!(
            check("n", Requirement::OneOf(alloc::vec![Value::Null, Value::from(5)])),
            Ok(())
        );
        assert_eq!(check("n", Requirement::OneOf(Vec::new())), Err(Code::ClaimMismatch));
        assert_eq!(check("roles", Requirement::Glob("?".into())), Ok(()));
        assert_eq!(check("n", Requirement::Glob("*".into())), Err(Code::ClaimMismatch));
        assert_eq!(check("t", Requirement::Present(true)), Ok(()));
        assert_eq!(check("t", Requirement::Present(false)), Err(Code::ClaimMismatch));
        assert_eq!(check("u", Requirement::Present(false)), Ok(()));
        assert_eq!(check("u", Requirement::Present(true)), Err(Code::ClaimMissing));
    }
}
