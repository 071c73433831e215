//! One line of a corpus: its token, its policy and the result.

use super::token_check::key_set;
use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use serde_json::{Number, from_str};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use workload_identity_core::json::strict;
use workload_identity_core::verify::{Verifier, VerifierConfig};
use workload_identity_core::{Code, Error, Timestamp};
use workload_identity_crypto_native::AwsLc;

/// Members of a verifier's configuration that are not members of an issuer.
const OUTSIDE_ISSUER: &[&str] =
    &["leeway_seconds", "max_token_bytes", "dangerously_allow_rsa_1024"];
/// Members that are not part of a configuration.
const NOT_CONFIGURATION: &[&str] = &["name", "token", "now", "jwks"];
/// Limits of the cache: bytes of configurations, and verifiers.
const MAX_CACHED_BYTES: usize = 8 << 20;
const MAX_CACHED: usize = 4096;

/// The members of a line, each as it is written.
type Members<'l> = BTreeMap<String, &'l RawValue>;

/// The result of a line.
pub(super) struct LineResult {
    pub(super) name: Option<String>,
    /// Why the token is refused; `None` when it is accepted.
    pub(super) code: Option<Code>,
}

/// The verifiers of earlier lines. Most lines share keys and policy, and preparing those takes longer than to verify a token.
#[derive(Default)]
pub(super) struct Verifiers {
    cached: HashMap<String, Result<Verifier, Code>>,
    bytes: usize,
}

impl Verifiers {
    /// Verifies the token of a line. `now` is for lines without an instant.
    pub(super) fn check(&mut self, line: &[u8], now: Timestamp) -> LineResult {
        let members = strict::check(line).ok().and_then(|text| from_str::<Members<'_>>(text).ok());
        let Some(members) = members else {
            let code = if is_object(line) { Code::Malformed } else { Code::RequestInvalid };
            return LineResult { name: name_of_invalid_line(line), code: Some(code) };
        };
        let code = self.check_members(&members, now).err();
        LineResult { name: text(&members, "name"), code }
    }

    fn check_members(&mut self, members: &Members<'_>, now: Timestamp) -> Result<(), Code> {
        let token = text(members, "token").ok_or(Code::RequestInvalid)?;
        let seconds = members.get("now").map_or("null", |now| now.get());
        let now = match from_str::<Option<Number>>(seconds) {
            Ok(None) => now,
            // Python's `time.time()` returns a fraction.
            Ok(Some(seconds)) => Timestamp::from_seconds(
                seconds.as_i64().or(seconds.as_f64().map(|seconds| seconds as i64)).unwrap_or(0),
            ),
            Err(_) => return Err(Code::RequestInvalid),
        };
        let verifier = self.verifier(members).map_err(|code| *code)?;
        // A corpus is verified without a network.
        verifier.verify_with_held_keys(&token, now).map(drop).map_err(|error| error.code)
    }

    fn verifier(&mut self, members: &Members<'_>) -> Result<&mut Verifier, &Code> {
        let key = cache_key(members);
        if !self.cached.contains_key(&key) {
            if self.cached.len() >= MAX_CACHED || self.bytes + key.len() > MAX_CACHED_BYTES {
                self.cached.clear();
                self.bytes = 0;
            }
            self.bytes += key.len();
        }
        self.cached
            .entry(key)
            .or_insert_with(|| verifier(members).map_err(|error| error.code))
            .as_mut()
            .map_err(|code| &*code)
    }
}

/// A member that is a string.
fn text(members: &Members<'_>, name: &str) -> Option<String> {
    from_str(members.get(name)?.get()).ok()
}

/// The members that become part of a configuration. `null` is the same as a missing member.
fn configuration<'m, 'l>(
    members: &'m Members<'l>,
) -> impl Iterator<Item = (&'m str, &'l RawValue)> {
    members
        .iter()
        .map(|(name, value)| (name.as_str(), *value))
        .filter(|(name, value)| !NOT_CONFIGURATION.contains(name) && value.get() != "null")
}

/// Everything that a verifier depends on, as it is written in the line.
fn cache_key(members: &Members<'_>) -> String {
    let mut key = members.get("jwks").map_or("", |keys| keys.get()).to_owned();
    for (name, value) in configuration(members) {
        key.push_str(&format!(",{name:?}:{}", value.get()));
    }
    key
}

fn verifier(members: &Members<'_>) -> Result<Verifier, Error> {
    #[derive(Serialize)]
    struct Configuration<'m> {
        issuers: [BTreeMap<&'m str, &'m RawValue>; 1],
        #[serde(flatten)]
        outside: BTreeMap<&'m str, &'m RawValue>,
    }
    // A key set that may be invalid is written as a string.
    let unquoted = text(members, "jwks");
    let keys = unquoted.as_deref().or_else(|| members.get("jwks").map(|keys| keys.get()));
    let keys = keys.filter(|keys| unquoted.is_some() || *keys != "null");
    let keys = keys.map(|keys| key_set(keys.as_bytes())).transpose()?;
    let (outside, mut issuer): (BTreeMap<_, _>, BTreeMap<_, _>) =
        configuration(members).partition(|(name, _)| OUTSIDE_ISSUER.contains(name));
    issuer.extend(keys.map(|keys| ("keys", keys)));
    let config = serde_json::to_string(&Configuration { issuers: [issuer], outside })
        .map_err(|_| Error::new(Code::Internal, "a configuration was not written"))?;
    Verifier::new(VerifierConfig::parse(config.as_bytes())?, Arc::new(AwsLc))
}

/// Whether a line is a JSON object, also one that strict JSON refuses. The line is no request otherwise.
fn is_object(line: &[u8]) -> bool {
    line.trim_ascii_start().starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(line).is_ok()
}

/// The name of a line that strict JSON refuses, for example because its key set has a member twice.
fn name_of_invalid_line(line: &[u8]) -> Option<String> {
    let (mut depth, mut at) = (0usize, 0);
    while let Some(byte) = line.get(at) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let end = end_of_string(line, at)?;
                let rest = line.get(end..)?.trim_ascii_start();
                if let (1, b"\"name\"", Some(value)) =
                    (depth, line.get(at..end)?, rest.strip_prefix(b":"))
                {
                    let value = value.trim_ascii_start();
                    let text = value.get(..end_of_string(value, 0)?)?;
                    return serde_json::from_slice(text).ok();
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

/// The end of the string that begins at a quotation mark.
fn end_of_string(line: &[u8], start: usize) -> Option<usize> {
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
    use super::name_of_invalid_line;

    #[test]
    fn names_of_invalid_lines_are_found() {
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
            assert_eq!(name_of_invalid_line(line.as_bytes()).as_deref(), name, "{line}");
        }
    }
}
