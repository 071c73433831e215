//! Tokens and configurations that are refused at once.

use super::{ISSUER, config, key_set, mint, token, token_with};
use crate::Recorder;
use crate::recorder::START;
use serde_json::{Value, json};

pub(super) fn all() -> Vec<Recorder> {
    let mut list = vec![tokens(), claims(), remembered()];
    list.extend(configurations());
    list
}

fn tokens() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-refusals",
        "Refusals that need neither keys nor network, in the order of the checks.",
        config(json!({}), json!({"max_token_bytes": 2000})),
    );
    let seconds = START / 1000;
    let header = |changes: Value| {
        let mut header = json!({"alg": "ES256", "kid": "k1"});
        super::extend(&mut header, changes);
        let claims = json!({"iss": ISSUER, "aud": "api://mine", "exp": seconds + 600});
        mint("k1", &header, &claims)
    };
    let cases: [(String, &str); 16] = [
        ("a".repeat(2001), "too_large"),
        (String::new(), "malformed"),
        ("a.b.c".into(), "malformed"),
        ("a.b.c.d.e".into(), "encrypted_unsupported"),
        (header(json!({"alg": "none"})), "alg_not_allowed"),
        (header(json!({"alg": "HS256"})), "alg_not_allowed"),
        (header(json!({"crit": ["exp"]})), "crit_unsupported"),
        (header(json!({"typ": "dpop+jwt"})), "typ_mismatch"),
        (token_with("k1", json!({"iss": "https://other.example"})), "unknown_issuer"),
        (token_with("k1", json!({"iss": null})), "claim_type"),
        (token_with("k1", json!({"aud": "api://other"})), "audience_mismatch"),
        (token_with("k1", json!({"exp": seconds - 60})), "expired"),
        (token_with("k1", json!({"exp": "soon"})), "claim_type"),
        (token_with("k1", json!({"nbf": seconds + 61})), "not_yet_valid"),
        (token_with("k1", json!({"iat": seconds + 61})), "issued_in_future"),
        (format!("{}=", token("k1")), "malformed"),
    ];
    for (token, code) in &cases {
        r.check_refuses(token, code);
    }
    let t = r.begin_token(&cases[4].0);
    r.fail(t, "alg_not_allowed");
    r.end(t);
    r
}

fn claims() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-claims",
        "Rules about claims, after the signature.",
        config(
            json!({
                "keys": key_set(&["k1"]),
                "max_age_seconds": 600,
                "require": ["/kubernetes.io/namespace"],
                "claims": [
                    {"claim": "sub", "glob": "work*"},
                    {"claim": "env", "one_of": ["prod", "test"]},
                    {"claim": "level", "equals": 3},
                    {"claim": "debug", "present": false}
                ],
                "authorized_parties": ["app-1"],
                "scopes": ["orders.read"]
            }),
            json!({}),
        ),
    );
    let good = json!({"kubernetes.io": {"namespace": "ns"}, "env": ["prod"], "level": 3, "azp": "app-1", "scp": "orders.write orders.read"});
    r.check(&token_with("k1", good.clone()), "done");
    for (name, value, code) in [
        ("kubernetes.io", json!({}), "claim_missing"),
        ("sub", json!("other"), "claim_mismatch"),
        ("env", json!("dev"), "claim_mismatch"),
        ("level", json!("3"), "claim_mismatch"),
        ("debug", json!(null), "claim_mismatch"),
        ("azp", json!("app-2"), "claim_mismatch"),
        ("scp", json!("orders"), "claim_mismatch"),
        ("iat", json!(START / 1000 - 661), "too_old"),
    ] {
        let mut claims = good.clone();
        claims[name] = value;
        r.check_refuses(&token_with("k1", claims), code);
    }
    r
}

fn remembered() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-remembered",
        "Results may be cached, but not beyond the token's own time.",
        config(json!({"keys": key_set(&["k1"])}), json!({"cache_max_bytes": 100_000})),
    );
    let token = token_with("k1", json!({"exp": START / 1000 + 600}));
    r.check(&token, "done");
    r.check(&token, "done");
    r.wait(659_999);
    r.check(&token, "done");
    r.wait(1);
    r.check_refuses(&token, "expired");
    r
}

fn configurations() -> Vec<Recorder> {
    let mut list = Vec::new();
    let mut refused = |name, about, config, code| {
        list.push(Recorder::verifier_refused(name, about, config, code));
    };
    refused(
        "verifier-config-no-issuers",
        "A verifier trusts somebody.",
        json!({"issuers": []}),
        "config_invalid",
    );
    refused(
        "verifier-config-no-audience",
        "An issuer without audience is refused: tokens for others would be accepted.",
        json!({"issuers": [{"issuer": ISSUER}]}),
        "config_invalid",
    );
    refused(
        "verifier-config-unknown-member",
        "A typing error is seen.",
        config(json!({"audiences": "a"}), json!({})),
        "config_invalid",
    );
    refused(
        "verifier-config-tenants",
        "A multi-tenant API names its tenants, or says that it takes any.",
        json!({"issuers": [{"profile": "entra-common", "audience": "api://mine"}]}),
        "config_invalid",
    );
    refused(
        "verifier-config-address",
        "Keys are not fetched over http, nor from this machine.",
        config(json!({"jwks_uri": "http://127.0.0.1/keys"}), json!({})),
        "config_invalid",
    );
    refused(
        "verifier-config-keys",
        "Keys given directly must be a key set.",
        config(json!({"keys": {"keys": 7}}), json!({})),
        "malformed",
    );
    list
}
