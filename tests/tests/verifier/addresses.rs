//! Nothing that a token says decides where keys are fetched from (S18).

use crate::world::{AUDIENCE, ISSUER, KEYS, asked, at, begin, key_set, mint, ok, verifier_of};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use workload_identity_core::Step;
use workload_identity_core::crypto::RustCrypto;

const HOSTILE: &[&str] = &[
    "https://evil.example",
    "https://evil.example/.well-known/openid-configuration",
    "http://169.254.169.254/latest",
    "https://issuer.example@evil.example",
    "https://issuer.example.evil.example",
    "https://issuer.example/../evil",
    "../../evil",
    "file:///etc/passwd",
    "https://evil.example\r\nhost: evil.example",
];

fn tokens() -> Vec<String> {
    let good = json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "s", "exp": 1_800_000_000});
    let mut tokens = Vec::new();
    for text in HOSTILE {
        for name in ["kid", "jku", "x5u", "x5t", "iss", "cty"] {
            let mut header = json!({"alg": "ES256", "kid": "k1"});
            header[name] = json!(text);
            tokens.push(mint("k1", &header, &good));
        }
        header_objects(text, &good, &mut tokens);
        for name in ["iss", "sub", "jwks_uri", "jku", "tid", "azp", "discovery"] {
            let mut claims = good.clone();
            claims[name] = json!(text);
            tokens.push(mint("k1", &json!({"alg": "ES256", "kid": "k1"}), &claims));
        }
        let mut claims = good.clone();
        claims["aud"] = json!([AUDIENCE, text]);
        tokens.push(mint("k1", &json!({"alg": "ES256", "kid": text}), &claims));
    }
    tokens
}

fn header_objects(text: &str, claims: &Value, tokens: &mut Vec<String>) {
    let header = json!({"alg": "ES256", "kid": "k1", "jwk": {"kty": "EC", "jku": text}});
    tokens.push(mint("k1", &header, claims));
}

#[test]
fn only_configured_addresses_are_asked() {
    let discovery = format!("{ISSUER}/.well-known/openid-configuration");
    let config = json!({"issuers": [{"issuer": ISSUER, "audience": AUDIENCE}]});
    let allowed = BTreeSet::from([discovery.clone(), KEYS.to_owned()]);
    let (mut seen, mut fetched) = (BTreeSet::new(), 0);
    for token in tokens() {
        // A verifier of its own for each, so that no cool-down hides a fetch.
        let mut verifier = verifier_of(&config, Arc::new(RustCrypto));
        let ticket = begin(&mut verifier, &token);
        let mut step = verifier.poll(ticket, at(0));
        while let Step::Perform { .. } = step {
            let (effect, url) = asked(&step);
            let body = match url == discovery {
                true => json!({"issuer": ISSUER, "jwks_uri": KEYS}),
                false => key_set(&["k2"]),
            };
            fetched += 1;
            seen.insert(url);
            verifier.resolve(effect, &ok(&body), at(0));
            step = verifier.poll(ticket, at(0));
        }
        assert!(matches!(step, Step::Fail(_)), "{step:?}");
        verifier.end(ticket);
        assert_eq!(verifier.open(), (0, 0, 0));
    }
    assert_eq!(seen, allowed);
    assert!(fetched > 50, "hardly any token came as far as its key: {fetched}");
}
