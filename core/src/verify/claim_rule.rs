//! Rules about single claims, as data.

use crate::json::{Json, Object};
use crate::number;
use crate::scan::{cut, parts};
use crate::{Code, Error};
use alloc::string::String;
use alloc::vec::Vec;

/// Where a claim is: a name, or a JSON pointer (RFC 6901) when it starts with `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimPath(String);

impl ClaimPath {
    /// Reads a path.
    ///
    /// # Errors
    /// `config_invalid` when it is empty or has a `~` that RFC 6901 does not know.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut tildes = parts(text, b'~').skip(1);
        let sound = |tail: &str| matches!(tail.as_bytes().first(), Some(b'0' | b'1'));
        if text.is_empty() || (text.starts_with('/') && !tildes.all(sound)) {
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

    /// The value there.
    #[must_use]
    pub fn find<'c>(&self, claims: &'c Object) -> Option<&'c Json> {
        find(&self.0, claims)
    }
}

/// The value at a path.
pub(super) fn find<'c>(path: &str, claims: &'c Object) -> Option<&'c Json> {
    let Some(pointer) = path.strip_prefix('/') else { return claims.get(path) };
    let mut value: Option<&Json> = None;
    for part in parts(pointer, b'/') {
        let part = unescape(part);
        value = Some(match value {
            None => claims.get(part.as_str()),
            Some(Json::Object(members)) => members.get(part.as_str()),
            Some(Json::List(items)) => items.get(index(&part)?),
            Some(_) => None,
        }?);
    }
    value
}

/// `~1` is a slash and `~0` a tilde (RFC 6901, section 4).
fn unescape(part: &str) -> String {
    let mut text = String::with_capacity(part.len());
    let mut rest = part;
    while let Some((plain, tail)) = cut(rest, b'~') {
        text.push_str(plain);
        text.push(if tail.starts_with('1') { '/' } else { '~' });
        rest = tail.get(1..).unwrap_or_default();
    }
    text.push_str(rest);
    text
}

/// Digits without a leading zero (RFC 6901, section 4).
fn index(part: &str) -> Option<usize> {
    let plain = part == "0" || !part.starts_with('0');
    number::read(part.as_bytes()).filter(|_| plain).and_then(|index| usize::try_from(index).ok())
}

/// What a claim must be.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Requirement {
    /// Exactly this value, of the same JSON type.
    Equals(Json),
    /// One of these values.
    OneOf(Vec<Json>),
    /// A string of this form; see [`glob`].
    Glob(String),
    /// There, or not there, with whatever value.
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

impl ClaimRule {
    /// Checks the rule.
    ///
    /// # Errors
    /// `claim_missing` or `claim_mismatch`.
    pub fn check(&self, claims: &Object) -> Result<(), Error> {
        let value = self.claim.find(claims);
        if let Requirement::Present(wanted) = self.requirement {
            return match (wanted, value) {
                (true, None) => Err(missing(self.claim.as_str())),
                (false, Some(_)) => Err(mismatch(self.claim.as_str())),
                _ => Ok(()),
            };
        }
        let value = value.ok_or_else(|| missing(self.claim.as_str()))?;
        let met = |value: &Json| match &self.requirement {
            Requirement::Equals(wanted) => value == wanted,
            Requirement::OneOf(wanted) => wanted.contains(value),
            Requirement::Glob(pattern) => value.as_text().is_some_and(|text| glob(pattern, text)),
            Requirement::Present(_) => true,
        };
        if met(value) || value.as_list().is_some_and(|items| items.iter().any(met)) {
            Ok(())
        } else {
            Err(mismatch(self.claim.as_str()))
        }
    }
}

pub(super) fn missing(name: &str) -> Error {
    Error::of(Code::ClaimMissing, &["the token has no claim `", name, "`"])
}

pub(super) fn mismatch(name: &str) -> Error {
    let parts = ["the claim `", name, "` does not have a value that the policy allows"];
    Error::of(Code::ClaimMismatch, &parts)
}

