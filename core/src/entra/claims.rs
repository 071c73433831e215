//! The `claims` parameter (OpenID Connect Core, section 5.5) and client capabilities.

use crate::json::{self, Json, Object};
use crate::{Code, Error};
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

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
    write(&Json::Object(members)).map(Some)
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

/// Writes a value read by [`json::parse`] back as text, members in alphabetical order.
fn write(value: &Json) -> Result<String, Error> {
    Ok(match value {
        Json::Null => "null".to_string(),
        Json::Bool(value) => value.to_string(),
        Json::Integer(value) => value.to_string(),
        // Writing fractions exactly takes more code than all of this file, and no claims request has one.
        Json::Number(_) => return Err(invalid("a number in the claims is not a 64-bit integer")),
        Json::Text(text) => json::text(text),
        Json::List(items) => {
            let items = items.iter().map(write).collect::<Result<Vec<String>, Error>>()?;
            alloc::format!("[{}]", items.join(","))
        }
        Json::Object(members) => {
            let mut written = Vec::with_capacity(members.len());
            for (name, value) in members.iter() {
                written.push(alloc::format!("{}:{}", json::text(name), write(value)?));
            }
            alloc::format!("{{{}}}", written.join(","))
        }
    })
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
