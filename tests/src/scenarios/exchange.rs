//! The exchange itself: good answers, refusals, retries.

use super::{assertion, config, issued, refusal, request};
use crate::Recorder;
use serde_json::{Value, json};

pub(super) fn all() -> Vec<Recorder> {
    let mut list = vec![
        callback(),
        claims_and_cae(),
        another_tenant(),
        authority_with_tenant(),
        renewed_assertion(),
        rejected_twice(),
        retry_then_success(),
        retries_used_up(),
        retry_after_respected(),
        throttled_beyond_deadline(),
        claims_challenge(),
        generic_named(),
        generic_discovered(),
        discovery_of_another_issuer(),
    ];
    for (name, number, error, text, code) in [
        (
            "refused-subject",
            700213,
            "invalid_client",
            "No matching federated identity record found for presented assertion subject 'x'.",
            "trust_mismatch",
        ),
        ("refused-tenant", 90002, "invalid_request", "Tenant not found.", "configuration_rejected"),
        ("refused-unknown-number", 999999, "invalid_client", "Something new.", "exchange_rejected"),
        (
            "refused-with-token-in-text",
            999998,
            "invalid_client",
            "token eyJhbGciOiJub25lIn0.e30. is bad",
            "exchange_rejected",
        ),
    ] {
        let mut r =
            Recorder::new(name, "The token service refuses the exchange.", config(json!({})));
        let t = r.begin(request());
        assertion(&mut r, t);
        let e = r.perform(t, "http");
        r.http(e, 401, refusal(number, error, text));
        let step = r.fail(t, code);
        assert!(!step.to_string().contains("eyJ"), "{step}");
        r.fail(t, code);
        r.end(t);
        list.push(r);
    }
    list
}

fn callback() -> Recorder {
    let mut r = Recorder::new(
        "exchange-callback",
        "A callback's token is exchanged; the second call is a cache hit.",
        config(json!({})),
    );
    let t = r.begin(request());
    assertion(&mut r, t);
    let e = r.perform(t, "http");
    r.http(e, 200, issued("token-1", 3599));
    let done = r.done(t, "token-1");
    assert_eq!(done["value"]["from"], "network");
    r.end(t);
    r.wait(60_000);
    let t = r.begin(request());
    let done = r.done(t, "token-1");
    assert_eq!(done["value"]["from"], "cache");
    r.end(t);
    r
}