/// Whether a text has a form: `*` stands for any run of characters, `?` for one, `\` takes the next character
/// as it is. Takes at most the product of both lengths, whatever the input.
///
/// ```
/// use workload_identity_core::verify::glob;
/// assert!(glob("repo:octo/*:ref:refs/heads/main", "repo:octo/app:ref:refs/heads/main"));
/// assert!(!glob("repo:octo/*", "repo:octopus/app"));
/// assert!(glob(r"100\*", "100*") && !glob(r"100\*", "1000"));
/// ```
#[must_use]
pub fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut wanted, mut at) = (0, 0);
    // Where to go on when the last `*` has to stand for one byte more. Where it ends within a character, only `?` can go on,
    // which could as well have had the whole character.
    let mut retry = None;
    loop {
        let mut next = wanted + 1;
        let fits = match (pattern.get(wanted), text.get(at)) {
            (None, None) => return true,
            (Some(b'*'), _) => {
                wanted = next;
                retry = Some((wanted, at));
                continue;
            }
            (Some(b'?'), Some(_)) => {
                // The rest of the character.
                while text.get(at + 1).is_some_and(|byte| byte & 0xc0 == 0x80) {
                    at += 1;
                }
                true
            }
            (Some(b'\\'), found) => {
                next += 1;
                found.is_some() && pattern.get(wanted + 1) == found
            }
            (one, other) => one == other,
        };
        if fits {
            (wanted, at) = (next, at + 1);
            continue;
        }
        match retry {
            Some((after, start)) if start < text.len() => {
                (wanted, at) = (after, start + 1);
                retry = Some((wanted, at));
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    fn claims() -> Object {
        let text =
            r#"{"sub":"s","n":5,"roles":["a","b"],"x":{"y/z":{"~":[7,8]},"":1},"/odd":2,"t":true}"#;
        parse(text.as_bytes()).unwrap().as_object().unwrap().clone()
    }

    fn find(path: &str) -> Option<Json> {
        ClaimPath::parse(path).unwrap().find(&claims()).cloned()
    }

    #[test]
    fn paths_are_names_or_pointers() {
        assert_eq!(find("n"), Some(Json::Integer(5)));
        assert_eq!(find("/x/y~1z/~0/1"), Some(Json::Integer(8)));
        assert_eq!(find("/x/"), Some(Json::Integer(1)));
        assert_eq!(find("/~1odd"), Some(Json::Integer(2)));
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
    fn requirements_hold_or_not() {
        let check = |claim: &str, requirement| {
            let claim = ClaimPath::parse(claim).unwrap();
            ClaimRule { claim, requirement }.check(&claims()).map_err(|error| error.code)
        };
        let text = |text: &str| Json::Text(text.into());
        assert_eq!(check("sub", Requirement::Equals(text("s"))), Ok(()));
        assert_eq!(check("sub", Requirement::Equals(text("S"))), Err(Code::ClaimMismatch));
        assert_eq!(check("n", Requirement::Equals(text("5"))), Err(Code::ClaimMismatch));
        assert_eq!(check("none", Requirement::Equals(Json::Null)), Err(Code::ClaimMissing));
        assert_eq!(check("roles", Requirement::Equals(text("b"))), Ok(()));
        assert_eq!(
            check("n", Requirement::OneOf(alloc::vec![Json::Null, Json::Integer(5)])),
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

    #[test]
    fn globs_match_as_documented() {
        for (pattern, text) in [
            ("", ""),
            ("*", ""),
            ("a*c", "abbc"),
            ("a*c", "acc"),
            ("*a*b", "xaxbab"),
            ("??", "äö"),
            (r"\*\?\\", r"*?\"),
            ("**", "x"),
        ] {
            assert!(glob(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("", "a"),
            ("a", ""),
            ("a", "A"),
            ("?", ""),
            ("a*c", "ab"),
            (r"\*", "a"),
            (r"\", r"\"),
            ("a*", "ba"),
        ] {
            assert!(!glob(pattern, text), "{pattern} {text}");
        }
        // A pattern that sends a backtracking matcher into exponential time.
        assert!(!glob(&"*a".repeat(30), &"b".repeat(5_000)));
    }
}
