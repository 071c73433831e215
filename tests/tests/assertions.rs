//! Which assertions are sent, held, and used again; where they may go.

use conformance::engine::*;
use serde_json::{Value, json};
use workload_identity_core::jose::base64url_encode;
use workload_identity_core::*;

fn signed(alg: &str, extra: Value) -> Engine {
    let mut s = json!({"kind":"signed","key":"k","algorithm":alg});
    for (k, v) in extra.as_object().unwrap() {
        s[k] = v.clone();
    }
    engine(json!({"source":s, "authority":{"token_endpoint":"https://kc.example/token"}}))
}

#[test]
fn each_exchange_has_its_own_jti() {
    let mut e = signed("PS256", json!({}));
    let mut bodies = vec![];
    for scope in ["a", "b"] {
        let a = e.begin(Ok(Request::new(scope)));
        loop {
            match e.poll(a, at(0)) {
                Step::Perform { effect_id: id, effect: Effect::Sign { .. }, .. } => {
                    e.resolve(id, Outcome::Signed(vec![1; 256]), at(0));
                }
                Step::Perform { effect_id: id, effect: Effect::Http(h), .. } => {
                    bodies.push(h.body.split("client_assertion=").nth(1).unwrap().to_string());
                    e.resolve(id, token("t", 300), at(0));
                }
                Step::Done { .. } => break,
                o => panic!("{o:?}"),
            }
        }
        e.end(a);
    }
    assert_ne!(bodies[0], bodies[1], "the same jti was sent twice");
}

#[test]
fn each_retry_has_its_own_jti() {
    let mut e = signed("PS256", json!({}));
    let a = e.begin(Ok(Request::new("a")));
    let mut bodies = vec![];
    let mut now = 0;
    loop {
        match e.poll(a, at(now)) {
            Step::Perform { effect_id: id, effect: Effect::Sign { .. }, .. } => {
                e.resolve(id, Outcome::Signed(vec![1; 256]), at(now));
            }
            Step::Perform { effect_id: id, effect: Effect::Http(h), .. } => {
                bodies.push(h.body);
                e.resolve(id, http(503, &[], json!({})), at(now));
            }
            Step::Perform { effect_id: id, effect: Effect::Sleep { .. }, .. } => {
                now += 5000;
                e.resolve(id, Outcome::Elapsed, at(now));
            }
            _ => break,
        }
    }
    assert_ne!(bodies[0], bodies[1], "the same jti was sent twice");
}

#[test]
fn der_signature_is_refused() {
    let mut e = signed("ES256", json!({}));
    let a = e.begin(Ok(Request::new("a")));
    let (id, _) = performed(e.poll(a, at(0)));
    e.resolve(id, Outcome::Signed(vec![0x30; 71]), at(0));
    let s = e.poll(a, at(0));
    assert!(
        matches!(s, Step::Fail(ref x) if x.code == Code::SigningFailed),
        "accepted a 71-byte (DER) ES256 signature: {s:?}"
    );
}

#[test]
fn debug_hides_signed_assertion() {
    let mut e = signed(
        "ES256",
        json!({"public_jwk":{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}}),
    );
    let a = e.begin(Ok(Request::new("a")));
    let (id, eff) = performed(e.poll(a, at(0)));
    let Effect::Sign { input, .. } = eff else { panic!() };
    let input = String::from_utf8(input).unwrap();
    e.resolve(id, Outcome::Signed(vec![7; 64]), at(0));
    let s = e.poll(a, at(0));
    let whole = format!("{input}.{}", base64url_encode(&[7; 64]));
    let sd = format!("{s:?}");
    let ed = format!("{e:?}");
    eprintln!(
        "engine leaks: {}  step leaks: {}",
        ed.contains(&whole),
        sd.contains(&format!("{:?}", vec![7u8; 64]))
    );
    assert!(!ed.contains(&whole));
    assert!(!sd.contains(&format!("{:?}", vec![7u8; 64])));
}

#[test]
fn refused_assertion_is_not_held_for_generic_authority() {
    let mut e = engine(
        json!({"authority":{"token_endpoint":"https://kc.example/token"},"source":{"kind":"file","path":"/t"}}),
    );
    let whole = assertion_until(T0 / 1000 + 3600);
    let cut = &whole[..whole.len() - 4]; // half-written: cut inside the signature
    let mut reads = 0;
    let mut last = String::new();
    for _ in 0..2 {
        let a = e.begin(Ok(request()));
        loop {
            match e.poll(a, at(0)) {
                Step::Perform { effect_id: id, effect: Effect::ReadFile { .. }, .. } => {
                    reads += 1;
                    let t = if reads == 1 { cut } else { &whole };
                    e.resolve(id, Outcome::File(Secret::new(t.as_bytes().to_vec())), at(0));
                }
                Step::Perform { effect_id: id, effect: Effect::Http(h), .. } => {
                    let ok = h.body.ends_with(&whole);
                    e.resolve(
                        id,
                        if ok {
                            token("t", 300)
                        } else {
                            http(401, &[], json!({"error":"invalid_client"}))
                        },
                        at(0),
                    );
                }
                Step::Done { .. } => {
                    last = "done".into();
                    break;
                }
                Step::Fail(x) => {
                    last = format!("{x}");
                    break;
                }
                o => panic!("{o:?}"),
            }
        }
        e.end(a);
        eprintln!("reads {reads}: {last}");
    }
    assert_eq!(last, "done");
}

