//! The signed source: which keys, names and certificates it takes.

use conformance::engine::*;
use serde_json::{Value, json};
use workload_identity_core::jose::base64url_decode;
use workload_identity_core::*;

/// Self-signed for this test; the private key is lost.
const CERTIFICATE: &str = concat!(
    "MIIBdzCCAR2gAwIBAgIUQ5GPAL0XcoDOE7IVNrl7zpBbDOswCgYIKoZIzj0EAwIwETEPMA0GA1UEAwwGY2xpZW50MB4XDTI2MTEy",
    "MjE3MDA0OFoXDTM2MTExOTE3MDA0OFowETEPMA0GA1UEAwwGY2xpZW50MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE/gcfDRit",
    "JEtGhtu8Telk02y32eXcyJiCWzaQ3NFvy/uhjYk7jHdBpSxOas7oGPgZ5a5Ntw+1hbIpN4KNPnZW7aNTMFEwHQYDVR0OBBYEFBsf",
    "d2GLvQcyOGQEg6XCsNi2mRCMMB8GA1UdIwQYMBaAFBsfd2GLvQcyOGQEg6XCsNi2mRCMMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZI",
    "zj0EAwIDSAAwRQIhAOKGlz2RfbCBsH0sTAcmIHU9FM0zvB2BY83hNtmBJO+OAiBQy6ymeUakXI3W78xb4O0vUQgh0sG+D0WTt4FS",
    "9R0XEw=="
);

fn certified_key() -> Value {
    json!({"kty":"EC","crv":"P-256",
        "x":"_gcfDRitJEtGhtu8Telk02y32eXcyJiCWzaQ3NFvy_s",
        "y":"oY2JO4x3QaUsTmrO6Bj4GeWuTbcPtYWyKTeCjT52Vu0"})
}

fn source(members: Value) -> Value {
    let mut source = json!({"kind":"signed","key":"k"});
    for (name, value) in members.as_object().unwrap() {
        source[name] = value.clone();
    }
    json!({"source":source, "client_id":"c", "authority":{"token_endpoint":"https://as.example/token"}})
}

fn refusal(members: Value) -> Code {
    Config::parse(source(members).to_string().as_bytes()).expect_err("a refusal").code
}

#[test]
fn ed25519_signs_under_the_name_that_was_asked_for() {
    let point = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    for name in ["EdDSA", "Ed25519"] {
        let key = json!({"kty":"OKP","crv":"Ed25519","x":point,"kid":"not needed","alg":"EdDSA"});
        let mut e = engine(source(json!({"algorithm":name,"public_jwk":key})));
        let ticket = e.begin(Ok(Request::new("a")));
        let (id, effect) = performed(e.poll(ticket, at(0)));
        let Effect::Sign { algorithm, input, .. } = effect else { panic!("{effect:?}") };
        assert_eq!(algorithm, name);
        let header = String::from_utf8(input).unwrap();
        let header = base64url_decode(header.split('.').next().unwrap()).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&header).unwrap()["alg"], name);
        e.resolve(id, Outcome::Signed(vec![7; 64]), at(0));
        let (_, effect) = performed(e.poll(ticket, at(0)));
        let Effect::Verify { key, algorithm, .. } = effect else { panic!("{effect:?}") };
        assert_eq!(algorithm, name);
        assert_eq!(key, format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{point}"}}"#));
    }
}

#[test]
fn a_signature_of_another_length_is_refused() {
    for length in [0, 63, 65, 96, 256] {
        let mut e = engine(source(json!({"algorithm":"EdDSA"})));
        let ticket = e.begin(Ok(Request::new("a")));
        let (id, _) = performed(e.poll(ticket, at(0)));
        e.resolve(id, Outcome::Signed(vec![1; length]), at(0));
        let step = e.poll(ticket, at(0));
        assert!(matches!(step, Step::Fail(ref error) if error.code == Code::SigningFailed));
    }
}

#[test]
fn certificate_thumbprint_and_key_belong_together() {
    let thumbprint = "qzlftWGgxMdHkpYjfAfzaFA8NE6vYegXkJOZHbZNcSI";
    let good = json!({"algorithm":"ES256","x5c":[CERTIFICATE],"x5t_s256":thumbprint,
        "public_jwk":certified_key()});
    assert!(Config::parse(source(good.clone()).to_string().as_bytes()).is_ok());
    let with = |name: &str, value: Value| {
        let mut members = good.clone();
        members[name] = value;
        refusal(members)
    };
    let other = json!({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"});
    assert_eq!(with("public_jwk", other), Code::ConfigInvalid);
    assert_eq!(with("x5t_s256", json!("dGh1bWI")), Code::ConfigInvalid);
    assert_eq!(with("x5c", json!(["MIIB"])), Code::ConfigInvalid);
}

#[test]
fn other_algorithms_are_not_offered() {
    for name in ["RS384", "ES512", "ML-DSA-44", "HS256", "none", "ed25519"] {
        assert_eq!(refusal(json!({"algorithm":name})), Code::ConfigInvalid, "{name}");
    }
}
