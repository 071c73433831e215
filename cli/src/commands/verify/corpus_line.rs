//! One line of a corpus: what it asks, and the verdict.

use super::judgement::document;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use workload_identity_core::json::{self, Json, RawMembers};
use workload_identity_core::verify::{Verifier, VerifierConfig};
use workload_identity_core::{Code, Error, Timestamp};
use workload_identity_crypto_native::AwsLc;

/// Members that stand beside the issuers in a verifier's configuration.
const BESIDE: &[&str] = &["leeway_seconds", "max_token_bytes", "dangerously_allow_rsa_1024"];
/// Members that are no part of it.
const APART: &[&str] = &["name", "token", "now", "jwks"];
/// Most text of configurations whose verifiers are kept, and most of them.
const KEPT_BYTES: usize = 8 << 20;
const KEPT: usize = 4096;

/// What is said of a line.
pub(super) struct Ruling {
    pub(super) name: Option<String>,
    /// Why it is refused; `None` when it is accepted.
    pub(super) code: Option<Code>,
}

/// The verifiers of the lines so far: lines mostly share keys and policy, and preparing those costs more than a verdict.
#[derive(Default)]
pub(super) struct Bench {
    kept: HashMap<String, Result<Verifier, Code>>,
    bytes: usize,
}

impl Bench {
    /// The verdict on a line; `now` counts unless the line says otherwise.
    pub(super) fn rule(&mut self, line: &[u8], now: Timestamp) -> Ruling {
        let Ok(members) = RawMembers::read(line) else {
            return Ruling { name: salvaged_name(line), code: Some(Code::Malformed) };
        };
        let name = match members.get("name") {
            Some(Json::Text(name)) => Some(name),
            _ => None,
        };
        Ruling { name, code: self.judge(&members, now).err() }
    }

    fn judge(&mut self, members: &RawMembers<'_>, now: Timestamp) -> Result<(), Code> {
        let Some(Json::Text(token)) = members.get("token") else {
            return Err(Code::RequestInvalid);
        };
        let now = match members.get("now") {
            None | Some(Json::Null) => now,
            Some(Json::Integer(seconds)) => Timestamp::from_seconds(seconds),
            // What Python's `time.time()` gives.
            Some(Json::Number(seconds)) => Timestamp::from_seconds(seconds as i64),
            Some(_) => return Err(Code::RequestInvalid),
        };
        match self.verifier(members) {
            // A corpus is verified without a network.
            Ok(verifier) => {
                verifier.verify_with_held_keys(&token, now).map(drop).map_err(|error| error.code)
            }
            Err(code) => Err(*code),
        }
    }

    fn verifier(&mut self, members: &RawMembers<'_>) -> Result<&mut Verifier, &Code> {
        let asked = asked(members);
        if !self.kept.contains_key(&asked) {
            if self.kept.len() >= KEPT || self.bytes + asked.len() > KEPT_BYTES {
                self.kept.clear();
                self.bytes = 0;
            }
            self.bytes += asked.len();
        }
        self.kept
            .entry(asked)
            .or_insert_with(|| verifier(members).map_err(|error| error.code))
            .as_mut()
            .map_err(|code| &*code)
    }
}

/// The members that become part of a configuration; `null` says nothing.
fn policy_members<'m>(
    members: &'m RawMembers<'_>,
) -> impl Iterator<Item = (Cow<'m, str>, &'m str)> {
    members
        .names()
        .filter(|name| !APART.contains(&&**name))
        .filter_map(|name| members.raw(&name).map(|value| (name, value)))
        .filter(|(_, value)| *value != "null")
}

/// Everything that a verifier depends on, as it stands in the line.
fn asked(members: &RawMembers<'_>) -> String {
    let mut text = String::from(members.raw("jwks").unwrap_or_default());
    for (name, value) in policy_members(members) {
        text.push(',');
        text.push_str(&json::text(&name));
        text.push(':');
        text.push_str(value);
    }
    text
}

fn verifier(members: &RawMembers<'_>) -> Result<Verifier, Error> {
    let raw_text;
    let keys = match members.raw("jwks") {
        None | Some("null") => None,
        Some(text) if text.starts_with('"') => {
            raw_text = members.get("jwks");
            raw_text.as_ref().and_then(Json::as_text)
        }
        Some(object) => Some(object),
    };
    let keys = keys.map(|keys| document(keys.as_bytes())).transpose()?;
    let config = json::object(|o| {
        o.objects("issuers", &[()], |(), o| {
            for (name, value) in
                policy_members(members).filter(|(name, _)| !BESIDE.contains(&&**name))
            {
                o.raw(&name, value);
            }
            if let Some(keys) = keys {
                o.raw("keys", keys);
            }
        });
        for (name, value) in policy_members(members).filter(|(name, _)| BESIDE.contains(&&**name)) {
            o.raw(&name, value);
        }
    });
    Verifier::new(VerifierConfig::parse(config.as_bytes())?, Arc::new(AwsLc))
}

/// The name of a line that is not JSON by our rules, say because its key set names a member twice.
fn salvaged_name(line: &[u8]) -> Option<String> {
    let (mut depth, mut at) = (0usize, 0);
    while let Some(byte) = line.get(at) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let end = end_of_text(line, at)?;
                let rest = line.get(end..)?.trim_ascii_start();
                if let (1, b"\"name\"", Some(value)) =
                    (depth, line.get(at..end)?, rest.strip_prefix(b":"))
                {
                    let value = value.trim_ascii_start();
                    let text = value.get(..end_of_text(value, 0)?)?;
                    return json::parse(text).ok()?.as_text().map(str::to_owned);
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Where the text ends that begins at a quotation mark.
fn end_of_text(line: &[u8], start: usize) -> Option<usize> {
    let mut escaped = false;
    if line.get(start) != Some(&b'"') {
        return None;
    }
    for (at, byte) in line.iter().enumerate().skip(start + 1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::salvaged_name;

    #[test]
    fn names_survive_what_is_broken_beside_them() {
        for (line, name) in [
            (r#"{"name":"a","jwks":{"keys":[],"keys":[]}}"#, Some("a")),
            (r#"{"jwks":{"name":"x","keys":[],"keys":[]}, "name" : "a\"b"}"#, Some("a\"b")),
            (r#"{"name":"a","token":"#, Some("a")),
            (r#"{"name":7}x"#, None),
            (r#"{"name":"a"#, None),
            (r#"["name":"a"]x"#, Some("a")),
            ("nonsense", None),
            ("", None),
        ] {
            assert_eq!(salvaged_name(line.as_bytes()).as_deref(), name, "{line}");
        }
    }
}
