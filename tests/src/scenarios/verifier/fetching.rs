//! Keys on their way: discovery, fixed addresses, keys nobody knows yet, redirects.

use super::{DISCOVERY, KEYS, at_address, config, discovery, fetched, jwk, key_set, token};
use crate::Recorder;
use serde_json::json;

pub(super) fn all() -> Vec<Recorder> {
    vec![
        by_discovery(),
        fixed_address(),
        given(),
        unknown_kid(),
        keys_of(),
        entra_templates(),
        redirects_refused(),
        redirects_followed(),
    ]
}

fn by_discovery() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-discovery",
        "The first token needs the discovery document and the key set; the next one needs nothing.",
        config(json!({}), json!({})),
    );
    let token = token("k1");
    r.check(&token, "drive");
    let t = r.begin_token(&token);
    let (e, _) = r.asks(t, DISCOVERY);
    assert_eq!(r.http(e, 200, discovery()), 0);
    let (e, _) = r.asks(t, KEYS);
    assert_ne!(r.http(e, 200, key_set(&["k1"])), 0);
    r.accepted(t);
    r.accepted(t);
    assert_eq!(r.end(t), 0);
    r.wait(61_000);
    let step = r.check(&token, "done");
    assert_eq!(step["value"]["key_set_age"], 61);
    r
}

fn fixed_address() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-jwks-uri",
        "The address of the key set is configured: no discovery document is asked for.",
        at_address(),
    );
    fetched(&mut r, &token("k1"), &["k1", "k2"]);
    r.check(&token("k2"), "done");
    r
}

fn given() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-keys-given",
        "Keys are given directly: nothing is fetched, and a key that is not among them is not looked for.",
        config(json!({"keys": key_set(&["k1"])}), json!({})),
    );
    let step = r.check(&token("k1"), "done");
    assert!(step["value"].get("key_set_age").is_none());
    r.check_refuses(&token("k2"), "no_matching_key");
    let t = r.begin_token(&token("k1"));
    r.accepted(t);
    r.end(t);
    let t = r.begin_token(&token("k2"));
    r.fail(t, "no_matching_key");
    r.end(t);
    r
}

fn unknown_kid() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-unknown-kid",
        "The issuer has a new key: one fetch finds it. A key that does not exist causes one fetch in a cool-down, however many tokens name one.",
        at_address(),
    );
    fetched(&mut r, &token("k1"), &["k1"]);
    r.check_refuses(&token("k2"), "no_matching_key");
    r.wait(30_000);
    r.check(&token("k2"), "drive");
    fetched(&mut r, &token("k2"), &["k2", "k3"]);
    // The removed key is gone once the new set has verified a token.
    r.check_refuses(&token("k1"), "no_matching_key");
    r.wait(30_000);
    let t = r.begin_token(&token("k9"));
    let (e, _) = r.asks(t, KEYS);
    r.http(e, 200, key_set(&["k2", "k3"]));
    r.fail(t, "no_matching_key");
    r.end(t);
    let t = r.begin_token(&token("k8"));
    r.fail(t, "no_matching_key");
    r.end(t);
    r.check(&token("k3"), "done");
    r
}

fn keys_of() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-keys-of",
        "Keys are fetched before the first token; those that are of no use are named with the reason.",
        at_address(),
    );
    let t = r.begin(json!({"keys_of": 0}));
    let (e, _) = r.asks(t, KEYS);
    let mut weak = jwk("k2");
    weak["crv"] = json!("secp256k1");
    r.http(e, 200, json!({"keys": [jwk("k1"), weak]}));
    let step = r.poll(t, "done");
    assert_eq!(step["value"]["keys"], 1);
    assert_eq!(step["value"]["unusable"][0]["key_id"], "k2");
    r.end(t);
    // Again within the cool-down: those at hand.
    let t = r.begin(json!({"keys_of": 0}));
    r.poll(t, "done");
    r.end(t);
    r.check(&token("k1"), "done");
    for request in [
        json!({"keys_of": 7}),
        json!({"keys_of": -1}),
        json!({}),
        json!({"token": 7}),
        json!({"token": "a", "keys_of": 0}),
        json!({"token": "a", "colour": 1}),
    ] {
        let t = r.begin(request);
        r.fail(t, "request_invalid");
        r.end(t);
    }
    r
}

