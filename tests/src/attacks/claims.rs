//! Registered claims of every type, issuers and audiences that are almost right.

use super::members::quoted;
use super::{Corpus, NOW, Token};
use serde_json::json;

pub(super) fn add(corpus: &mut Corpus) {
    types(corpus);
    issuers(corpus);
    two_lists(corpus);
    audiences(corpus);
    missing(corpus);
}

const SHAPES: [(&str, &str); 8] = [
    ("null", "null"),
    ("bool", "true"),
    ("string", "\"1\""),
    ("array", "[\"https://issuer.example\",\"api://service\"]"),
    ("object", "{\"0\":1}"),
    ("1e400", "1e400"),
    ("minus-1", "-1"),
    ("2-to-the-63", "9223372036854775808"),
];

/// The table of S12: every shape in every registered claim.
fn types(corpus: &mut Corpus) {
    for claim in ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"] {
        for (name, json) in SHAPES {
            let token = Token::es256().claims(|claims| claims.raw(claim, json));
            let covers: &[&str] = if claim == "iss" { &["S12", "S11"] } else { &["S12"] };
            corpus
                .case(&format!("type/{claim}-{name}"), covers, type_result(claim, name))
                .token(token.mint());
        }
    }
    for (name, json) in [
        ("fraction", "1790000600.5"),
        ("exponent", "1.7900006e9"),
        ("integer-fraction", "1790000600.0"),
    ] {
        let token = Token::es256().claims(|claims| claims.raw("exp", json));
        corpus.case(&format!("type/exp-{name}"), &["S12"], "accepted").token(token.mint());
    }
    for (name, json, code) in [
        ("2-to-the-53", "9007199254740992", "accepted"),
        ("2-to-the-53-and-2", "9007199254740994", "claim_type"),
        ("1e300", "1e300", "claim_type"),
        ("minus-1e300", "-1e300", "claim_type"),
        ("minus-zero", "-0", "expired"),
        ("tiny", "1e-300", "expired"),
        ("many-digits", &format!("1{}", "0".repeat(400)), "malformed"),
    ] {
        let token = Token::es256().claims(|claims| claims.raw("exp", json));
        corpus.case(&format!("type/exp-{name}"), &["S12"], code).token(token.mint());
    }
    for claim in ["exp", "nbf", "iat"] {
        let token = Token::es256().claims(|claims| claims.text(claim, &NOW.to_string()));
        corpus
            .case(&format!("type/{claim}-digits-in-a-string"), &["S12"], "claim_type")
            .token(token.mint());
    }
    for (claim, json) in [("sub", r#""""#), ("jti", r#""""#), ("jti", r#""7""#)] {
        let name = if json.len() == 2 { "empty" } else { "text" };
        let token = Token::es256().claims(|claims| claims.raw(claim, json));
        corpus.case(&format!("type/{claim}-{name}"), &["S12"], "accepted").token(token.mint());
    }
}

fn type_result(claim: &str, shape: &str) -> &'static str {
    let number = matches!(claim, "exp" | "nbf" | "iat");
    match (claim, shape) {
        // Not a finite number: refused by the grammar, before claims are looked at.
        (_, "1e400") => "malformed",
        ("exp", "minus-1") => "expired",
        ("nbf" | "iat", "minus-1") => "accepted",
        (_, "minus-1" | "2-to-the-63") => "claim_type",
        ("iss", "string") => "unknown_issuer",
        ("aud", "string") => "audience_mismatch",
        ("aud", "array") | ("sub" | "jti", "string") => "accepted",
        _ if number => "claim_type",
        _ => "claim_type",
    }
}

