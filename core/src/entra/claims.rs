//! The `claims` parameter (OpenID Connect Core, section 5.5) and client capabilities.

use crate::json::{self, Json, Object};
use crate::number;
use crate::{Code, Error};
use alloc::string::String;

/// Longest claims text accepted.
const MAX_LENGTH: usize = 32 * 1024;
/// What is said of `xms_cc`.
const CAPABILITY: &str = r#"{"values":["cp1"]}"#;
static EMPTY: Json = Json::Object(Object::new());

/// Checks a claims text and merges the capability `cp1` into it when continuous access evaluation is on.
/// `None` when there is nothing to send.
pub(crate) fn merge(claims: Option<&str>, enable_cae: bool) -> Result<Option<String>, Error> {
    let members = match claims {
        None => Object::new(),
        Some(text) => parse(text)?,
    };
    if !enable_cae {
        return Ok(claims.map(String::from));
    }
    if members.get("access_token").is_some_and(|token| token.as_object().is_none()) {
        return Err(invalid("`access_token` in the claims is not an object"));
    }
    let mut text = String::new();
    // Writing fractions exactly takes more code than all of this file, and no claims request has one.
    if !write(&mut text, &Json::Object(members), Some(&["access_token", "xms_cc"])) {
        return Err(invalid("a number in the claims is not a 64-bit integer"));
    }
    Ok(Some(text))
}

fn parse(text: &str) -> Result<Object, Error> {
    if text.len() > MAX_LENGTH {
        return Err(invalid("the claims are longer than 32 KiB"));
    }
    match json::parse(text.as_bytes()) {
        Ok(Json::Object(members)) => Ok(members),
        _ => Err(invalid(
            "the claims are not a JSON object; pass the decoded `claims` of the challenge unchanged",
        )),
    }
}

fn invalid(message: &str) -> Error {
    Error::new(Code::ClaimsInvalid, message)
}

/// Writes a value read by [`json::parse`] back as text, members in alphabetical order, and the capability where the path
/// ends. False when it holds a fraction.
fn write(text: &mut String, value: &Json, path: Option<&[&str]>) -> bool {
    if matches!(path, Some([])) {
        text.push_str(CAPABILITY);
        return true;
    }
    let mut whole = true;
    match value {
        Json::Null => text.push_str("null"),
        Json::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Json::Integer(value) => number::write(text, *value),
        Json::Number(_) => whole = false,
        Json::Text(value) => text.push_str(&json::text(value)),
        Json::List(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                whole &= write(text, item, None);
            }
            text.push(']');
        }
        Json::Object(members) => {
            text.push('{');
            let start = text.len();
            let mut member = |name: &str, value: &Json, path| {
                if text.len() > start {
                    text.push(',');
                }
                text.push_str(&json::text(name));
                text.push(':');
                whole &= write(text, value, path);
            };
            let mut due = path.and_then(<[&str]>::split_first);
            for (name, value) in members.iter() {
                if let Some((wanted, rest)) = due.filter(|(wanted, _)| name.as_str() >= **wanted) {
                    due = None;
                    if name == wanted {
                        member(name, value, Some(rest));
                        continue;
                    }
                    member(wanted, &EMPTY, Some(rest));
                }
                member(name, value, None);
            }
            if let Some((wanted, rest)) = due {
                member(wanted, &EMPTY, Some(rest));
            }
            text.push('}');
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capability_is_merged() {
        assert_eq!(merge(None, false), Ok(None));
        assert_eq!(
            merge(None, true).unwrap().as_deref(),
            Some(r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#)
        );
        assert_eq!(
            merge(Some(r#"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#), true)
                .unwrap()
                .as_deref(),
            Some(
                r#"{"access_token":{"nbf":{"essential":true,"value":"1"},"xms_cc":{"values":["cp1"]}}}"#
            )
        );
        // Members keep their order around it; what was said of the capability is replaced.
        assert_eq!(
            merge(
                Some(r#"{"userinfo":{},"a":[1,{}],"access_token":{"z":1,"xms_cc":1,"b":null}}"#),
                true
            )
            .unwrap()
            .as_deref(),
            Some(
                r#"{"a":[1,{}],"access_token":{"b":null,"xms_cc":{"values":["cp1"]},"z":1},"userinfo":{}}"#
            )
        );
        assert_eq!(
            merge(Some(r#"{"b":1,"a":2}"#), true).unwrap().as_deref(),
            Some(r#"{"a":2,"access_token":{"xms_cc":{"values":["cp1"]}},"b":1}"#)
        );
    }

    #[test]
    fn what_is_not_an_object_is_refused() {
        for bad in ["", "[]", "1", "{", r#"{"a":1,"a":2}"#] {
            assert_eq!(merge(Some(bad), false).unwrap_err().code, Code::ClaimsInvalid, "{bad}");
        }
        assert_eq!(merge(Some(r#"{"a":1.5}"#), true).unwrap_err().code, Code::ClaimsInvalid);
        assert_eq!(
            merge(Some(r#"{"access_token":1}"#), true).unwrap_err().code,
            Code::ClaimsInvalid
        );
    }
}
