use super::*;
use crate::http::{Headers, HttpResponse, PrivateAddresses};
use crate::{Failure, Outcome};
use alloc::string::ToString as _;
use serde_json::{Value, json};

const ISSUER: &str = "https://issuer.example/a";
const LOCAL: AddressPolicy =
    AddressPolicy { private: PrivateAddresses::Allow, allow_loopback_http: true };

fn http(status: u16, headers: &[(&str, &str)], body: &str) -> Outcome {
    let headers = Headers::from_pairs(headers.iter().copied());
    Outcome::Http(HttpResponse { status, headers, body: body.into() })
}

fn ok(body: &Value) -> Outcome {
    http(200, &[], &body.to_string())
}

fn redirect(to: &str) -> Outcome {
    http(302, &[("location", to)], "")
}

fn discovery(issuer: &str) -> Value {
    json!({
        "issuer": issuer, "jwks_uri": format!("{ISSUER}/openid/v1/jwks"),
        "response_types_supported": ["id_token"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    })
}

/// The keys of `tests/vectors/published-keys.json`: two RSA keys, then P-256, P-384, P-521, RSA.
fn keys() -> Vec<Value> {
    let text = include_str!("../../../../tests/vectors/published-keys.json");
    let vectors: Value = serde_json::from_str(text).unwrap();
    vectors["keys"].as_array().unwrap().iter().map(|vector| vector["jwk"].clone()).collect()
}

fn changed(mut key: Value, name: &str, value: Value) -> Value {
    key[name] = value;
    key
}

fn report(issuer: &str, answers: &[Outcome]) -> Value {
    let mut check = IssuerCheck::new(issuer, LOCAL, 1000).unwrap();
    for answer in answers {
        assert!(check.request().is_some(), "{:?}", check.findings);
        check.answer(answer);
    }
    assert!(check.request().is_none(), "{:?}", check.request());
    serde_json::to_value(check.report()).unwrap()
}

fn with_keys(keys: &[Value]) -> Value {
    report(ISSUER, &[ok(&discovery(ISSUER)), ok(&json!({ "keys": keys }))])
}

/// The services that can use the issuer.
fn usable(report: &Value) -> Vec<&str> {
    let all = ["entra", "aws", "google"];
    all.into_iter().filter(|service| report[*service]["usable"] == json!(true)).collect()
}

fn codes<'r>(report: &'r Value, service: &str) -> Vec<&'r str> {
    let reasons = report[service]["reasons"].as_array().unwrap();
    reasons.iter().map(|reason| reason["code"].as_str().unwrap()).collect()
}

#[test]
fn a_good_issuer_is_usable_by_all() {
    let mut check = IssuerCheck::new(ISSUER, LOCAL, 1000).unwrap();
    let request = check.request().unwrap();
    assert_eq!(request.url, "https://issuer.example/a/.well-known/openid-configuration");
    check.answer(&ok(&discovery(ISSUER)));
    let request = check.request().unwrap();
    assert_eq!(request.url, "https://issuer.example/a/openid/v1/jwks");
    assert!(request.headers.first("accept").unwrap().contains("jwk-set+json"));
    check.answer(&ok(&json!({ "keys": keys()[..2] })));
    check.answer(&Outcome::Elapsed);
    let report = check.report();
    assert!(report.is_usable_by_all() && report.findings.is_empty(), "{:?}", report.findings);
    for step in IssuerCheckStep::ALL {
        assert_eq!(report.outcome(step), StepOutcome::Passed);
    }
    let report = serde_json::to_value(report).unwrap();
    assert_eq!(usable(&report), ["entra", "aws", "google"]);
    assert_eq!(report["keys"][0]["usable_by"], json!(["entra", "aws", "google"]));
    assert_eq!(report["checks"]["keys"], json!("passed"));
}

