//! Project Wycheproof's vectors through our importer: every accepted signature is one that JOSE defines, and every
//! such signature is accepted.

mod ecdsa;
mod ed25519;
mod ml_dsa;
mod rsa;

use crate::providers::Key;
use serde_json::Value;
use workload_identity_core::jose::{Algorithm, base64url_encode};

/// One group of vectors: a key, and the one algorithm of JOSE for which its valid signatures are ours.
pub(crate) struct Group<'a> {
    pub(crate) key: Key,
    /// `None`: no signature of the group may be accepted.
    pub(crate) expected: Option<Algorithm>,
    /// With which algorithms the signatures are tried.
    pub(crate) tried: &'a [Algorithm],
    /// Whether a vector that is wrong for its group is right for an algorithm of JOSE, being made by its parameters.
    pub(crate) in_disguise: fn(&Value, Algorithm) -> bool,
}

/// How many vectors of a file were checked, and how many signatures accepted.
#[derive(Default)]
pub(crate) struct Count {
    pub(crate) vectors: usize,
    pub(crate) accepted: usize,
    pub(crate) unusable_keys: usize,
}

/// Checks every vector of a file. `group` reads a group of vectors from JSON.
pub(crate) fn check<'a>(name: &str, text: &str, group: impl Fn(&Value) -> Group<'a>) -> Count {
    let document: Value = serde_json::from_str(text).expect("JSON");
    let mut count = Count::default();
    for vectors in list(&document["testGroups"]) {
        let group = group(vectors);
        count.unusable_keys += usize::from(!group.key.is_usable());
        for vector in list(&vectors["tests"]) {
            count.vectors += 1;
            count.accepted += usize::from(check_vector(name, vector, &group));
        }
    }
    println!(
        "{name}: {} vectors, {} accepted, {} keys unusable",
        count.vectors, count.accepted, count.unusable_keys
    );
    assert_eq!(document["numberOfTests"], count.vectors, "{name}");
    count
}

fn check_vector(name: &str, vector: &Value, group: &Group<'_>) -> bool {
    let (message, signature) = (bytes(&vector["msg"]), bytes(&vector["sig"]));
    // RFC 9964, section 5: the context is empty.
    let our_context = vector["ctx"].as_str().is_none_or(str::is_empty);
    let valid = vector["result"] == "valid" && our_context;
    let mut accepted = false;
    for algorithm in group.tried {
        let result = group.key.verify(*algorithm, &message, &signature);
        let own = valid && group.expected == Some(*algorithm);
        let wanted = own || (group.in_disguise)(vector, *algorithm);
        assert_eq!(
            result.is_ok(),
            wanted,
            "{name} {} {}: {result:?} {}",
            vector["tcId"],
            algorithm.name(),
            vector["comment"]
        );
        accepted |= wanted;
    }
    accepted
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

/// The bytes of a string in hexadecimal.
pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    let digits = text(value);
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal"))
        .collect()
}

/// A number in hexadecimal as a JWK has it: base64url without leading zero octets.
pub(crate) fn number(value: &Value) -> String {
    let bytes = bytes(value);
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    base64url_encode(&bytes[start..])
}

/// No vector of a group is right for another algorithm.
pub(crate) fn never(_: &Value, _: Algorithm) -> bool {
    false
}
