//! The `claims` parameter (OpenID Connect Core, section 5.5) and client capabilities.

use crate::json::{self, Json, Object};
use crate::number;
use crate::{Code, Error};
use alloc::string::{String, ToString};
use alloc::vec;

/// Longest claims text accepted.
const MAX_LENGTH: usize = 32 * 1024;

/// Checks a claims text and merges the capability `cp1` into it when continuous access evaluation is on.
/// `None` when there is nothing to send.
pub(crate) fn merge(claims: Option<&str>, enable_cae: bool) -> Result<Option<String>, Error> {
    let mut members = match claims {
        None => Object::new(),
        Some(text) => parse(text)?,
    };
    if !enable_cae {
        return Ok(claims.map(ToString::to_string));
    }
    if !members.contains_key("access_token") {
        members.insert("access_token".to_string(), Json::Object(Object::new()));
    }
    let Some(Json::Object(token)) = members.get_mut("access_token") else {
        return Err(invalid("`access_token` in the claims is not an object"));
    };
    let mut capability = Object::new();
    capability.insert("values".to_string(), Json::List(vec![Json::Text("cp1".to_string())]));
    token.insert("xms_cc".to_string(), Json::Object(capability));
    let mut text = String::new();
    // Writing fractions exactly takes more code than all of this file, and no claims request has one.
    if !write(&mut text, &Json::Object(members)) {
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

/// Writes a value read by [`json::parse`] back as text, members in alphabetical order. False when it holds a fraction.
fn write(text: &mut String, value: &Json) -> bool {
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
                whole &= write(text, item);
            }
            text.push(']');
        }
        Json::Object(members) => {
            text.push('{');
            for (index, (name, value)) in members.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                text.push_str(&json::text(name));
                text.push(':');
                whole &= write(text, value);
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
