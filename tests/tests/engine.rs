//! Corners of the engine: whose deadline counts, who may be answered by what, which assertions are used again.

use serde_json::{Value, json};
use workload_identity_core::http::{Headers, HttpResponse};
use workload_identity_core::jose::base64url_encode;
use workload_identity_core::*;
const T0: i64 = 1_767_225_600_000;
const S: &str = "https://vault.azure.net/.default";
fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(T0 + ms)
}
fn cfg(mut extra: Value) -> Engine {
    let mut c = json!({"tenant_id":"contoso.com","client_id":"11111111-2222-3333-4444-555555555555","source":{"kind":"callback"}});
    for (k, v) in extra.as_object_mut().unwrap() {
        c[k] = v.clone();
    }
    let mut e = Engine::new(Config::parse(c.to_string().as_bytes()).unwrap());
    e.reseed([7; 32]);
    e
}
fn jwt(exp: i64) -> String {
    format!(
        "{}.{}.c2lnbmF0dXJl",
        base64url_encode(br#"{"alg":"RS256"}"#),
        base64url_encode(format!(r#"{{"iss":"i","sub":"s","aud":"a","exp":{exp}}}"#).as_bytes())
    )
}
fn good() -> Outcome {
    Outcome::Answer(Secret::new(jwt(T0 / 1000 + 3600).into_bytes()))
}
fn http(status: u16, h: &[(&str, &str)], body: Value) -> Outcome {
    Outcome::Http(HttpResponse {
        status,
        headers: Headers::from_pairs(h.iter().copied()),
        body: body.to_string().into_bytes(),
    })
}
fn token(n: &str, life: i64) -> Outcome {
    http(200, &[], json!({"access_token":n,"token_type":"Bearer","expires_in":life}))
}
fn perform(s: Step) -> (EffectId, Effect) {
    match s {
        Step::Perform { id, effect, .. } => (id, effect),
        o => panic!("{o:?}"),
    }
}
fn req() -> Request {
    Request::new(S)
}

#[test]
fn newcomer_joins_a_flight_that_waits_out_retry_after() {
    let mut e = cfg(json!({}));
    let a = e.begin(Ok(req()));
    let (id, _) = perform(e.poll(a, at(0)));
    e.resolve(id, good(), at(0));
    let (id, _) = perform(e.poll(a, at(0)));
    e.resolve(id, http(429, &[("retry-after", "5")], json!({})), at(0));
    let (_, eff) = perform(e.poll(a, at(0)));
    assert!(matches!(eff, Effect::Sleep { .. }));
    let b = e.begin(Ok(req()));
    let s = e.poll(b, at(1000));
    assert!(matches!(s, Step::Wait { .. }), "{s:?}");
}
#[test]
fn leader_effects_end_by_its_own_deadline() {
    let mut e = cfg(json!({}));
    let mut r = req();
    r.deadline = Some(at(1000));
    let a = e.begin(Ok(r));
    let b = e.begin(Ok(req()));
    let (id, _) = perform(e.poll(a, at(0)));
    assert!(matches!(e.poll(b, at(0)), Step::Wait { .. }));
    e.resolve(id, good(), at(0));
    let (id, eff) = perform(e.poll(a, at(0)));
    let Effect::Http(h) = eff else { panic!() };
    eprintln!("http timeout {}", h.timeout_ms);
    e.resolve(id, http(503, &[("retry-after", "20")], json!({})), at(0));
    let (_, eff) = perform(e.poll(a, at(0)));
    let Effect::Sleep { until } = eff else { panic!() };
    eprintln!("sleep {}", until.since(at(0)));
    assert!(h.timeout_ms <= 1000 && until <= at(1000));
}
#[test]
fn force_refresh_is_not_answered_by_store() {
    let mut e = cfg(json!({"store":true}));
    let a = e.begin(Ok(req()));
    let (id, eff) = perform(e.poll(a, at(0)));
    assert!(matches!(eff, Effect::Store(_)));
    let mut r = req();
    r.force_refresh = true;
    let b = e.begin(Ok(r));
    assert!(matches!(e.poll(b, at(0)), Step::Wait { .. }));
    let v = json!({"token":"revoked","expires_on":T0+3_600_000,"usable_until":T0+3_300_000});
    e.resolve(id, Outcome::Stored(Some(Secret::new(v.to_string().into_bytes()))), at(0));
    if let Step::Done { token, .. } = e.poll(b, at(0)) {
        panic!("force_refresh got {:?} {}", token.origin(), token.secret())
    }
}
#[test]
fn stale_token_bridges_for_a_caller_who_joined_the_refresh() {
    let mut e = cfg(json!({}));
    let a = e.begin(Ok(req()));
    let (id, _) = perform(e.poll(a, at(0)));
    e.resolve(id, good(), at(0));
    let (id, _) = perform(e.poll(a, at(0)));
    e.resolve(
        id,
        http(
            200,
            &[],
            json!({"access_token":"t","token_type":"Bearer","expires_in":3600,"refresh_in":3200}),
        ),
        at(0),
    );
    e.poll(a, at(0));
    e.end(a);
    let b = e.begin(Ok(req()));
    let Step::Done { refresh: Some(r), .. } = e.poll(b, at(3_299_000)) else { panic!() };
    e.end(b);
    let (id, _) = perform(e.poll(r, at(3_299_000)));
    let c = e.begin(Ok(req()));
    let s = e.poll(c, at(3_301_000)); // in the skew, still valid for 299 s
    assert!(matches!(s, Step::Wait { .. }), "{s:?}");
    e.resolve(id, http(503, &[("retry-after", "1000")], json!({})), at(3_302_000));
    let s = e.poll(c, at(3_302_000));
    assert!(matches!(s, Step::Done { .. }), "{s:?}");
}
#[test]
fn force_refresh_never_gets_stale() {
    let mut e = cfg(json!({}));
    let a = e.begin(Ok(req()));
    let (id, _) = perform(e.poll(a, at(0)));
    e.resolve(id, good(), at(0));
    let (id, _) = perform(e.poll(a, at(0)));
    e.resolve(id, token("t", 3600), at(0));
    e.poll(a, at(0));
    e.end(a);
    let b = e.begin(Ok(req()));
    let (id, _) = perform(e.poll(b, at(3_301_000)));
    let mut r = req();
    r.force_refresh = true;
    let c = e.begin(Ok(r));
    e.poll(c, at(3_301_000));
    e.resolve(id, http(503, &[("retry-after", "1000")], json!({})), at(3_302_000));
    let s = e.poll(c, at(3_302_000));
    assert!(matches!(s, Step::Fail(_)), "{s:?}");
}
#[test]
fn a_store_that_hangs_does_not_withhold_the_token() {
    let mut e = cfg(json!({"store":true}));
    let a = e.begin(Ok(req()));
    let (id, _) = perform(e.poll(a, at(0)));
    e.resolve(id, Outcome::Stored(None), at(0));
    let (id, _) = perform(e.poll(a, at(0)));
    e.resolve(id, good(), at(0));
    let (id, _) = perform(e.poll(a, at(0)));
    e.resolve(id, token("t", 3600), at(0));
    let (_, eff) = perform(e.poll(a, at(0)));
    assert!(matches!(eff, Effect::Store(_)));
    let s = e.poll(a, at(30_000));
    assert!(matches!(s, Step::Done { .. }), "{s:?}");
}
fn signed(alg: &str, extra: Value) -> Engine {
    let mut s = json!({"kind":"signed","key":"k","algorithm":alg});
    for (k, v) in extra.as_object().unwrap() {
        s[k] = v.clone();
    }
    cfg(json!({"source":s, "authority":{"token_endpoint":"https://kc.example/token"}}))
}
#[test]
fn each_exchange_has_its_own_jti() {
    let mut e = signed("PS256", json!({}));
    let mut bodies = vec![];
    for scope in ["a", "b"] {
        let a = e.begin(Ok(Request::new(scope)));
        loop {
            match e.poll(a, at(0)) {
                Step::Perform { id, effect: Effect::Sign { .. }, .. } => {
                    e.resolve(id, Outcome::Signed(vec![1; 256]), at(0));
                }
                Step::Perform { id, effect: Effect::Http(h), .. } => {
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
            Step::Perform { id, effect: Effect::Sign { .. }, .. } => {
                e.resolve(id, Outcome::Signed(vec![1; 256]), at(now));
            }
            Step::Perform { id, effect: Effect::Http(h), .. } => {
                bodies.push(h.body);
                e.resolve(id, http(503, &[], json!({})), at(now));
            }
            Step::Perform { id, effect: Effect::Sleep { .. }, .. } => {
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
    let (id, _) = perform(e.poll(a, at(0)));
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
    let (id, eff) = perform(e.poll(a, at(0)));
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
    let mut e = cfg(
        json!({"authority":{"token_endpoint":"https://kc.example/token"},"source":{"kind":"file","path":"/t"}}),
    );
    let whole = jwt(T0 / 1000 + 3600);
    let cut = &whole[..whole.len() - 4]; // half-written: cut inside the signature
    let mut reads = 0;
    let mut last = String::new();
    for _ in 0..2 {
        let a = e.begin(Ok(req()));
        loop {
            match e.poll(a, at(0)) {
                Step::Perform { id, effect: Effect::ReadFile { .. }, .. } => {
                    reads += 1;
                    let t = if reads == 1 { cut } else { &whole };
                    e.resolve(id, Outcome::File(Secret::new(t.as_bytes().to_vec())), at(0));
                }
                Step::Perform { id, effect: Effect::Http(h), .. } => {
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
    let mut e = cfg(json!({"authority":{"issuer":"https://kc.example"}}));
    let a = e.begin(Ok(req()));
    let mut now = 0;
    let x = loop {
        match e.poll(a, at(now)) {
            Step::Perform { id, effect: Effect::Http(_), .. } => {
                e.resolve(id, http(503, &[("retry-after", "3")], json!({})), at(now));
            }
            Step::Perform { id, effect: Effect::Sleep { until }, .. } => {
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
    let mut e = cfg(json!({"authority":{"issuer":"https://kc.example"}}));
    let a = e.begin(Ok(req()));
    let (id, _) = perform(e.poll(a, at(0)));
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
fn one_cancelled_leader_does_not_cancel_followers() {
    let mut e = cfg(json!({}));
    let a = e.begin(Ok(req()));
    let b = e.begin(Ok(req()));
    let (id, _) = perform(e.poll(a, at(0)));
    e.poll(b, at(0));
    e.resolve(id, Outcome::Failed { failure: Failure::Cancelled, detail: "".into() }, at(0));
    let s = e.poll(b, at(0));
    assert!(!matches!(s, Step::Fail(_)), "{s:?}");
}
#[test]
fn huge_retry_after_is_capped_not_ignored() {
    let mut e = cfg(json!({}));
    let a = e.begin(Ok(req()));
    let (id, _) = perform(e.poll(a, at(0)));
    e.resolve(id, good(), at(0));
    let (id, _) = perform(e.poll(a, at(0)));
    e.resolve(id, http(429, &[("retry-after", "99999999999999999999")], json!({})), at(0));
    let s = e.poll(a, at(0));
    assert!(matches!(s, Step::Fail(_)), "retried at once: {s:?}");
}
#[test]
fn signed_needs_client_id() {
    let c = json!({"authority":{"token_endpoint":"https://kc.example/t"},"source":{"kind":"signed","key":"k","algorithm":"PS256"}});
    assert!(Config::parse(c.to_string().as_bytes()).is_err());
}
#[test]
fn clock_back_does_not_hold_a_dead_lease() {
    let mut e = cfg(json!({}));
    let a = e.begin(Ok(req()));
    let b = e.begin(Ok(req()));
    perform(e.poll(a, at(0)));
    e.poll(b, at(0));
    // the leader is gone; the clock was set back by 50 minutes
    let s = e.poll(b, at(-3_000_000));
    assert!(
        !matches!(s, Step::Wait { until, .. } if until.since(at(-3_000_000)) > 60_000),
        "{s:?}"
    );
}
#[test]
fn successor_effect_respects_remaining_time() {
    let mut e = cfg(json!({}));
    let mut r = req();
    r.deadline = Some(at(14_000));
    let a = e.begin(Ok(req_dead(14_000)));
    let b = e.begin(Ok(r));
    perform(e.poll(a, at(0)));
    e.poll(b, at(0));
    let (_, eff) = perform(e.poll(b, at(12_500)));
    let Effect::AskHost { timeout_ms, .. } = eff else { panic!() };
    assert!(timeout_ms <= 1500, "{timeout_ms}");
}
fn req_dead(ms: i64) -> Request {
    let mut r = req();
    r.deadline = Some(at(ms));
    r
}
#[test]
fn stale_bridges_tls() {
    let mut e = cfg(json!({}));
    let a = e.begin(Ok(req()));
    let (id, _) = perform(e.poll(a, at(0)));
    e.resolve(id, good(), at(0));
    let (id, _) = perform(e.poll(a, at(0)));
    e.resolve(id, token("t", 3600), at(0));
    e.poll(a, at(0));
    e.end(a);
    let b = e.begin(Ok(req()));
    let (id, _) = perform(e.poll(b, at(3_301_000)));
    e.resolve(id, Outcome::Failed { failure: Failure::Tls, detail: "".into() }, at(3_302_000));
    let s = e.poll(b, at(3_302_000));
    assert!(matches!(s, Step::Done { .. }), "{s:?}");
}
#[test]
fn claims_token_is_not_overwritten_by_older_flight() {
    let mut e = cfg(json!({}));
    let a = e.begin(Ok(req()));
    let (id, _) = perform(e.poll(a, at(0)));
    e.resolve(id, good(), at(0));
    let (ida, _) = perform(e.poll(a, at(0)));
    let mut r = req();
    r.claims = Some(r#"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#.into());
    let b = e.begin(Ok(r));
    let (id, _) = perform(e.poll(b, at(10)));
    e.resolve(id, good(), at(10));
    let (id, _) = perform(e.poll(b, at(10)));
    e.resolve(id, token("claims", 3600), at(20));
    e.poll(b, at(20));
    e.end(b);
    e.resolve(ida, token("old", 3600), at(30));
    e.poll(a, at(30));
    e.end(a);
    let c = e.begin(Ok(req()));
    let Step::Done { token, .. } = e.poll(c, at(40)) else { panic!() };
    assert_eq!(token.secret(), "claims");
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
            Step::Perform { id, effect, .. } => {
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
    let (id, _) = perform(e.poll(a, at(0)));
    e.resolve(id, Outcome::Verified(true), at(0));
    eprintln!("{:?}", e.poll(a, at(0)));
}
#[test]
fn trust_mismatch_keeps_old_assertion() {
    let mut e = cfg(json!({"source":{"kind":"file","path":"/t"}}));
    let mut reads = 0;
    for _ in 0..2 {
        let a = e.begin(Ok(req()));
        loop {
            match e.poll(a, at(0)) {
                Step::Perform { id, effect: Effect::ReadFile { .. }, .. } => {
                    reads += 1;
                    e.resolve(
                        id,
                        Outcome::File(Secret::new(jwt(T0 / 1000 + 3600).into_bytes())),
                        at(0),
                    );
                }
                Step::Perform { id, .. } => {
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
    let mut e = cfg(json!({}));
    let a = e.begin(Ok(req()));
    let (id, _) = perform(e.poll(a, at(0)));
    let t = jwt(T0 / 1000 + 3600);
    let t = &t[..=t.rfind('.').unwrap()];
    e.resolve(id, Outcome::Answer(Secret::new(t.as_bytes().to_vec())), at(0));
    let s = e.poll(a, at(0));
    assert!(matches!(s, Step::Fail(_)), "{s:?}");
}
#[test]
fn refresh_ticket_of_failed_poll() {
    // a cached answer whose refresh is due: two polls of one ticket
    let mut e = cfg(json!({}));
    let a = e.begin(Ok(req()));
    let (id, _) = perform(e.poll(a, at(0)));
    e.resolve(id, good(), at(0));
    let (id, _) = perform(e.poll(a, at(0)));
    e.resolve(
        id,
        http(
            200,
            &[],
            json!({"access_token":"t","token_type":"Bearer","expires_in":3600,"refresh_in":1800}),
        ),
        at(0),
    );
    e.poll(a, at(0));
    e.end(a);
    // refresh ticket abandoned (worker died): another one after 60 s, the first one never goes away
    for i in 0..10 {
        let b = e.begin(Ok(req()));
        e.poll(b, at(1_900_000 + i * 61_000));
        e.end(b);
    }
    assert_eq!(e.open().0, 1, "abandoned refresh tickets stay");
}
