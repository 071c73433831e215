//! Keys that are fetched: which addresses are asked, what answers do, and results that must not outlive their reasons.

use super::case::Answer;
use super::keys::{jwk, published};
use super::{AUDIENCE, Case, Corpus, ISSUER, NOW, Pieces, Token};
use serde_json::json;

const KEYS: &str = "https://keys.example/set";
const DISCOVERY: &str = "https://issuer.example/.well-known/openid-configuration";
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

pub(super) fn add(corpus: &mut Corpus) {
    corpus.policy(
        "fetched",
        &format!(
            r#"{{"issuers":[{{"issuer":"{ISSUER}","audience":"{AUDIENCE}","jwks_uri":"{KEYS}"}}]}}"#
        ),
    );
    corpus.policy(
        "discovered",
        &format!(r#"{{"issuers":[{{"issuer":"{ISSUER}","audience":"{AUDIENCE}"}}]}}"#),
    );
    corpus.keys("rotated", &[published("ec-other", "ES256")]);
    answers(corpus);
    discovery(corpus);
    nothing_is_asked(corpus);
    unknown_keys(corpus);
    ages(corpus);
    remembered(corpus);
    host_crypto(corpus);
}

fn case<'c>(corpus: &'c mut Corpus, name: &str, covers: &[&str], code: &str) -> &'c mut Case {
    corpus.case(&format!("fetch/{name}"), covers, code).policy("fetched")
}

fn set(name: &str) -> Answer {
    Answer::Keys { status: 200, keys: name.to_owned() }
}

fn body(status: u16, head: &str, text: &str) -> Answer {
    Answer::Body { status, head: head.to_owned(), body: Pieces::of(text) }
}

fn failed(failure: &str) -> Answer {
    Answer::Failed { failed: failure.to_owned() }
}

/// A token that is valid for days, so that only its key can be too old.
fn lasting() -> Token {
    Token::es256().claims(|claims| claims.number("exp", NOW + 7 * 86_400))
}

