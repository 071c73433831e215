//! What answers may look like, audiences, and how long a token is used.

use super::imds::IMDS;
use super::{IDENTITY, answer, app_service_variables, asked, on};
use crate::Recorder;
use crate::recorder::START;
use crate::scenarios::sources::exchange;
use crate::scenarios::{jwt, request};
use serde_json::{Value, json};

pub(super) fn answers() -> Vec<Recorder> {
    let mut r = Recorder::new(
        "managed-identity-answers",
        "Answers of another form, expired tokens and tokens for another audience are refused.",
        on(&app_service_variables(), json!({"client_id": IDENTITY})),
    );
    let with = |member: &str, value: Value| {
        let mut changed = answer(&jwt());
        changed[member] = value;
        changed
    };
    let other = crate::token_for("https://vault.azure.net", "s", START / 1000 + 3600);
    for (body, code) in [
        (json!([]), "source_response_invalid"),
        (json!({}), "source_response_invalid"),
        (json!({"access_token": 1}), "source_response_invalid"),
        (json!({"access_token": " "}), "source_response_invalid"),
        (json!({"access_token": null}), "source_response_invalid"),
        (with("expires_on", json!({})), "source_response_invalid"),
        (with("expires_in", json!([])), "source_response_invalid"),
        (answer("opaque"), "source_response_invalid"),
        (answer(&"a".repeat(17 * 1024)), "source_response_invalid"),
        (answer(&crate::workload_token("s", START / 1000 - 61)), "assertion_expired"),
        (answer(&other), "source_audience_mismatch"),
    ] {
        let t = r.begin(request());
        let e = r.perform(t, "http");
        r.http(e, 200, body);
        r.fail(t, code);
        r.end(t);
    }
    for body in [
        with("expires_on", json!(START / 1000 + 86_400)),
        with("expires_on", json!("01/02/2026 00:00:00 +00:00")),
        with("expires_in", Value::Null),
    ] {
        r.wait(3_600_000 * 2);
        let t = r.begin(json!({"scopes": [crate::scenarios::SCOPE], "force_refresh": true}));
        let e = r.perform(t, "http");
        let mut body = body;
        body["access_token"] = crate::workload_token("s", r.now() / 1000 + 3600).into();
        r.http(e, 200, body);
        exchange(&mut r, t, "token-1");
    }
    vec![r]
}

pub(super) fn audiences() -> Vec<Recorder> {
    let mut china = on(&json!({}), json!({"client_id": IDENTITY}));
    china["authority_host"] = "https://login.partner.microsoftonline.cn".into();
    let mut r = Recorder::new("managed-identity-china", "The audience follows the cloud.", china);
    let t = r.begin(request());
    let url = IMDS.replace("TokenExchange", "TokenExchangeChina");
    let (e, _) = asked(&mut r, t, &format!("{url}&client_id={IDENTITY}"));
    let token = crate::token_for("api://AzureADTokenExchangeChina", "s", START / 1000 + 3600);
    r.http(e, 200, answer(&token));
    exchange(&mut r, t, "token-1");
    let mut own = Recorder::new(
        "managed-identity-audience",
        "A configured audience is asked for. The token names the application id of the resource, as tokens of version 2 do.",
        on(&json!({}), json!({"audience": "api://own app+1"})),
    );
    let t = own.begin(request());
    let url = IMDS.replace("api%3A%2F%2FAzureADTokenExchange", "api%3A%2F%2Fown%20app%2B1");
    let (e, _) = asked(&mut own, t, &url);
    own.http(e, 200, answer(&crate::token_for(IDENTITY, "s", START / 1000 + 3600)));
    exchange(&mut own, t, "token-1");
    vec![r, own]
}

pub(super) fn kept_until_expiry() -> Vec<Recorder> {
    let mut r = Recorder::new(
        "managed-identity-kept",
        "The token of the identity is used for other scopes until its own expiry nears.",
        on(&json!({}), json!({"client_id": IDENTITY})),
    );
    let life = |r: &Recorder| crate::workload_token("s", r.now() / 1000 + 86_400);
    let t = r.begin(request());
    let e = r.perform(t, "http");
    let token = life(&r);
    r.http(e, 200, answer(&token));
    exchange(&mut r, t, "token-1");
    r.wait(86_339_000);
    let t = r.begin(json!({"scopes": ["https://a.example/.default"]}));
    exchange(&mut r, t, "token-2");
    r.wait(1_000);
    let t = r.begin(json!({"scopes": ["https://b.example/.default"]}));
    let (e, _) = asked(&mut r, t, &format!("{IMDS}&client_id={IDENTITY}"));
    let token = life(&r);
    r.http(e, 200, answer(&token));
    exchange(&mut r, t, "token-3");
    vec![r]
}