fn claims_and_cae() -> Recorder {
    let mut r = Recorder::new(
        "exchange-claims",
        "Claims bypass the cache, are merged with cp1, and the new token replaces the old.",
        config(json!({})),
    );
    for (claims, token) in [
        (None, "token-1"),
        (Some(r#"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#), "token-2"),
    ] {
        let t = r.begin(json!({"scopes": [super::SCOPE], "enable_cae": true, "claims": claims}));
        assertion(&mut r, t);
        let e = r.perform(t, "http");
        r.http(e, 200, issued(token, 3599));
        r.done(t, token);
        r.end(t);
    }
    let t = r.begin(json!({"scopes": [super::SCOPE], "enable_cae": true}));
    r.done(t, "token-2");
    r.end(t);
    r
}

fn authority_with_tenant() -> Recorder {
    let authority = format!("https://login.microsoftonline.us/{}/", super::TENANT);
    let mut r = Recorder::new(
        "exchange-authority-with-tenant",
        "An authority in MSAL's form, the configured tenant at its end, means its host.",
        config(json!({"authority_host": authority})),
    );
    let t = r.begin(request());
    assertion(&mut r, t);
    let step = r.poll(t, "perform");
    let endpoint = format!("https://login.microsoftonline.us/{}/oauth2/v2.0/token", super::TENANT);
    assert_eq!(step["effect"]["url"], endpoint);
    r.http(step["effect"]["id"].as_u64().expect("id"), 200, issued("token-1", 3599));
    r.done(t, "token-1");
    r.end(t);
    r
}

fn another_tenant() -> Recorder {
    let mut r = Recorder::new(
        "exchange-tenant",
        "A request names an allowed tenant, then one that is not.",
        config(json!({"additionally_allowed_tenants": ["contoso.com"]})),
    );
    let t = r.begin(json!({"scopes": [super::SCOPE], "tenant_id": "Contoso.com"}));
    assertion(&mut r, t);
    let e = r.perform(t, "http");
    r.http(e, 200, issued("token-1", 3599));
    r.done(t, "token-1");
    r.end(t);
    let t = r.begin(json!({"scopes": [super::SCOPE], "tenant_id": "fabrikam.com"}));
    r.fail(t, "tenant_not_configured");
    r.end(t);
    r
}

fn renewed_assertion() -> Recorder {
    let mut r = Recorder::new(
        "exchange-assertion-renewed",
        "AADSTS700024: the source is asked once more and the exchange succeeds.",
        config(json!({})),
    );
    let t = r.begin(request());
    assertion(&mut r, t);
    let e = r.perform(t, "http");
    r.http(
        e,
        401,
        refusal(700024, "invalid_client", "Client assertion is not within its valid time range."),
    );
    assertion(&mut r, t);
    let e = r.perform(t, "http");
    r.http(e, 200, issued("token-1", 3599));
    r.done(t, "token-1");
    r.end(t);
    r
}

fn rejected_twice() -> Recorder {
    let mut r = Recorder::new(
        "exchange-assertion-rejected",
        "AADSTS700027 twice: the refusal is final.",
        config(json!({})),
    );
    let t = r.begin(request());
    for _ in 0..2 {
        assertion(&mut r, t);
        let e = r.perform(t, "http");
        r.http(
            e,
            401,
            refusal(700027, "invalid_client", "Client assertion failed signature validation."),
        );
    }
    r.fail(t, "assertion_rejected");
    r.end(t);
    r
}

/// Waits out the pause that the engine asked for.
fn sleep(r: &mut Recorder, t: u64) -> i64 {
    let step = r.poll(t, "perform");
    assert_eq!(step["effect"]["kind"], "sleep", "{step}");
    let pause = step["effect"]["until"].as_i64().expect("until") - r.now();
    r.wait(pause);
    r.resolve(step["effect"]["id"].as_u64().expect("id"), "elapsed", 0, "", b"");
    pause
}

fn retry_then_success() -> Recorder {
    let mut r = Recorder::new(
        "exchange-retry",
        "A 503 and a cut connection are retried with jitter, then it works.",
        config(json!({})),
    );
    let t = r.begin(request());
    assertion(&mut r, t);
    let e = r.perform(t, "http");
    r.resolve(e, "http", 503, "content-type: text/html", b"<html>down</html>");
    sleep(&mut r, t);
    let e = r.perform(t, "http");
    r.resolve(e, "failed", 0, "refused", b"connection reset by peer");
    sleep(&mut r, t);
    let e = r.perform(t, "http");
    r.http(e, 200, issued("token-1", 3599));
    r.done(t, "token-1");
    r.end(t);
    r
}

fn retries_used_up() -> Recorder {
    let mut r = Recorder::new(
        "exchange-unavailable",
        "Three times 500: the failure reaches the caller.",
        config(json!({})),
    );
    let t = r.begin(request());
    assertion(&mut r, t);
    for _ in 0..2 {
        let e = r.perform(t, "http");
        r.http(e, 500, json!({"error": "server_error"}));
        sleep(&mut r, t);
    }
    let e = r.perform(t, "http");
    r.http(e, 500, json!({"error": "server_error"}));
    r.fail(t, "service_unavailable");
    r.end(t);
    r
}

fn retry_after_respected() -> Recorder {
    let mut r = Recorder::new(
        "exchange-retry-after",
        "429 with Retry-After inside the deadline: one pause, then success.",
        config(json!({})),
    );
    let t = r.begin(request());
    assertion(&mut r, t);
    let e = r.perform(t, "http");
    r.resolve(e, "http", 429, "retry-after: 7", b"{}");
    assert!(sleep(&mut r, t) >= 7000);
    let e = r.perform(t, "http");
    r.http(e, 200, issued("token-1", 3599));
    r.done(t, "token-1");
    r.end(t);
    r
}

fn throttled_beyond_deadline() -> Recorder {
    let mut r = Recorder::new(
        "exchange-throttled",
        "429 with a Retry-After beyond the deadline fails at once and is remembered until then.",
        config(json!({})),
    );
    let t = r.begin(request());
    assertion(&mut r, t);
    let e = r.perform(t, "http");
    r.resolve(e, "http", 429, "retry-after: 60", b"");
    let step = r.fail(t, "throttled");
    assert_eq!(step["error"]["retry_at"], r.now() + 60_000);
    r.end(t);
    r.wait(10_000);
    let t = r.begin(request());
    r.fail(t, "throttled");
    r.end(t);
    r.wait(50_000);
    let t = r.begin(request());
    let e = r.perform(t, "http");
    r.http(e, 200, issued("token-1", 3599));
    r.done(t, "token-1");
    r.end(t);
    r
}

fn claims_challenge() -> Recorder {
    let mut r = Recorder::new(
        "exchange-claims-challenge",
        "The token service wants claims; the error carries them.",
        config(json!({})),
    );
    let t = r.begin(request());
    assertion(&mut r, t);
    let e = r.perform(t, "http");
    let mut body = refusal(53003, "interaction_required", "Blocked by Conditional Access.");
    body["claims"] =
        Value::from(r#"{"access_token":{"capolids":{"essential":true,"values":["x"]}}}"#);
    body["suberror"] = Value::from("message_only");
    r.http(e, 400, body);
    let step = r.fail(t, "claims_challenge");
    assert!(step["error"]["claims"].is_string());
    r.end(t);
    r
}

fn generic(name: &'static str, about: &'static str, authority: Value) -> Recorder {
    Recorder::new(name, about, json!({"authority": authority, "source": {"kind": "callback"}}))
}

fn generic_named() -> Recorder {
    let mut r = generic(
        "generic-token-endpoint",
        "A generic authority by its token endpoint; several scopes, no client id.",
        json!({"token_endpoint": "https://idp.example/token"}),
    );
    let t = r.begin(json!({"scopes": ["openid", "api:read"]}));
    assertion(&mut r, t);
    let step = r.poll(t, "perform");
    let body = step["effect"]["body"].as_str().expect("body");
    assert!(body.contains("scope=api%3Aread+openid") && !body.contains("client_id"), "{body}");
    r.http(step["effect"]["id"].as_u64().expect("id"), 200, issued("token-1", 300));
    r.done(t, "token-1");
    r.end(t);
    r
}

fn generic_discovered() -> Recorder {
    let mut r = generic(
        "generic-discovery",
        "A generic authority's endpoint is discovered once and remembered; discovery is retried.",
        json!({"issuer": "https://idp.example/realms/r"}),
    );
    for (scope, discover) in [("a", true), ("b", false)] {
        let t = r.begin(json!({"scopes": [scope]}));
        if discover {
            let e = r.perform(t, "http");
            r.resolve(e, "failed", 0, "timeout", b"");
            sleep(&mut r, t);
            let e = r.perform(t, "http");
            r.http(e, 503, json!({}));
            sleep(&mut r, t);
            let e = r.perform(t, "http");
            r.http(e, 200, json!({"issuer": "https://idp.example/realms/r", "token_endpoint": "https://idp.example/token"}));
            assertion(&mut r, t);
        }
        let e = r.perform(t, "http");
        r.http(e, 200, issued("token-1", 3600));
        r.done(t, "token-1");
        r.end(t);
    }
    r
}

fn discovery_of_another_issuer() -> Recorder {
    let mut r = generic(
        "generic-discovery-mismatch",
        "The discovery document names another issuer.",
        json!({"issuer": "https://idp.example/realms/r"}),
    );
    for body in [
        json!({"issuer": "https://idp.example/realms/R", "token_endpoint": "https://idp.example/token"}),
        json!({"issuer": "https://idp.example/realms/r", "token_endpoint": "http://idp.example/token"}),
    ] {
        let t = r.begin(json!({"scopes": ["a"]}));
        let e = r.perform(t, "http");
        r.http(e, 200, body);
        r.fail(t, "discovery_invalid");
        r.end(t);
    }
    r
}