fn answers(corpus: &mut Corpus) {
    let token = Token::es256().mint();
    let marked = format!("\u{feff}{{\"keys\":[{}]}}", published("ec", "ES256").json());
    case(corpus, "byte-order-mark", &["S24"], "accepted")
        .fetch(&[body(200, "", &marked)], &[KEYS])
        .token(&token);
    let document = format!("\u{feff}{{\"issuer\":\"{ISSUER}\",\"jwks_uri\":\"{KEYS}\"}}");
    case(corpus, "byte-order-mark-in-discovery", &["S24"], "accepted")
        .policy("discovered")
        .fetch(&[body(200, "", &document), set("good")], &[DISCOVERY, KEYS])
        .token(&token);
    case(corpus, "control", &["S16"], "accepted").fetch(&[set("good")], &[KEYS]).token(&token);
    let redirect = "location: https://attacker.example/keys\n";
    for (name, answer) in [
        ("refused", failed("refused")),
        ("timeout", failed("timeout")),
        ("tls", failed("tls")),
        ("not-found", body(404, "", "{}")),
        ("server-error", body(500, "", "")),
        ("redirect", body(302, redirect, "")),
        ("redirect-308-to-file", body(308, "location: file:///etc/passwd\n", "")),
        ("html", body(200, "content-type: text/html\n", "<!DOCTYPE html><title>Sign in</title>")),
        ("empty-body", body(200, "", "")),
        ("not-an-object", body(200, "", "[]")),
        ("duplicate-member", body(200, "", r#"{"keys":[],"keys":[]}"#)),
        ("deep", body(200, "", &format!("{{\"keys\":{}", "[".repeat(100_000)))),
        (
            "over-1-mib",
            body(200, "", &format!("{{\"keys\":[],\"x\":\"{}\"}}", "x".repeat(1 << 20))),
        ),
        ("1001-keys", set("document-1001-keys")),
    ] {
        let case = case(corpus, name, &["S16", "S17", "S24"], "keys_unavailable");
        case.fetch(&[answer], &[]).token(&token);
        case.fetched = None;
    }
    for (name, keys, code) in [
        ("bad-sibling", "sibling-nested", "accepted"),
        ("empty-set", "none", "no_matching_key"),
        ("weak-key", "key-rsa-1024", "no_matching_key"),
        ("duplicate-kid", "repeated-same-kind", "ambiguous_key"),
        ("private-key", "key-private-ec", "key_rejected"),
    ] {
        case(corpus, name, &["S24", "S33"], code).fetch(&[set(keys)], &[KEYS]).token(&token);
    }
    case(corpus, "media-type-does-not-matter", &["S16"], "accepted")
        .about("some issuers keep their keys in a blob store")
        .fetch(&[body(200, "content-type: application/octet-stream\n", &good_text())], &[KEYS])
        .token(&token);
}

fn good_text() -> String {
    format!("{{\"keys\":[{}]}}", published("ec", "ES256").json())
}

fn discovery(corpus: &mut Corpus) {
    let token = Token::es256().mint();
    let document = |issuer: &str, keys: &str| {
        body(200, "", &json!({ "issuer": issuer, "jwks_uri": keys }).to_string())
    };
    corpus
        .case("discovery/control", &["S16", "S18"], "accepted")
        .policy("discovered")
        .fetch(&[document(ISSUER, KEYS), set("good")], &[DISCOVERY, KEYS])
        .token(&token);
    for (name, answer) in [
        ("other-issuer", document("https://attacker.example", KEYS)),
        ("issuer-with-slash", document("https://issuer.example/", KEYS)),
        ("keys-by-http", document(ISSUER, "http://keys.example/set")),
        ("keys-in-a-file", document(ISSUER, "file:///etc/passwd")),
        ("keys-at-the-metadata-service", document(ISSUER, "https://169.254.169.254/keys")),
        ("keys-with-user", document(ISSUER, "https://u:p@keys.example/set")),
        ("keys-missing", body(200, "", &json!({ "issuer": ISSUER }).to_string())),
        (
            "duplicate-keys",
            body(
                200,
                "",
                &format!(
                    r#"{{"issuer":"{ISSUER}","jwks_uri":"{KEYS}","jwks_uri":"https://attacker.example"}}"#
                ),
            ),
        ),
        ("redirect", body(301, "location: https://attacker.example/\n", "")),
    ] {
        let case = corpus
            .case(&format!("discovery/{name}"), &["S16", "S18"], "keys_unavailable")
            .policy("discovered");
        case.fetch(&[answer, failed("refused")], &[]).token(&token);
        case.fetched = None;
    }
}

/// A token that cannot be accepted costs no request.
fn nothing_is_asked(corpus: &mut Corpus) {
    let claims = |name: &str, json: &str| Token::es256().claims(|c| c.raw(name, json)).mint();
    for (name, token, code) in [
        ("expired", claims("exp", "1"), "expired"),
        ("other-audience", claims("aud", r#""api://other""#), "audience_mismatch"),
        ("other-issuer", claims("iss", r#""https://attacker.example""#), "unknown_issuer"),
        (
            "issuer-with-path",
            claims("iss", r#""https://issuer.example/../keys""#),
            "unknown_issuer",
        ),
        ("hmac", Token::es256().header(|h| h.text("alg", "HS256")).mint(), "alg_not_allowed"),
        ("crit", Token::es256().header(|h| h.raw("crit", "[]")).mint(), "crit_unsupported"),
        ("malformed", "a.b.c".to_owned(), "malformed"),
        ("type", Token::es256().header(|h| h.text("typ", "at+jwt")).mint(), "typ_mismatch"),
    ] {
        case(corpus, &format!("nothing-for-{name}"), &["S17", "S18"], code)
            .fetch(&[set("good")], &[])
            .token(token);
    }
    let brought = Token::es256().header(|header| {
        header
            .text("jku", "https://attacker.example/keys")
            .text("x5u", "https://attacker.example/c")
            .raw("jwk", &jwk("ec-other").json())
    });
    case(corpus, "only-the-configured-address", &["S4", "S18"], "accepted")
        .fetch(&[set("good")], &[KEYS])
        .token(brought.mint());
}

fn unknown_keys(corpus: &mut Corpus) {
    let named = |kid: &str| Token::es256().header(|header| header.text("kid", kid)).mint();
    let now = NOW * 1000;
    let flood = case(corpus, "flood-of-unknown-kids", &["S17"], "no_matching_key");
    for number in 0..20 {
        flood.earlier(&named(&format!("random-{number}")), now + number, "no_matching_key");
    }
    flood
        .about("one request, however many names nobody knows")
        .fetch(&[set("good")], &[KEYS])
        .now(now + 20)
        .token(named("random-20"));
    case(corpus, "flood-does-not-hurt-the-known", &["S17"], "accepted")
        .earlier(&named("random-1"), now, "no_matching_key")
        .earlier(&named("random-2"), now + 1, "no_matching_key")
        .fetch(&[set("good"), failed("refused")], &[KEYS])
        .now(now + 2)
        .token(Token::es256().mint());
    case(corpus, "rotation", &["S17"], "accepted")
        .about("a new name after the cool-down is looked up, and found")
        .earlier(&Token::es256().mint(), now, "accepted")
        .fetch(&[set("good"), set("rotated")], &[KEYS, KEYS])
        .now(now + 2 * MINUTE)
        .token(Token::new("ec-other", "ES256").mint());
    case(corpus, "old-set-until-the-new-one-is-proven", &["S17"], "accepted")
        .about("a set that has verified nothing yet may be a mistake")
        .earlier(&lasting().mint(), now, "accepted")
        .earlier(&named("new"), now + 2 * MINUTE, "no_matching_key")
        .fetch(&[set("good"), set("rotated")], &[KEYS, KEYS])
        .now(now + 2 * MINUTE + 1)
        .token(lasting().mint());
    let proven = Token::new("ec-other", "ES256").mint();
    case(corpus, "old-set-forgotten-when-the-new-one-is-proven", &["S17"], "no_matching_key")
        .earlier(&lasting().mint(), now, "accepted")
        .earlier(&proven, now + 2 * MINUTE, "accepted")
        .fetch(&[set("good"), set("rotated")], &[KEYS, KEYS])
        .now(now + 2 * MINUTE + 1)
        .token(lasting().mint());
    case(corpus, "failed-fetch-keeps-the-old-set", &["S17"], "accepted")
        .earlier(&lasting().mint(), now, "accepted")
        .earlier(&named("new"), now + 2 * MINUTE, "no_matching_key")
        .fetch(&[set("good"), body(500, "", "")], &[])
        .now(now + 3 * MINUTE)
        .token(lasting().mint())
        .fetched = None;
    case(corpus, "empty-answer-keeps-the-old-set", &["S17"], "accepted")
        .earlier(&lasting().mint(), now, "accepted")
        .earlier(&named("new"), now + 2 * MINUTE, "no_matching_key")
        .fetch(&[set("good"), set("none")], &[])
        .now(now + 3 * MINUTE)
        .token(lasting().mint())
        .fetched = None;
}

fn ages(corpus: &mut Corpus) {
    let now = NOW * 1000;
    let token = lasting().mint();
    for (name, later, code) in
        [("stale-but-usable", 23 * HOUR, "accepted"), ("too-old", 25 * HOUR, "keys_expired")]
    {
        case(corpus, name, &["S17"], code)
            .earlier(&token, now, "accepted")
            .fetch(&[set("good"), failed("refused")], &[])
            .now(now + later)
            .token(&token)
            .fetched = None;
    }
    case(corpus, "too-old-and-renewed", &["S17"], "accepted")
        .earlier(&token, now, "accepted")
        .fetch(&[set("good")], &[KEYS, KEYS])
        .now(now + 25 * HOUR)
        .token(&token);
    case(corpus, "withdrawn-key", &["S17"], "no_matching_key")
        .about("a day later the key is no longer published")
        .earlier(&token, now, "accepted")
        .fetch(&[set("good"), set("rotated")], &[KEYS, KEYS])
        .now(now + 25 * HOUR)
        .token(&token);
}

/// The cache of verified tokens is opt-in; nothing gets in or stays in by its text alone.
fn remembered(corpus: &mut Corpus) {
    let now = NOW * 1000;
    let cache = json!({ "cache_max_bytes": 1_000_000 });
    let token = Token::es256().mint();
    corpus
        .case("cache/control", &["S19", "S36"], "accepted")
        .options(cache.clone())
        .earlier(&token, now, "accepted")
        .token(&token);
    corpus
        .case("cache/expired-since", &["S19", "S36"], "expired")
        .options(cache.clone())
        .earlier(&token, now, "accepted")
        .now(now + 660_000)
        .token(&token);
    let other = Token::es256().signed_by("ec-other", "ES256").mint();
    corpus
        .case("cache/same-claims-other-signature", &["S19"], "signature_invalid")
        .options(cache.clone())
        .earlier(&token, now, "accepted")
        .token(other);
    let forged = Token::es256().with_signature([1; 64]);
    corpus
        .case("cache/refused-stays-refused", &["S19"], "signature_invalid")
        .options(cache.clone())
        .earlier(&forged, now, "signature_invalid")
        .token(&forged);
    let long = Token::es256()
        .claims(|claims| claims.number("iat", NOW).number("exp", NOW + 86_400))
        .mint();
    corpus
        .case("cache/too-old-since", &["S19", "S36"], "too_old")
        .options(cache.clone())
        .issuer(json!({ "max_age_seconds": 600 }))
        .earlier(&long, now, "accepted")
        .now(now + 661_000)
        .token(&long);
    corpus
        .case("cache/clock-went-back", &["S36"], "issued_in_future")
        .options(cache.clone())
        .earlier(&token, now, "accepted")
        .now(now - 61_000)
        .token(&token);
    for (name, members, code) in [
        ("other-audience", json!({ "audience": "api://other" }), "audience_mismatch"),
        ("other-issuer", json!({ "issuer": "https://other.example" }), "unknown_issuer"),
        ("more-required", json!({ "require": ["jti"] }), "claim_missing"),
    ] {
        corpus
            .case(&format!("cache/policy-with-{name}"), &["S36", "S19"], code)
            .about("the very token that `cache/control` accepts")
            .options(cache.clone())
            .issuer(members)
            .earlier(&token, now, code)
            .token(&token);
    }
    let lasting = lasting().mint();
    corpus
        .case("cache/key-withdrawn-since", &["S19", "S36"], "no_matching_key")
        .policy("fetched")
        .options(cache)
        .earlier(&lasting, now, "accepted")
        .fetch(&[set("good"), set("rotated")], &[KEYS, KEYS])
        .now(now + 25 * HOUR)
        .token(&lasting);
}

/// The host's result for a signature is final; a failure of the host is none.
fn host_crypto(corpus: &mut Corpus) {
    let token = Token::es256().mint();
    let host = json!({ "signatures": "host" });
    for (name, answer, token, code) in [
        ("good", "good", token.clone(), "accepted"),
        ("bad", "bad", token.clone(), "signature_invalid"),
        ("failed", "failed", token, "provider_error"),
    ] {
        corpus
            .case(&format!("host/{name}"), &["S28"], code)
            .options(host.clone())
            .verify(answer)
            .token(token);
    }
    never_asked(corpus);
    let post_quantum = Token::es256()
        .header(|header| header.text("alg", "ML-DSA-44").text("kid", "akp"))
        .with_signature([0; 2420]);
    corpus
        .case("keys/post-quantum", &["S5"], "alg_unsupported")
        .about("the key is understood; builds without ML-DSA cannot compute with it")
        .keys("sibling-post-quantum")
        .token(post_quantum);
}

/// What can be told without arithmetic is told before the host is asked, so that every host gives the same answer.
fn never_asked(corpus: &mut Corpus) {
    let order = [&[0xff; 4][..], &[0; 4], &[0xff; 24]].concat();
    let rsa = super::keys::rsa("rsa");
    let modulus = super::rsa::left_padded(&rsa.modulus(), rsa.bytes());
    let one = [&[0; 31][..], &[1]].concat();
    for (name, key, alg, signature) in [
        ("es256-zero", "ec", "ES256", vec![0; 64]),
        ("es256-r-above-the-order", "ec", "ES256", [order.clone(), one.clone()].concat()),
        ("es256-s-above-the-order", "ec", "ES256", [one.clone(), order].concat()),
        ("es256-r-zero", "ec", "ES256", [vec![0; 32], one].concat()),
        ("es256-der", "ec", "ES256", vec![0x30; 70]),
        ("rs256-short", "rsa", "RS256", modulus[1..].to_vec()),
        ("rs256-modulus", "rsa", "RS256", modulus.clone()),
        ("ps256-long", "rsa", "PS256", [&[0], &modulus[..]].concat()),
        ("eddsa-s-unreduced", "ed", "EdDSA", [&[3; 32][..], &[0xff; 32]].concat()),
        ("eddsa-small-order-r", "ed", "EdDSA", [&[1][..], &[0; 63]].concat()),
        ("eddsa-short", "ed", "EdDSA", vec![1; 63]),
    ] {
        corpus
            .case(&format!("host/not-asked-about-{name}"), &["S28"], "signature_invalid")
            .keys("bare")
            .options(json!({ "signatures": "host" }))
            .verify("good")
            .token(Token::new(key, alg).with_signature(signature));
    }
}
