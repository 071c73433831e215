//! Rules about claims, parties, roles and scopes.

use super::{Corpus, Token};
use serde_json::{Value, json};

pub(super) fn add(corpus: &mut Corpus) {
    claim_rules(corpus);
    globs(corpus);
    pointers(corpus);
    parties(corpus);
    one_issuer_twice(corpus);
}

fn expect(
    corpus: &mut Corpus,
    name: &str,
    covers: &[&str],
    issuer: Value,
    token: &Token,
    code: &str,
) {
    corpus.case(&format!("rule/{name}"), covers, code).issuer(issuer).token(token.mint());
}

fn claim_rules(corpus: &mut Corpus) {
    let token = Token::es256().claims(|claims| {
        claims
            .raw("n", "5")
            .raw("list", r#"["a","b"]"#)
            .raw("yes", "true")
            .raw("nothing", "null")
            .raw("huge", "18446744073709551616")
            .raw("largest", "1.7976931348623157e308")
            .text("env", "prod")
    });
    for (name, rule, code) in [
        ("equals", json!({"claim":"env","equals":"prod"}), "accepted"),
        ("equals-other-case", json!({"claim":"env","equals":"Prod"}), "claim_mismatch"),
        ("equals-number", json!({"claim":"n","equals":5}), "accepted"),
        (
            "equals-an-integer-for-a-larger-one",
            json!({"claim":"huge","equals":5}),
            "claim_mismatch",
        ),
        (
            "one-of-for-a-larger-integer",
            json!({"claim":"huge","one_of":[5, null]}),
            "claim_mismatch",
        ),
        ("integer-of-more-than-64-bits", json!({"claim":"huge","equals":1e20}), "config_invalid"),
        ("one-of-more-than-64-bits", json!({"claim":"n","one_of":[5, 1e300]}), "config_invalid"),
        ("largest-double", json!({"claim":"largest","present":true}), "accepted"),
        ("equals-text-for-number", json!({"claim":"n","equals":"5"}), "claim_mismatch"),
        ("equals-text-for-bool", json!({"claim":"yes","equals":"true"}), "claim_mismatch"),
        ("equals-null", json!({"claim":"nothing","equals":null}), "accepted"),
        ("equals-null-when-absent", json!({"claim":"absent","equals":null}), "claim_missing"),
        ("equals-an-item", json!({"claim":"list","equals":"b"}), "accepted"),
        ("equals-no-item", json!({"claim":"list","equals":"c"}), "claim_mismatch"),
        ("one-of-an-item", json!({"claim":"list","one_of":["c","a"]}), "accepted"),
        ("glob-an-item", json!({"claim":"list","glob":"?"}), "accepted"),
        ("glob-no-item", json!({"claim":"list","glob":"a?"}), "claim_mismatch"),
        ("one-of", json!({"claim":"env","one_of":["test","prod"]}), "accepted"),
        ("one-of-none", json!({"claim":"env","one_of":["test","dev"]}), "claim_mismatch"),
        ("present", json!({"claim":"nothing","present":true}), "accepted"),
        ("present-absent", json!({"claim":"absent","present":true}), "claim_missing"),
        ("absent", json!({"claim":"absent","present":false}), "accepted"),
        ("absent-present", json!({"claim":"nothing","present":false}), "claim_mismatch"),
        ("case-of-the-name", json!({"claim":"ENV","equals":"prod"}), "claim_missing"),
    ] {
        expect(corpus, name, &["S20"], json!({ "claims": [rule] }), &token, code);
    }
    let two = json!({ "claims": [{"claim":"env","equals":"prod"}, {"claim":"n","equals":6}] });
    expect(corpus, "all-must-hold", &["S20"], two, &token, "claim_mismatch");
    let late =
        Token::es256().claims(|claims| claims.text("env", "test")).signed_by("ec-other", "ES256");
    let rule = json!({ "claims": [{"claim":"env","equals":"prod"}] });
    corpus
        .case("rule/after-the-signature", &["S27"], "signature_invalid")
        .about("an unsigned claim is never checked, so the result shows nothing about it")
        .issuer(rule)
        .token(late.mint());
}

/// Patterns are no regular expressions (S21) and cannot be made to match more than they say.
fn globs(corpus: &mut Corpus) {
    let glob = |corpus: &mut Corpus, name: &str, pattern: &str, subject: &str, code: &str| {
        let token = Token::es256().claims(|claims| claims.text("sub", subject));
        let issuer = json!({ "claims": [{"claim":"sub","glob":pattern}] });
        expect(corpus, &format!("glob-{name}"), &["S21", "S10"], issuer, &token, code);
    };
    let main = "repo:octo-org/octo-repo:ref:refs/heads/main";
    for (name, pattern, subject, code) in [
        ("control", "repo:octo-org/*:ref:refs/heads/main", main, "accepted"),
        ("prefix-of-the-owner", "repo:octo-org/*", "repo:octo-org-evil/x", "claim_mismatch"),
        ("anchored-at-the-start", "repo:octo-org/*", "x repo:octo-org/y", "claim_mismatch"),
        (
            "anchored-at-the-end",
            "*:ref:refs/heads/main",
            "repo:a/b:ref:refs/heads/main2",
            "claim_mismatch",
        ),
        ("newline", "*:main", "repo:a/b:main\n", "claim_mismatch"),
        ("question-mark", "repo:octo-???/*", main, "accepted"),
        ("question-mark-needs-one", "repo:octo-org?/*", main, "claim_mismatch"),
        ("dot-is-a-dot", "repo.octo-org/*", main, "claim_mismatch"),
        ("regexp-is-text", "^repo:.*$", main, "claim_mismatch"),
        (
            "alternation-is-text",
            "(repo:octo-org/octo-repo:ref:refs/heads/main|x)",
            main,
            "claim_mismatch",
        ),
        ("escaped-star", r"env:\*", "env:prod", "claim_mismatch"),
        ("escaped-star-itself", r"env:\*", "env:*", "accepted"),
        ("star-in-the-token", "env:prod", "env:*", "claim_mismatch"),
        ("case", "REPO:*", main, "claim_mismatch"),
        ("empty-pattern", "", main, "claim_mismatch"),
    ] {
        glob(corpus, name, pattern, subject, code);
    }
    glob(
        corpus,
        "exponential",
        "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b",
        &"a".repeat(4000),
        "claim_mismatch",
    );
    glob(corpus, "exponential-end", "(a+)+$", &format!("{}!", "a".repeat(4000)), "claim_mismatch");
    let list = Token::es256().claims(|claims| claims.raw("sub2", r#"[["x"],"y"]"#));
    let issuer = json!({ "claims": [{"claim":"sub2","glob":"x"}] });
    expect(corpus, "glob-nested-list", &["S12"], issuer, &list, "claim_mismatch");
    let pattern = json!({ "claims": [{"claim":"sub","glob":"work*"}] });
    let token = Token::es256().mint();
    let case = corpus.case("rule/the-same-every-time", &["S20", "S21"], "accepted").issuer(pattern);
    for _ in 0..4 {
        case.earlier(&token, super::NOW * 1000, "accepted");
    }
    case.about("a regular expression with state accepts every other time").token(token);
}

fn pointers(corpus: &mut Corpus) {
    let token = Token::es256().claims(|claims| {
        claims.raw("kubernetes.io", r#"{"namespace":"prod","a/b":{"~":"x"}}"#).raw("/odd", "1")
    });
    for (name, require, code) in [
        ("control", "/kubernetes.io/namespace", "accepted"),
        ("escaped", "/kubernetes.io/a~1b/~0", "accepted"),
        ("dots-are-no-path", "kubernetes.io.namespace", "claim_missing"),
        ("name-with-a-dot", "kubernetes.io", "accepted"),
        ("too-deep", "/kubernetes.io/namespace/x", "claim_missing"),
        ("name-with-a-slash", "/~1odd", "accepted"),
    ] {
        expect(
            corpus,
            &format!("pointer-{name}"),
            &["S26"],
            json!({ "require": [require] }),
            &token,
            code,
        );
    }
}

fn parties(corpus: &mut Corpus) {
    let with = |name: &str, json: &str| Token::es256().claims(|claims| claims.raw(name, json));
    let parties = json!({ "authorized_parties": ["client-1"] });
    for (name, token, code) in [
        ("azp", with("azp", r#""client-1""#), "accepted"),
        ("appid", with("appid", r#""client-1""#), "accepted"),
        ("client-id", with("client_id", r#""client-1""#), "accepted"),
        ("azp-other", with("azp", r#""client-2""#), "claim_mismatch"),
        ("azp-list", with("azp", r#"["client-1"]"#), "claim_mismatch"),
        ("azp-absent", Token::es256(), "claim_missing"),
        (
            "azp-before-appid",
            with("azp", r#""client-2""#).claims(|claims| claims.text("appid", "client-1")),
            "claim_mismatch",
        ),
    ] {
        expect(corpus, &format!("party-{name}"), &["S14"], parties.clone(), &token, code);
    }
    let roles = json!({ "roles": ["Reader", "Writer"] });
    for (name, token, code) in [
        ("control", with("roles", r#"["Other","Writer"]"#), "accepted"),
        ("other", with("roles", r#"["Other"]"#), "claim_mismatch"),
        ("empty", with("roles", "[]"), "claim_mismatch"),
        ("absent", Token::es256(), "claim_missing"),
        ("case", with("roles", r#"["writer"]"#), "claim_mismatch"),
        ("in-the-scope", with("scp", r#""Writer""#), "claim_missing"),
        ("nested", with("roles", r#"[["Writer"]]"#), "claim_mismatch"),
        ("object", with("roles", r#"{"Writer":true}"#), "claim_mismatch"),
        ("null", with("roles", "null"), "claim_mismatch"),
    ] {
        expect(corpus, &format!("roles-{name}"), &["S14"], roles.clone(), &token, code);
    }
    let scopes = json!({ "scopes": ["files.read"] });
    for (name, token, code) in [
        ("scp", with("scp", r#""user.read files.read""#), "accepted"),
        ("scope", with("scope", r#""files.read""#), "accepted"),
        (
            "scope-part-of-a-word",
            with("scope", r#""files.readwrite files.read2""#),
            "claim_mismatch",
        ),
        ("scope-absent", Token::es256(), "claim_missing"),
    ] {
        expect(corpus, &format!("scopes-{name}"), &["S14"], scopes.clone(), &token, code);
    }
}

/// The audience chooses between the rules of one issuer, and nobody escapes the first by naming the second as well.
fn one_issuer_twice(corpus: &mut Corpus) {
    corpus.policy(
        "one-issuer-twice",
        concat!(
            r#"{"issuers":[{"issuer":"https://issuer.example","audience":"api://service","keys":"good","#,
            r#""claims":[{"claim":"env","equals":"prod"}]},"#,
            r#"{"issuer":"https://issuer.example","audience":"api://other","keys":"good"}]}"#
        ),
    );
    let token = |audience: &str, env: &str| {
        Token::es256().claims(|claims| claims.raw("aud", audience).text("env", env)).mint()
    };
    for (name, audience, env, code) in [
        ("first", r#""api://service""#, "prod", "accepted"),
        ("first-broken", r#""api://service""#, "test", "claim_mismatch"),
        ("second", r#""api://other""#, "test", "accepted"),
        ("both", r#"["api://other","api://service"]"#, "test", "claim_mismatch"),
        ("neither", r#""api://third""#, "prod", "audience_mismatch"),
    ] {
        corpus
            .case(&format!("rule/one-issuer-twice-{name}"), &["S13", "S36"], code)
            .policy("one-issuer-twice")
            .token(token(audience, env));
    }
}
