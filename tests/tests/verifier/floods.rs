//! Tokens that name keys which do not exist.

use crate::world::{AUDIENCE, ISSUER};
use crate::world::{asked, at, begin, check, key_set, mint, ok, supply, verifier};
use serde_json::json;
use workload_identity_core::{Code, Step};

#[test]
fn ten_thousand_kids_cause_one_fetch_in_a_cool_down() {
    let mut verifier = verifier();
    supply(&mut verifier, &["k1"], at(0));
    let claims = json!({"iss": ISSUER, "aud": AUDIENCE, "exp": 1_800_000_000});
    let mut fetches = Vec::new();
    // One second beyond the cool-down of the first fetch; then less than one cool-down for all of them.
    let start = 31_000;
    for index in 0..10_000i64 {
        let now = at(start + index * 29_000 / 10_000);
        let kid = format!("kid-{}", index.wrapping_mul(2_654_435_761) % 1_000_003);
        let token = mint("attacker", &json!({"alg": "ES256", "kid": kid}), &claims);
        if let Some(result) = check(&mut verifier, &token, now) {
            assert_eq!(result.expect_err("no such key").code, Code::NoMatchingKey);
            continue;
        }
        let ticket = begin(&mut verifier, &token);
        let step = verifier.poll(ticket, now);
        if let Step::Perform { .. } = step {
            let (effect, url) = asked(&step);
            fetches.push(url);
            verifier.resolve(effect, &ok(&key_set(&["k1"])), now);
        }
        match verifier.poll(ticket, now) {
            Step::Fail(error) => assert_eq!(error.code, Code::NoMatchingKey),
            other => panic!("{other:?}"),
        }
        verifier.end(ticket);
    }
    assert_eq!(fetches.len(), 1);
    assert_eq!(verifier.open(), (0, 0, 0));
}
