//! Access tokens: of RFC 9068, with or without the claims it requires, and those that name no audience.

use super::platforms::{expect, policy};
use super::{Corpus, NOW, Token};
use serde_json::json;

pub(super) fn add(corpus: &mut Corpus) {
    access_tokens(corpus);
    without_audience(corpus);
}

/// RFC 9068, section 4.
fn access_tokens(corpus: &mut Corpus) {
    policy(corpus, "rfc9068", r#""issuer":"https://issuer.example","#);
    let token = Token::es256()
        .header(|header| header.text("typ", "at+jwt"))
        .claims(|claims| claims.text("client_id", "client-1").text("jti", "1").number("iat", NOW));
    expect(corpus, "rfc9068", "control", &["S7"], &token, "accepted");
    for (name, typ, code) in [
        ("full-media-type", Some("application/at+jwt"), "accepted"),
        ("upper-case", Some("AT+JWT"), "accepted"),
        ("jwt", Some("JWT"), "typ_mismatch"),
        ("id-token", Some("id+jwt"), "typ_mismatch"),
        ("absent", None, "typ_mismatch"),
    ] {
        let other = token.clone().header(|header| match typ {
            Some(typ) => header.text("typ", typ),
            None => header.without("typ"),
        });
        expect(corpus, "rfc9068", &format!("typ-{name}"), &["S7"], &other, code);
    }
    for claim in ["sub", "client_id", "iat", "jti"] {
        let other = token.clone().claims(|claims| claims.without(claim));
        expect(corpus, "rfc9068", &format!("no-{claim}"), &["S26"], &other, "claim_missing");
        for (name, without, code) in [
            ("allowed", json!([claim]), "accepted"),
            (
                "another-allowed",
                json!([if claim == "sub" { "jti" } else { "sub" }]),
                "claim_missing",
            ),
        ] {
            corpus
                .case(&format!("rfc9068/no-{claim}-{name}"), &["S26"], code)
                .policy("rfc9068")
                .issuer(json!({ "rfc9068_without": without }))
                .token(other.mint());
        }
    }
    let plain = token.clone().header(|header| header.text("typ", "JWT"));
    corpus
        .case("rfc9068/without-is-not-another-type", &["S7"], "typ_mismatch")
        .policy("rfc9068")
        .issuer(json!({ "rfc9068_without": ["sub", "client_id", "iat", "jti"] }))
        .token(plain.mint());
    for (name, without) in [
        ("nothing", json!([])),
        ("exp", json!(["exp"])),
        ("aud", json!(["aud"])),
        ("true", json!(true)),
    ] {
        corpus
            .case(&format!("rfc9068/without-{name}"), &["S13"], "config_invalid")
            .policy("rfc9068")
            .issuer(json!({ "rfc9068_without": without }));
    }
    corpus
        .case("rfc9068/without-for-another-profile", &["S13"], "config_invalid")
        .issuer(json!({ "rfc9068_without": ["sub"] }));
}

/// Access tokens of Amazon Cognito have no audience.
fn without_audience(corpus: &mut Corpus) {
    let rules = json!([
        { "claim": "client_id", "equals": "client-1" },
        { "claim": "token_use", "equals": "access" },
    ]);
    let issuer = json!({ "audience": null, "dangerously_without_audience": true, "claims": rules });
    let token = Token::es256().claims(|claims| {
        claims.without("aud").text("client_id", "client-1").text("token_use", "access")
    });
    for (name, token, code) in [
        ("control", token.clone(), "accepted"),
        (
            "other-client",
            token.clone().claims(|c| c.text("client_id", "client-2")),
            "claim_mismatch",
        ),
        (
            "several-clients",
            token.clone().claims(|c| c.raw("client_id", r#"["client-1","client-2"]"#)),
            "claim_type",
        ),
        ("no-client", token.clone().claims(|c| c.without("client_id")), "claim_missing"),
        ("id-token", token.clone().claims(|c| c.text("token_use", "id")), "claim_mismatch"),
        (
            "for-another",
            token.clone().claims(|c| c.text("aud", "api://other")),
            "audience_mismatch",
        ),
        (
            "for-the-client",
            token.clone().claims(|c| c.text("aud", "client-1")),
            "audience_mismatch",
        ),
    ] {
        corpus
            .case(&format!("without-audience/{name}"), &["S13"], code)
            .issuer(issuer.clone())
            .token(token.mint());
    }
    let party = json!({ "audience": null, "dangerously_without_audience": true, "authorized_parties": ["client-1"] });
    corpus.case("without-audience/party", &["S13"], "accepted").issuer(party).token(token.mint());
    for (name, change) in [
        ("alone", json!({ "claims": null })),
        ("other-claim-only", json!({ "claims": [{ "claim": "token_use", "equals": "access" }] })),
        ("present-only", json!({ "claims": [{ "claim": "client_id", "present": true }] })),
        ("pattern-only", json!({ "claims": [{ "claim": "client_id", "glob": "*" }] })),
        ("null", json!({ "claims": [{ "claim": "client_id", "one_of": ["a", null] }] })),
        ("blank", json!({ "claims": [{ "claim": "client_id", "equals": " " }] })),
        ("require-only", json!({ "claims": null, "require": ["client_id"] })),
        ("beside-an-audience", json!({ "audience": "api://service" })),
        ("beside-sole-audience", json!({ "sole_audience": true })),
        ("another-profile", json!({ "profile": "github" })),
        ("not-said", json!({ "dangerously_without_audience": false })),
    ] {
        let mut issuer = issuer.clone();
        for (name, value) in change.as_object().expect("members") {
            issuer[name] = value.clone();
        }
        corpus
            .case(&format!("without-audience/refused-{name}"), &["S13"], "config_invalid")
            .issuer(issuer);
    }
}