#[test]
fn discovery_503_is_passing() {
    let mut e = engine(json!({"authority":{"issuer":"https://kc.example"}}));
    let a = e.begin(Ok(request()));
    let mut now = 0;
    let x = loop {
        match e.poll(a, at(now)) {
            Step::Perform { effect_id: id, effect: Effect::Http(_), .. } => {
                e.resolve(id, http(503, &[("retry-after", "3")], json!({})), at(now));
            }
            Step::Perform { effect_id: id, effect: Effect::Sleep { until }, .. } => {
                eprintln!("sleep {}", until.since(at(now)));
                now = until.since(at(0));
                e.resolve(id, Outcome::Elapsed, at(now));
            }
            Step::Fail(x) => break x,
            o => panic!("{o:?}"),
        }
    };
    assert!(x.retryable(), "{x}");
}

#[test]
fn discovery_may_not_downgrade() {
    let mut e = engine(json!({"authority":{"issuer":"https://kc.example"}}));
    let a = e.begin(Ok(request()));
    let (id, _) = performed(e.poll(a, at(0)));
    e.resolve(
        id,
        http(
            200,
            &[],
            json!({"issuer":"https://kc.example","token_endpoint":"http://127.0.0.1:6379/x"}),
        ),
        at(0),
    );
    let s = e.poll(a, at(0));
    assert!(matches!(s, Step::Fail(_)), "{s:?}");
}

#[test]
fn signed_needs_client_id() {
    let c = json!({"authority":{"token_endpoint":"https://kc.example/t"},"source":{"kind":"signed","key":"k","algorithm":"PS256"}});
    assert!(Config::parse(c.to_string().as_bytes()).is_err());
}

#[test]
fn endless_signed_answers() {
    let mut e = signed(
        "ES256",
        json!({"public_jwk":{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}}),
    );
    let a = e.begin(Ok(Request::new("a")));
    for i in 0..50 {
        match e.poll(a, at(0)) {
            Step::Perform { effect_id: id, effect, .. } => {
                if i > 3 {
                    panic!("still asked {}", effect.kind());
                }
                e.resolve(id, Outcome::Signed(vec![7; 64]), at(0));
            }
            o => {
                eprintln!("{o:?}");
                return;
            }
        }
    }
}

#[test]
fn verified_as_answer_to_sign() {
    let mut e = signed("ES256", json!({}));
    let a = e.begin(Ok(Request::new("a")));
    let (id, _) = performed(e.poll(a, at(0)));
    e.resolve(id, Outcome::Verified(true), at(0));
    eprintln!("{:?}", e.poll(a, at(0)));
}

#[test]
fn trust_mismatch_keeps_old_assertion() {
    let mut e = engine(json!({"source":{"kind":"file","path":"/t"}}));
    let mut reads = 0;
    for _ in 0..2 {
        let a = e.begin(Ok(request()));
        loop {
            match e.poll(a, at(0)) {
                Step::Perform { effect_id: id, effect: Effect::ReadFile { .. }, .. } => {
                    reads += 1;
                    e.resolve(
                        id,
                        Outcome::File(Secret::new(assertion_until(T0 / 1000 + 3600).into_bytes())),
                        at(0),
                    );
                }
                Step::Perform { effect_id: id, .. } => {
                    e.resolve(id, http(400, &[], json!({"error":"invalid_request","error_codes":[700212],"error_description":"AADSTS700212: x"})), at(0));
                }
                Step::Fail(_) => break,
                o => panic!("{o:?}"),
            }
        }
        e.end(a);
    }
    assert_eq!(reads, 2, "the refused assertion is still held");
}

#[test]
fn assertion_without_signature_is_refused() {
    let mut e = engine(json!({}));
    let a = e.begin(Ok(request()));
    let (id, _) = performed(e.poll(a, at(0)));
    let t = assertion_until(T0 / 1000 + 3600);
    let t = &t[..=t.rfind('.').unwrap()];
    e.resolve(id, Outcome::Answer(Secret::new(t.as_bytes().to_vec())), at(0));
    let s = e.poll(a, at(0));
    assert!(matches!(s, Step::Fail(_)), "{s:?}");
}