#[test]
fn answers_that_are_no_document_have_their_codes() {
    let large = "x".repeat(5_000_000);
    for (answers, code, words) in [
        (&[http(404, &[], "")][..], "keys_unavailable", "wif publish"),
        (&[http(403, &[], "")], "keys_unavailable", "public"),
        (&[http(503, &[], "")], "service_unavailable", "503"),
        (&[http(407, &[], "")], "proxy_authentication_required", "proxy"),
        (&[http(200, &[], "<!DOCTYPE html>")], "response_not_json", "HTML"),
        (&[http(200, &[], " ")], "response_empty", "empty"),
        (&[http(200, &[], r#"{"issuer":"a","issuer":"b"}"#)], "response_duplicate_member", "twice"),
        (&[http(200, &[], "[]")], "discovery_invalid", "object"),
        (&[http(200, &[], &large)], "response_too_large", "256 KiB"),
        (&[redirect("https://169.254.169.254/")], "response_redirect", "no option allows it"),
        (&[redirect("")], "response_redirect", "not an absolute"),
        (&[redirect("/b"), redirect("/c"), redirect("/b")], "redirect_loop", "circle"),
        (
            &[
                redirect("/1"),
                redirect("/2"),
                redirect("/3"),
                redirect("/4"),
                redirect("/5"),
                redirect("/6"),
            ],
            "redirect_loop",
            "more than 5",
        ),
        (
            &[redirect("/b"), ok(&discovery(ISSUER)), http(200, &[], "<html>")],
            "response_redirect",
            "`/b`",
        ),
        (&[ok(&discovery(ISSUER)), http(200, &[], "<html>")], "response_not_json", "key set"),
        (&[ok(&discovery(ISSUER)), http(200, &[], "[]")], "response_invalid", "list `keys`"),
        (&[ok(&discovery(ISSUER)), http(200, &[], &large)], "response_too_large", "1 MiB"),
        (&[ok(&json!({ "issuer": ISSUER }))], "discovery_invalid", "`jwks_uri`"),
    ] {
        let report = report(ISSUER, answers);
        assert_eq!(usable(&report), [""; 0], "{code}");
        let codes = codes(&report, "entra");
        assert!(codes.contains(&code), "{codes:?} {code}");
        assert!(report.to_string().contains(words), "{words}: {report}");
        assert_eq!(report["google"]["usable_with_uploaded_keys"], json!(true));
    }
}

#[test]
fn failures_of_the_network_have_their_codes() {
    for (failure, code) in [
        (Failure::Timeout, "network_timeout"),
        (Failure::Refused, "network_refused"),
        (Failure::Dns, "network_dns"),
        (Failure::Tls, "network_tls"),
        (Failure::ProxyAuthentication, "proxy_authentication_required"),
        (Failure::Unreadable, "response_invalid"),
        (Failure::Other, "network_failed"),
    ] {
        let failed = Outcome::Failed { failure, detail: "a\u{1b}[31mb".into() };
        let report = report(ISSUER, &[failed]);
        assert_eq!(codes(&report, "aws"), [code]);
        assert_eq!(report["checks"]["discovery"], json!("failed"));
        assert_eq!(report["checks"]["keys"], json!("not_reached"));
        assert!(!report.to_string().contains("\\u001b"), "{report}");
    }
}

#[test]
fn the_issuer_is_compared_octet_for_octet() {
    for (named, words) in [
        ("https://issuer.example/a/", "slash"),
        ("https://issuer.example/A", "case"),
        (" https://issuer.example/a", "white space"),
        ("https://other.example", "octet for octet"),
    ] {
        let answers = [ok(&discovery(named)), ok(&json!({ "keys": keys()[..1] }))];
        let report = report(ISSUER, &answers);
        assert_eq!(codes(&report, "google"), ["issuer_mismatch"]);
        let message = report["findings"][0]["message"].as_str().unwrap();
        assert!(message.contains(words), "{message}");
    }
    let without = changed(discovery(ISSUER), "issuer", json!(7));
    let report = report(ISSUER, &[ok(&without), ok(&json!({ "keys": keys()[..1] }))]);
    assert_eq!(codes(&report, "entra"), ["issuer_mismatch"]);
}

#[test]
fn addresses_that_services_do_not_take_are_named() {
    let long = format!("https://issuer.example/{}", "a".repeat(300));
    for (issuer, able) in [
        ("https://issuer.example:8443", &["entra", "google"][..]),
        (&long, &["entra", "google"]),
        ("https://login.microsoftonline.com/tenant/v2.0", &["aws", "google"]),
        ("https://sts.windows.net/tenant/", &["aws", "google"]),
        ("https://10.0.0.1", &[]),
        ("http://127.0.0.1:1", &[]),
    ] {
        let answers = [ok(&discovery(issuer)), ok(&json!({ "keys": keys()[..1] }))];
        let report = report(issuer, &answers);
        assert_eq!(usable(&report), able, "{issuer}");
        assert!(report["findings"][0]["code"] == json!("issuer_unsuitable"), "{report}");
    }
    let refused = |issuer| report(issuer, &[]);
    assert_eq!(refused("http://issuer.example")["checks"]["address"], json!("failed"));
    assert_eq!(codes(&refused("https://169.254.169.254"), "entra"), ["issuer_unsuitable"]);
    let private = report(
        "https://10.0.0.1",
        &[ok(&discovery("https://10.0.0.1")), ok(&json!({ "keys": keys() }))],
    );
    assert_eq!(private["google"]["usable_with_uploaded_keys"], json!(true));
    assert_eq!(
        refused("http://issuer.example")["google"]["usable_with_uploaded_keys"],
        json!(false)
    );
    assert!(IssuerCheck::new("issuer.example", LOCAL, 1).is_err());
    assert!(IssuerCheck::new("https://a.example?x=1", LOCAL, 1).is_err());
}

#[test]
fn the_address_of_the_keys_is_checked() {
    for jwks_uri in
        ["http://keys.example/", "https://192.168.0.1/keys", "https://169.254.169.254/", "/keys"]
    {
        let document = changed(discovery(ISSUER), "jwks_uri", json!(jwks_uri));
        let mut check = IssuerCheck::new(ISSUER, LOCAL, 1).unwrap();
        check.answer(&ok(&document));
        let report = serde_json::to_value(check.report()).unwrap();
        assert_eq!(report["checks"]["jwks_uri"], json!("failed"), "{jwks_uri}");
        assert_eq!(codes(&report, "aws"), ["issuer_unsuitable"]);
    }
}

#[test]
fn keys_are_for_some_services_and_not_for_others() {
    let keys = keys();
    let eddsa = json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": "e", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    let mut without_use = keys[0].clone();
    without_use.as_object_mut().unwrap().remove("use");
    let mut without_kid = keys[0].clone();
    without_kid.as_object_mut().unwrap().remove("kid");
    for (set, able, code) in [
        (&[keys[2].clone()][..], &["aws", "google"][..], "alg_not_allowed"),
        (&[keys[3].clone()], &["aws"], "alg_not_allowed"),
        (core::slice::from_ref(&eddsa), &[], "alg_not_allowed"),
        (&[without_use], &["aws", "google"], "key_rejected"),
        (&[without_kid], &[], "kid_missing"),
        (&[changed(keys[0].clone(), "use", json!("enc"))], &[], "key_rejected"),
        (&[changed(keys[0].clone(), "n", json!("AQAB"))], &[], "key_rejected"),
        (
            &[keys[0].clone(), changed(keys[1].clone(), "kid", keys[0]["kid"].clone())],
            &[],
            "ambiguous_key",
        ),
        (&[], &[], "key_rejected"),
        (&[json!(7)], &[], "key_rejected"),
    ] {
        let report = with_keys(set);
        assert_eq!(usable(&report), able, "{report}");
        assert_eq!(codes(&report, "entra"), [code], "{report}");
    }
    // A key that a service cannot use does not spoil the others.
    let both = with_keys(&[eddsa, keys[0].clone()]);
    assert_eq!(usable(&both), ["entra", "aws", "google"]);
    assert_eq!(both["keys"][0]["problems"][0]["service"], json!("entra"));
}

#[test]
fn a_published_private_key_is_reported_without_its_secret() {
    let leaked = changed(keys()[0].clone(), "d", json!("Y2FuYXJ5"));
    let report = with_keys(&[leaked, keys()[1].clone()]);
    assert_eq!(usable(&report), [""; 0]);
    assert!(report.to_string().contains("retire it now"), "{report}");
    assert!(!report.to_string().contains("Y2FuYXJ5"), "{report}");
}

#[test]
fn too_many_keys_are_counted_as_each_service_does() {
    let rsa = |index: usize| changed(keys()[0].clone(), "kid", json!(format!("r{index}")));
    let ec = |index: usize| changed(keys()[2].clone(), "kid", json!(format!("e{index}")));
    let many: Vec<Value> = (0..101).map(rsa).collect();
    let report = with_keys(&many);
    assert_eq!(usable(&report), ["google"]);
    assert_eq!(codes(&report, "entra"), ["too_many_keys"]);
    let mixed: Vec<Value> = (0..60).map(rsa).chain((0..60).map(ec)).collect();
    assert_eq!(usable(&with_keys(&mixed)), ["aws", "google"]);
    let most: Vec<Value> = (0..1001).map(|_| json!({})).collect();
    assert_eq!(usable(&with_keys(&most)), [""; 0]);
}

#[test]
fn what_the_discovery_document_lacks_is_a_warning() {
    let document = json!({ "issuer": ISSUER, "jwks_uri": "https://keys.example/" });
    let report = report(ISSUER, &[ok(&document), ok(&json!({ "keys": keys()[..1] }))]);
    assert_eq!(usable(&report), ["entra", "aws", "google"]);
    assert_eq!(report["checks"]["discovery"], json!("warning"));
    assert_eq!(report["findings"].as_array().unwrap().len(), 3);
    let report = with_keys(&[keys()[0].clone(), keys()[2].clone()]);
    assert_eq!(report["checks"]["keys"], json!("warning"));
    assert!(report.to_string().contains("lacks `ES256`"), "{report}");
}

#[test]
fn escapes_of_a_terminal_are_not_passed_on() {
    let hostile =
        changed(discovery("\u{1b}]0;x\u{7}<b>"), "jwks_uri", json!("https://k.example/\u{1b}[2J"));
    let mut check = IssuerCheck::new(ISSUER, LOCAL, 1).unwrap();
    check.answer(&ok(&hostile));
    for finding in check.report().findings {
        assert!(!finding.message.contains(char::is_control), "{}", finding.message);
    }
    let named = changed(keys()[0].clone(), "kid", json!("\u{1b}[31m"));
    let report = with_keys(&[changed(named, "use", json!("\u{9b}2J"))]);
    let shown = report["keys"][0].to_string();
    assert!(!shown.contains("u001b") && !shown.contains('\u{9b}'), "{shown}");
}