fn entra_templates() -> Recorder {
    let tenant = "11111111-1111-1111-1111-111111111111";
    let mut r = Recorder::verifier(
        "verifier-entra-addresses",
        "Entra's metadata addresses follow from tenant, cloud and app, never from a token; the shared document names a template.",
        json!({"issuers": [
            {"profile": "entra-v2", "tenant_id": tenant, "audience": "api://mine", "app_id": "22222222-2222-2222-2222-222222222222"},
            {"profile": "entra-common", "tenants": [tenant], "audience": "api://mine", "cloud": "usgov"},
        ]}),
    );
    let t = r.begin(json!({"keys_of": 0}));
    let address = format!(
        "https://login.microsoftonline.com/{tenant}/v2.0/.well-known/openid-configuration?appid=22222222-2222-2222-2222-222222222222"
    );
    r.asks(t, &address);
    r.end(t);
    let t = r.begin(json!({"keys_of": 1}));
    let (e, _) =
        r.asks(t, "https://login.microsoftonline.us/common/v2.0/.well-known/openid-configuration");
    r.http(
        e,
        200,
        json!({"issuer": "https://login.microsoftonline.us/{tenantid}/v2.0", "jwks_uri": KEYS}),
    );
    let (e, _) = r.asks(t, KEYS);
    r.http(e, 200, key_set(&["k1"]));
    r.poll(t, "done");
    r.end(t);
    r
}

fn redirects_refused() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-redirect-refused",
        "An address of keys that redirects is not followed.",
        at_address(),
    );
    let t = r.begin_token(&token("k1"));
    let (e, _) = r.asks(t, KEYS);
    r.resolve(e, "http", 302, "location: https://elsewhere.example/set", b"");
    r.fail(t, "keys_unavailable");
    r.end(t);
    r
}

fn redirects_followed() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-redirect-followed",
        "SPIFFE bundle endpoints may redirect, within https; not to http, not to addresses of this machine, and not without end.",
        config_spiffe(),
    );
    let t = r.begin(json!({"keys_of": 0}));
    let (e, _) = r.asks(t, KEYS);
    r.resolve(e, "http", 307, "location: https://elsewhere.example/set", b"");
    let (e, _) = r.asks(t, "https://elsewhere.example/set");
    r.resolve(e, "http", 302, "location: /other", b"");
    let (e, _) = r.asks(t, "https://elsewhere.example/other");
    let mut key = jwk("k1");
    key["use"] = json!("jwt-svid");
    r.http(e, 200, json!({"keys": [key]}));
    r.poll(t, "done");
    r.end(t);
    for target in [
        "location: http://elsewhere.example/set",
        "location: https://127.0.0.1/set",
        "location: https://10.0.0.1/set",
        "location: https://169.254.169.254/set",
    ] {
        r.wait(60_000);
        let t = r.begin(json!({"keys_of": 0}));
        let (e, _) = r.asks(t, KEYS);
        r.resolve(e, "http", 307, target, b"");
        r.poll(t, "done");
        r.end(t);
    }
    r.wait(60_000);
    let t = r.begin(json!({"keys_of": 0}));
    let (mut e, _) = r.asks(t, KEYS);
    for round in 0..3 {
        r.resolve(e, "http", 307, &format!("location: /{round}"), b"");
        e = r.asks(t, &format!("https://keys.example/{round}")).0;
    }
    r.resolve(e, "http", 307, "location: /3", b"");
    r.poll(t, "done");
    r.end(t);
    r
}

fn config_spiffe() -> serde_json::Value {
    json!({"issuers": [{"profile": "spiffe-jwt-svid", "trust_domain": "example.org", "audience": "api://mine", "jwks_uri": KEYS}]})
}
