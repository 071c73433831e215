//! The `claims` parameter (OpenID Connect Core, section 5.5), which answers a claims challenge, and client capabilities.

use crate::json::strict;
use crate::{Code, Error};
use alloc::string::{String, ToString};
use serde_json::{Map, Value, json};

/// Longest claims text accepted.
const MAX_LENGTH: usize = 32 * 1024;

/// The capability that a client announces which handles claims challenges.
pub(crate) const CAPABILITY: &str = "cp1";

/// Checks a claims text and, with continuous access evaluation, adds [`CAPABILITY`] to it.
/// Returns `None` when there is nothing to send.
pub(crate) fn merge(claims: Option<&str>, enable_cae: bool) -> Result<Option<String>, Error> {
    let mut members = claims.map(parse).transpose()?.unwrap_or_default();
    if !enable_cae {
        return Ok(claims.map(String::from));
    }
    if !members.values().all(is_exact) {
        return Err(invalid("a number in the claims is not a 64-bit integer"));
    }
    let access_token = members.entry("access_token").or_insert_with(|| json!({}));
    let Value::Object(access_token) = access_token else {
        return Err(invalid("`access_token` in the claims is not an object"));
    };
    access_token.insert("xms_cc".into(), json!({"values": [CAPABILITY]}));
    Ok(Some(Value::Object(members).to_string()))
}

fn parse(text: &str) -> Result<Map<String, Value>, Error> {
    if text.len() > MAX_LENGTH {
        return Err(invalid("the claims are longer than 32 KiB"));
    }
    match strict::parse(text.as_bytes()) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(invalid(
            "the claims are not a JSON object; pass the decoded `claims` of the challenge unchanged",
        )),
    }
}

/// Whether the value is written as it was read: other numbers may be rounded.
fn is_exact(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_i64(),
        Value::Array(items) => items.iter().all(is_exact),
        Value::Object(members) => members.values().all(is_exact),
        _ => true,
    }
}

fn invalid(message: &str) -> Error {
    Error::new(Code::ClaimsInvalid, message)
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
        // Members keep their order around it; an earlier value of the capability is replaced.
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
