//! Configurations that cannot be made: no audience, no such algorithm, addresses that must not be asked.

use super::{Corpus, Token};
use serde_json::{Value, json};

pub(super) fn add(corpus: &mut Corpus) {
    let bad = |corpus: &mut Corpus, name: &str, covers: &[&str], issuer: Value| {
        corpus.case(&format!("configuration/{name}"), covers, "config_invalid").issuer(issuer);
    };
    for (name, audience) in [
        ("audience-missing", Value::Null),
        ("audience-empty-list", json!([])),
        ("audience-empty", json!("")),
        ("audience-number", json!(1)),
        ("audience-list-with-empty", json!(["api://service", ""])),
    ] {
        bad(corpus, name, &["S13"], json!({ "audience": audience }));
    }
    for (name, algorithms) in [
        ("algorithm-none", json!(["none"])),
        ("algorithm-none-beside-others", json!(["RS256", "None"])),
        ("algorithm-hs256", json!(["HS256"])),
        ("algorithm-unknown", json!(["RS1"])),
        ("algorithm-lower-case", json!(["rs256"])),
        ("algorithm-es256k", json!(["ES256K"])),
    ] {
        bad(corpus, name, &["S2", "S1"], json!({ "algorithms": algorithms }));
    }
    for member in [
        "issuer",
        "tenants",
        "trust_domain",
        "signers",
        "algorithms",
        "require",
        "claims",
        "authorized_parties",
        "roles",
        "scopes",
    ] {
        bad(corpus, &format!("empty-list-{member}"), &["S13"], json!({ member: [] }));
    }
    for member in ["algorithms", "require", "authorized_parties", "roles", "scopes"] {
        bad(corpus, &format!("empty-text-in-{member}"), &["S13"], json!({ member: [""] }));
    }
    bad(corpus, "empty-one-of", &["S13"], json!({ "claims": [{ "claim": "sub", "one_of": [] }] }));
    for (name, url) in [
        ("file", "file:///etc/passwd"),
        ("ftp", "ftp://issuer.example/keys"),
        ("data", "data:application/json,{}"),
        ("http", "http://issuer.example/keys"),
        ("http-loopback", "http://127.0.0.1/keys"),
        ("user", "https://user:password@issuer.example/keys"),
        ("fragment", "https://issuer.example/keys#x"),
        ("space", "https://issuer.example/ke ys"),
        ("newline", "https://issuer.example/\r\nx: y"),
        ("no-host", "https:///keys"),
        ("relative", "/keys"),
        ("empty", ""),
    ] {
        bad(
            corpus,
            &format!("jwks-uri-{name}"),
            &["S16"],
            json!({ "keys": null, "jwks_uri": url }),
        );
    }
    for (name, url) in [
        ("http", "http://issuer.example/d"),
        ("file", "file:///d"),
        ("user", "https://u@issuer.example/d"),
    ] {
        bad(
            corpus,
            &format!("discovery-{name}"),
            &["S16"],
            json!({ "keys": null, "discovery": url }),
        );
    }
    for (name, issuer) in [
        ("issuer-missing", json!({ "issuer": null })),
        ("issuer-empty", json!({ "issuer": "" })),
        ("issuer-empty-list", json!({ "issuer": [] })),
        ("profile-unknown", json!({ "profile": "entra" })),
        ("member-unknown", json!({ "audiences": ["api://service"] })),
        ("max-age-negative", json!({ "max_age_seconds": -1 })),
        ("rule-without-test", json!({ "claims": [{ "claim": "sub" }] })),
        (
            "rule-with-two-tests",
            json!({ "claims": [{ "claim": "sub", "equals": "a", "glob": "*" }] }),
        ),
        ("rule-unknown-test", json!({ "claims": [{ "claim": "sub", "regexp": ".*" }] })),
    ] {
        bad(corpus, name, &["S13", "S21"], issuer);
    }
    for (name, options) in [
        ("leeway-301", json!({ "leeway_seconds": 301 })),
        ("leeway-negative", json!({ "leeway_seconds": -1 })),
        ("leeway-fraction", json!({ "leeway_seconds": 0.5 })),
        ("token-limit-too-large", json!({ "max_token_bytes": 262_145 })),
        ("no-issuers", json!({ "issuers": [] })),
        ("unknown-option", json!({ "ignore_expiration": true })),
        ("signatures-nowhere", json!({ "signatures": "none" })),
    ] {
        corpus
            .case(&format!("configuration/{name}"), &["S13", "S36"], "config_invalid")
            .options(options);
    }
    corpus
        .case("configuration/control", &["S13", "S16"], "accepted")
        .issuer(json!({ "jwks_uri": null, "algorithms": ["ES256"], "max_age_seconds": 60 }))
        .options(
            json!({ "leeway_seconds": 300, "max_token_bytes": 262_144, "cache_max_bytes": 1000 }),
        )
        .token(Token::es256().mint());
}