fn issuers(corpus: &mut Corpus) {
    for (name, issuer) in [
        ("empty", ""),
        ("trailing-slash", "https://issuer.example/"),
        ("prefix", "https://issuer.exampl"),
        ("suffix", "issuer.example"),
        ("longer", "https://issuer.example.attacker.example"),
        ("path", "https://issuer.example/attacker"),
        ("upper-case", "HTTPS://ISSUER.EXAMPLE"),
        ("port", "https://issuer.example:443"),
        ("user", "https://issuer.example@attacker.example"),
        ("http", "http://issuer.example"),
        ("fragment", "https://issuer.example#"),
        ("query", "https://issuer.example?"),
        ("space-after", "https://issuer.example "),
        ("newline-after", "https://issuer.example\n"),
        ("nul-after", "https://issuer.example\0"),
        ("percent", "https://issuer%2eexample"),
        ("cyrillic", "https://issu\u{435}r.example"),
        ("fullwidth", "https://issuer\u{ff0e}example"),
        ("several", "https://issuer.example https://attacker.example"),
        ("glob", "https://*"),
        ("another", "https://attacker.example"),
    ] {
        let token = Token::es256().claims(|claims| claims.text("iss", issuer));
        corpus
            .case(&format!("issuer/{name}"), &["S10", "S18"], "unknown_issuer")
            .token(token.mint());
    }
    let list = |items: &str| Token::es256().claims(|claims| claims.raw("iss", items)).mint();
    for (name, items) in [
        ("list-of-ours", r#"["https://issuer.example"]"#),
        ("list-with-the-attacker", r#"["https://attacker.example","https://issuer.example"]"#),
        ("list-empty", "[]"),
        ("object-of-ours", r#"{"https://issuer.example":true}"#),
    ] {
        corpus.case(&format!("issuer/{name}"), &["S11"], "claim_type").token(list(items));
    }
    let escaped =
        Token::es256().claims(|claims| claims.raw("iss", r#""https:\/\/issuer\u002eexample""#));
    corpus.case("issuer/control-escaped", &["S10"], "accepted").token(escaped.mint());
    corpus.policy(
        "slash",
        r#"{"issuers":[{"issuer":"https://cluster.example/id/","audience":"api://service","keys":"good"}]}"#,
    );
    for (name, issuer, code) in [
        ("slash-as-configured", "https://cluster.example/id/", "accepted"),
        ("slash-left-out", "https://cluster.example/id", "unknown_issuer"),
    ] {
        let token = Token::es256().claims(|claims| claims.text("iss", issuer));
        corpus.case(&format!("issuer/{name}"), &["S10"], code).policy("slash").token(token.mint());
    }
    two_issuers(corpus);
}

/// The issuer chooses keys, audience and rules, and none of another issuer's.
fn two_issuers(corpus: &mut Corpus) {
    corpus.keys("only-ec-other", &[super::keys::published("ec-other", "ES256").text("kid", "ec")]);
    corpus.policy(
        "two-issuers",
        concat!(
            r#"{"issuers":[{"issuer":"https://issuer.example","audience":"api://service","keys":"good"},"#,
            r#"{"issuer":["https://other.example","https://other.example/old"],"audience":"api://other","keys":"only-ec-other"}]}"#
        ),
    );
    let other = Token::es256()
        .claims(|claims| claims.text("iss", "https://other.example").text("aud", "api://other"));
    for (name, token, code) in [
        ("first", Token::es256().mint(), "accepted"),
        ("second", other.clone().signed_by("ec-other", "ES256").mint(), "accepted"),
        (
            "second-spelling",
            other
                .clone()
                .claims(|c| c.text("iss", "https://other.example/old"))
                .signed_by("ec-other", "ES256")
                .mint(),
            "accepted",
        ),
        ("second-by-the-first-ones-key", other.mint(), "signature_invalid"),
        (
            "first-by-the-second-ones-key",
            Token::es256().signed_by("ec-other", "ES256").mint(),
            "signature_invalid",
        ),
        (
            "first-for-the-second-audience",
            Token::es256().claims(|c| c.text("aud", "api://other")).mint(),
            "audience_mismatch",
        ),
        (
            "neither",
            Token::es256().claims(|c| c.text("iss", "https://third.example")).mint(),
            "unknown_issuer",
        ),
    ] {
        corpus
            .case(&format!("issuer/of-two-{name}"), &["S10", "S18"], code)
            .policy("two-issuers")
            .token(token);
    }
}

/// What one issuer may use, another may not.
fn two_lists(corpus: &mut Corpus) {
    corpus.policy(
        "two-lists",
        concat!(
            r#"{"issuers":[{"issuer":"https://issuer.example","audience":"api://service","keys":"bare","algorithms":["ES256"]},"#,
            r#"{"issuer":"https://other.example","audience":"api://service","keys":"bare","algorithms":["PS256"]}]}"#
        ),
    );
    for (name, iss, key, alg, code) in [
        ("own", "https://issuer.example", "ec", "ES256", "accepted"),
        ("of-the-other", "https://issuer.example", "rsa", "PS256", "alg_not_allowed"),
        ("of-the-first", "https://other.example", "ec", "ES256", "alg_not_allowed"),
        ("of-neither", "https://other.example", "rsa", "RS256", "alg_not_allowed"),
    ] {
        let token = Token::new(key, alg).claims(|claims| claims.text("iss", iss));
        corpus
            .case(&format!("allow/list-{name}"), &["S6"], code)
            .policy("two-lists")
            .token(token.mint());
    }
}

fn audiences(corpus: &mut Corpus) {
    for (name, json, code) in [
        ("list-with-ours", r#"["api://other","api://service"]"#, "accepted"),
        ("list-of-others", r#"["api://other","api://another"]"#, "audience_mismatch"),
        ("list-empty", "[]", "claim_type"),
        ("list-with-number", r#"["api://service",1]"#, "claim_type"),
        ("list-with-null", r#"["api://service",null]"#, "claim_type"),
        ("list-in-list", r#"[["api://service"]]"#, "claim_type"),
        ("object", r#"{"api://service":1}"#, "claim_type"),
        ("empty", r#""""#, "audience_mismatch"),
        ("upper-case", r#""API://SERVICE""#, "audience_mismatch"),
        ("trailing-slash", r#""api://service/""#, "audience_mismatch"),
        ("prefix", r#""api://servic""#, "audience_mismatch"),
        ("longer", r#""api://service2""#, "audience_mismatch"),
        ("space-separated", r#""api://other api://service""#, "audience_mismatch"),
        ("glob", r#""*""#, "audience_mismatch"),
    ] {
        let token = Token::es256().claims(|claims| claims.raw("aud", json));
        corpus.case(&format!("audience/{name}"), &["S13", "S12"], code).token(token.mint());
    }
    let many: Vec<String> = (0..500).map(|n| quoted(&format!("urn:{n}"))).collect();
    let token = Token::es256()
        .claims(|claims| claims.raw("aud", &format!("[{},\"api://service\"]", many.join(","))));
    corpus.case("audience/last-of-many", &["S13"], "accepted").token(token.mint());
    let two = json!({ "audience": ["api://service", "4f1f2a3b-0000-4000-8000-000000000001"] });
    for (name, json, code) in [
        ("second-own-name", r#""4f1f2a3b-0000-4000-8000-000000000001""#, "accepted"),
        (
            "second-own-name-upper-case",
            r#""4F1F2A3B-0000-4000-8000-000000000001""#,
            "audience_mismatch",
        ),
    ] {
        let token = Token::es256().claims(|claims| claims.raw("aud", json));
        corpus
            .case(&format!("audience/{name}"), &["S13"], code)
            .issuer(two.clone())
            .token(token.mint());
    }
    let sole = json!({ "sole_audience": true });
    for (name, json, code) in [
        ("text", r#""api://service""#, "accepted"),
        ("list-of-one", r#"["api://service"]"#, "accepted"),
        ("list-of-two", r#"["api://service","https://login.example/token"]"#, "audience_mismatch"),
        ("repeated", r#"["api://service","api://service"]"#, "audience_mismatch"),
        ("another", r#""api://other""#, "audience_mismatch"),
    ] {
        let token = Token::es256().claims(|claims| claims.raw("aud", json));
        corpus
            .case(&format!("audience/sole-{name}"), &["S15"], code)
            .about("a client assertion names its one audience (CVE-2025-27370)")
            .issuer(sole.clone())
            .token(token.mint());
    }
}

fn missing(corpus: &mut Corpus) {
    for claim in ["iss", "aud", "exp"] {
        let token = Token::es256().claims(|claims| claims.without(claim));
        let covers: &[&str] = if claim == "aud" { &["S13", "S26"] } else { &["S26"] };
        corpus.case(&format!("missing/{claim}"), covers, "claim_missing").token(token.mint());
    }
    for claim in ["sub", "iat"] {
        let token = Token::es256().claims(|claims| claims.without(claim));
        corpus.case(&format!("missing/{claim}"), &["S26"], "accepted").token(token.mint());
        corpus
            .case(&format!("missing/{claim}-required"), &["S26"], "claim_missing")
            .issuer(json!({ "require": [claim] }))
            .token(token.mint());
    }
}
