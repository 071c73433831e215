//! Members of the header: extensions, types, names, and keys that the token brings along.

use super::keys::{jwk, published};
use super::members::quoted;
use super::{Corpus, Token};

pub(super) fn add(corpus: &mut Corpus) {
    extensions(corpus);
    types(corpus);
    brought_keys(corpus);
    names(corpus);
}

fn extensions(corpus: &mut Corpus) {
    for (name, member, json) in [
        ("crit-empty", "crit", "[]"),
        ("crit-null", "crit", "null"),
        ("crit-false", "crit", "false"),
        ("crit-text", "crit", r#""exp""#),
        ("crit-object", "crit", "{}"),
        ("crit-exp", "crit", r#"["exp"]"#),
        ("crit-alg", "crit", r#"["alg"]"#),
        ("crit-unknown", "crit", r#"["http://attacker.example/x"]"#),
        ("crit-twice", "crit", r#"["b64","b64"]"#),
        ("crit-escaped-name", r"cri\u0074", r#"["x"]"#),
    ] {
        let token = Token::es256().header(|header| header.again(member, json));
        corpus.case(&format!("header/{name}"), &["S8"], "crit_unsupported").token(token.mint());
    }
    for (name, json) in
        [("false", "false"), ("true", "true"), ("null", "null"), ("text", r#""false""#)]
    {
        let token = Token::es256().header(|header| header.raw("b64", json));
        corpus.case(&format!("header/b64-{name}"), &["S9"], "crit_unsupported").token(token.mint());
    }
    let token =
        Token::es256().header(|header| header.raw("b64", "false").raw("crit", r#"["b64"]"#));
    corpus.case("header/b64-with-crit", &["S9", "S8"], "crit_unsupported").token(token.mint());
    let (header, payload) =
        Token::es256().header(|h| h.raw("b64", "false").raw("crit", r#"["b64"]"#)).texts();
    let input = format!(
        "{}.{}",
        super::members::base64url(header),
        String::from_utf8_lossy(&payload).replace('.', "\\u002e")
    );
    corpus
        .case("header/b64-payload-as-it-is", &["S9"], "crit_unsupported")
        .about("RFC 7797: signed over the JSON itself")
        .token(super::token::mint_input(&input, "ec", "ES256"));
    for (name, json) in [("jwt", r#""JWT""#), ("jwt-lower", r#""jwt""#)] {
        let token = Token::es256().header(|header| header.raw("cty", json));
        corpus.case(&format!("header/cty-{name}"), &["S25"], "malformed").token(token.mint());
    }
}

fn types(corpus: &mut Corpus) {
    for (name, json) in [
        ("null", "null"),
        ("number", "1"),
        ("list", r#"["ES256"]"#),
        ("object", "{}"),
        ("true", "true"),
    ] {
        for member in ["alg", "kid", "typ"] {
            let token = Token::es256().header(|header| header.raw(member, json));
            corpus
                .case(&format!("header/{member}-{name}"), &["S26"], "malformed")
                .token(token.mint());
        }
    }
    let token = Token::es256().header(|header| header.without("alg"));
    corpus.case("header/alg-missing", &["S2"], "malformed").token(token.mint());
    for (name, typ, code) in [
        ("jwt-lower", "jwt", "accepted"),
        ("access-token", "at+jwt", "typ_mismatch"),
        ("jose", "JOSE", "typ_mismatch"),
        ("dpop", "dpop+jwt", "typ_mismatch"),
        ("logout", "logout+jwt", "typ_mismatch"),
        ("event", "secevent+jwt", "typ_mismatch"),
        ("full-media-type", "application/jwt", "accepted"),
        ("empty", "", "typ_mismatch"),
        ("media-type-of-nothing", "application/", "typ_mismatch"),
        ("space", "JWT ", "typ_mismatch"),
        ("wit-svid", "wit+jwt", "typ_mismatch"),
    ] {
        let token = Token::es256().header(|header| header.text("typ", typ));
        corpus.case(&format!("header/typ-{name}"), &["S7"], code).token(token.mint());
    }
    let token = Token::es256().header(|header| header.without("typ"));
    corpus.case("header/typ-absent", &["S7"], "accepted").token(token.mint());
}

/// CVE-2018-0114 and its kin: the token says which key verifies it.
fn brought_keys(corpus: &mut Corpus) {
    let own = published("rsa-other", "RS256").json();
    let forged = Token::new("rsa-other", "RS256").header(|header| header.text("kid", "rsa"));
    let members = [
        ("jwk", own.clone()),
        ("jwk-with-kid", jwk("rsa-other").text("kid", "rsa").json()),
        ("jku", quoted("https://attacker.example/keys")),
        ("x5u", quoted("https://attacker.example/certificate")),
        ("x5c", r#"["MIIBCgKCAQEA"]"#.to_owned()),
        ("x5t", quoted("AAAA")),
        ("jwks", format!("{{\"keys\":[{own}]}}")),
        ("key", own),
    ];
    for (name, json) in &members {
        let member = name.split('-').next().unwrap_or(name);
        let token = forged.clone().header(|header| header.raw(member, json));
        corpus
            .case(&format!("header/{name}-of-the-attacker"), &["S4"], "signature_invalid")
            .token(token.mint());
    }
    let unnamed = forged.clone().header(|header| header.without("kid").raw("jwk", &members[0].1));
    corpus
        .case("header/jwk-without-kid", &["S4"], "signature_invalid")
        .keys("only-rsa")
        .token(unnamed.mint());
    corpus
        .case("header/jwk-and-no-keys", &["S4", "S3"], "no_matching_key")
        .about("CVE-2026-27962: with no key at hand the header's was taken")
        .keys("none")
        .token(forged.clone().header(|header| header.raw("jwk", &members[0].1)).mint());
    let honest = Token::new("rsa", "RS256").header(|header| {
        header
            .raw("jwk", &members[0].1)
            .text("jku", "https://attacker.example/keys")
            .raw("x5c", "[1]")
            .raw("x5u", "{}")
    });
    corpus
        .case("header/brought-keys-change-nothing", &["S4"], "accepted")
        .about("a good token stays good: those members are read by nobody")
        .token(honest.mint());
}

fn names(corpus: &mut Corpus) {
    for (name, kid, code) in [
        ("unknown", "nobody", "no_matching_key"),
        ("empty", "", "no_matching_key"),
        ("upper-case", "EC", "no_matching_key"),
        ("space", "ec ", "no_matching_key"),
        ("nul", "ec\0", "no_matching_key"),
        ("path", "../../dev/null", "no_matching_key"),
        ("injection", "' OR 1=1 --", "no_matching_key"),
        ("prototype", "__proto__", "no_matching_key"),
        ("constructor", "constructor", "no_matching_key"),
        ("url", "https://attacker.example/key", "no_matching_key"),
        ("fullwidth", "\u{ff45}c", "no_matching_key"),
    ] {
        let token = Token::es256().header(|header| header.text("kid", kid));
        corpus.case(&format!("kid/{name}"), &["S4", "S18"], code).token(token.mint());
    }
    for (bytes, code) in [(1024, "no_matching_key"), (1025, "malformed")] {
        let token = Token::es256().header(|header| header.text("kid", &"k".repeat(bytes)));
        corpus.case(&format!("kid/{bytes}-bytes"), &["S23"], code).token(token.mint());
    }
    let escaped = Token::es256().header(|header| header.raw("kid", r#""\u0065c""#));
    corpus
        .case("kid/control-escaped", &["S34"], "accepted")
        .about("an escaped spelling is the same string")
        .token(escaped.mint());
    let unnamed = Token::es256().header(|header| header.without("kid"));
    corpus
        .case("kid/absent-one-fits", &["S5"], "accepted")
        .about("one P-256 key in the set: the algorithm decides")
        .token(unnamed.mint());
    corpus
        .case("kid/absent-several-fit", &["S5"], "kid_missing")
        .keys("two-ec")
        .token(unnamed.mint());
    corpus
        .case("kid/absent-nothing-fits", &["S5"], "no_matching_key")
        .keys("only-rsa")
        .token(unnamed.mint());
}
