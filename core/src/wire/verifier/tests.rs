use super::*;
use crate::crypto::RustCrypto;
use crate::jose::{attach, signing_input};
use alloc::format;

const NOW: i64 = 1_700_000_000_000;
const CONFIG: &str = r#"{"signatures":"host","issuers":[{"issuer":"https://issuer.example","audience":"a",
    "keys":{"keys":[{"kty":"EC","crv":"P-256","kid":"k","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}}]}"#;

/// The number of the verification that a new token needs.
fn ask(verifier: &mut Verifier) -> u64 {
    let claims = r#"{"iss":"https://issuer.example","aud":"a","exp":1700000600,"sub":"private"}"#;
    let token = attach(&signing_input(r#"{"alg":"ES256","kid":"k"}"#, claims), &[1; 64]);
    let step = verifier.check(token.as_bytes(), NOW);
    let start =
        format!(r#"{{"step":"verify_signature","verification":{}"#, verifier.pending.next - 1);
    assert!(step.starts_with(&start), "{step}");
    assert!(!step.contains("private") && !format!("{verifier:?}").contains("private"));
    verifier.pending.next - 1
}

fn is_dropped(verifier: &mut Verifier, verification: u64) -> bool {
    let dropped = verifier.jwk(verification).is_none();
    assert_eq!(dropped, verifier.signature(verification).is_empty());
    let error = verifier.complete(verification, "invalid").unwrap_err();
    assert_eq!(dropped, error.contains(r#""code":"too_many_requests""#), "{error}");
    assert_eq!(dropped, error.contains(r#""retryable":true"#), "{error}");
    dropped
}

#[test]
fn the_oldest_of_too_many_verifications_is_dropped() {
    let mut verifier = Verifier::new(CONFIG.as_bytes(), Arc::new(RustCrypto)).unwrap();
    verifier.reseed(&[7; 32]).unwrap();
    let first = ask(&mut verifier);
    for _ in 0..MAX_PENDING {
        ask(&mut verifier);
    }
    assert_eq!(verifier.pending.open.len(), MAX_PENDING);
    assert!(is_dropped(&mut verifier, first));
    assert!(!is_dropped(&mut verifier, first + 1));
    assert!(is_dropped(&mut verifier, first + 1), "a verification is completed once");
    assert_eq!(
        verifier.complete(first + 2, "valid").unwrap(),
        r#"{"iss":"https://issuer.example","aud":"a","exp":1700000600,"sub":"private"}"#
    );
}
