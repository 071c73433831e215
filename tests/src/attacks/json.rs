//! Header and payload that are not one JSON object in one reading, each correctly signed.

use super::members::base64url;
use super::token::mint_input;
use super::{Corpus, Token};

pub(super) fn add(corpus: &mut Corpus) {
    not_an_object(corpus);
    grammar(corpus);
    duplicates(corpus);
    case_variants(corpus);
    depth(corpus);
}

fn header_text() -> String {
    String::from_utf8_lossy(&Token::es256().texts().0).into_owned()
}

fn payload_text() -> String {
    String::from_utf8_lossy(&Token::es256().texts().1).into_owned()
}

fn not_an_object(corpus: &mut Corpus) {
    for (name, text) in [
        ("null", "null"),
        ("true", "true"),
        ("number", "1"),
        ("string", r#""alg""#),
        ("array", r#"[{"alg":"ES256"}]"#),
        ("nothing", "{"),
        ("two-objects", "{}{}"),
        ("spaces", "  "),
    ] {
        corpus
            .case(&format!("json/header-is-{name}"), &["S26"], "malformed")
            .token(Token::es256().header_bytes(text).mint());
        corpus
            .case(&format!("json/payload-is-{name}"), &["S26"], "malformed")
            .token(Token::es256().payload_bytes(text).mint());
    }
    corpus
        .case("json/payload-is-empty-object", &["S26"], "claim_missing")
        .token(Token::es256().payload_bytes("{}").mint());
    corpus
        .case("json/payload-is-a-token", &["S26"], "malformed")
        .about("a nested token without `cty`")
        .token(Token::es256().payload_bytes(Token::es256().mint()).mint());
}

type Change = fn(&str) -> Vec<u8>;

/// What a lenient reader lets pass. Each is made of a good document.
const GRAMMAR: &[(&str, Change)] = &[
    ("byte-order-mark", |text| format!("\u{feff}{text}").into_bytes()),
    ("utf-16", |text| text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ("invalid-utf-8", |text| with_member(text, b"\"x\":\"\xff\"")),
    ("overlong-utf-8", |text| with_member(text, b"\"x\":\"\xc0\xaf\"")),
    ("utf-8-surrogate", |text| with_member(text, b"\"x\":\"\xed\xa0\x80\"")),
    ("lone-surrogate-escape", |text| with_member(text, br#""x":"\ud800""#)),
    ("trailing-comma", |text| text.replace('}', ",}").into_bytes()),
    ("trailing-text", |text| format!("{text}x").into_bytes()),
    ("trailing-nul", |text| format!("{text}\0").into_bytes()),
    ("comment", |text| text.replace('}', "/**/}").into_bytes()),
    ("single-quotes", |text| with_member(text, b"'x':1")),
    ("bare-name", |text| with_member(text, b"x:1")),
    ("not-a-number", |text| with_member(text, br#""x":NaN"#)),
    ("infinity", |text| with_member(text, br#""x":1e999"#)),
    ("leading-zero", |text| with_member(text, br#""x":01"#)),
    ("plus-sign", |text| with_member(text, br#""x":+1"#)),
    ("bare-fraction", |text| with_member(text, br#""x":.5"#)),
    ("hexadecimal", |text| with_member(text, br#""x":0x10"#)),
    ("control-character", |text| with_member(text, b"\"x\":\"\n\"")),
    ("wrong-escape", |text| with_member(text, br#""x":"\x41""#)),
    ("missing-colon", |text| with_member(text, br#""x" 1"#)),
    ("missing-value", |text| with_member(text, br#""x":"#)),
];

/// The object with one more member, whatever it is.
fn with_member(text: &str, member: &[u8]) -> Vec<u8> {
    [&text.as_bytes()[..text.len() - 1], b",", member, b"}"].concat()
}

fn grammar(corpus: &mut Corpus) {
    for (name, change) in GRAMMAR {
        corpus
            .case(&format!("json/payload-{name}"), &["S26"], "malformed")
            .token(Token::es256().payload_bytes(change(&payload_text())).mint());
    }
    for wanted in
        ["byte-order-mark", "invalid-utf-8", "trailing-text", "comment", "control-character"]
    {
        let (name, change) =
            GRAMMAR.iter().find(|(name, _)| *name == wanted).expect("in the table");
        corpus
            .case(&format!("json/header-{name}"), &["S26"], "malformed")
            .token(Token::es256().header_bytes(change(&header_text())).mint());
    }
    let spaced = |text: &str| text.replace(':', " :\n\t").replace(',', "\r\n, ");
    let token = mint_input(
        &format!(
            "{}.{}",
            base64url(format!(" {}\n", header_text().replace(',', " ,\t"))),
            base64url(format!(
                "\n{} ",
                spaced(&payload_text().replace("https://", "https:\\/\\/"))
                    .replace("https :\n\t", "https:")
                    .replace("api :\n\t", "api:")
            ))
        ),
        "ec",
        "ES256",
    );
    corpus
        .case("json/control-white-space", &["S26"], "accepted")
        .about("white space and escaped solidus are JSON")
        .token(token);
    let escaped = Token::es256().claims(|claims| {
        claims.text("sub", "Jos\u{e9} \u{1f600}").raw("x", r#""\ud83d\ude00\u0000""#)
    });
    corpus.case("json/control-unicode", &["S26"], "accepted").token(escaped.mint());
    let escaped = Token::es256().payload_bytes(payload_text().replace("\"iss\"", "\"\\u0069ss\""));
    corpus
        .case("json/control-escaped-name", &["S34"], "accepted")
        .about("an escaped spelling is the same name, once")
        .token(escaped.mint());
}

fn duplicates(corpus: &mut Corpus) {
    for (name, member, json) in [
        ("alg", "alg", r#""ES256""#),
        ("alg-none", "alg", r#""none""#),
        ("alg-escaped", r"a\u006cg", r#""none""#),
        ("kid", "kid", r#""other""#),
        ("kid-escaped", r"\u006bid", r#""ec""#),
        ("unknown", "x", r#"{"a":1,"a":1}"#),
        ("nested-escaped", "x", r#"[{"b":{"c":0,"\u0063":0}}]"#),
    ] {
        let token = Token::es256().header(|header| header.again(member, json));
        corpus.case(&format!("duplicate/header-{name}"), &["S34"], "malformed").token(token.mint());
    }
    for (name, member, json) in [
        ("iss", "iss", r#""https://issuer.example""#),
        ("iss-escaped", r"i\u0073s", r#""https://attacker.example""#),
        ("aud", "aud", r#""api://service""#),
        ("aud-escaped", r"\u0061ud", r#"["api://other"]"#),
        ("exp", "exp", "99999999999"),
        ("sub-null", "sub", "null"),
        ("nested", "x", r#"{"y":{"z":1,"z":2}}"#),
        ("nested-escaped", "x", r#"{"y":{"z":1,"\u007A":1}}"#),
        ("in-list", "x", r#"[[{"a":[],"a":[]}]]"#),
        ("empty-name", "x", r#"{"":1,"":1}"#),
        ("surrogate-pair", "x", "{\"\u{1f600}\":1,\"\\ud83d\\ude00\":1}"),
        ("solidus", "x", r#"{"a/b":1,"a\/b":1}"#),
    ] {
        let token = Token::es256().claims(|claims| claims.again(member, json));
        corpus
            .case(&format!("duplicate/payload-{name}"), &["S34"], "malformed")
            .token(token.mint());
    }
    let apart = Token::es256()
        .claims(|claims| claims.raw("x", r#"{"iss":1,"y":{"iss":2}}"#).raw("z", r#"{"iss":3}"#));
    corpus
        .case("duplicate/control-different-objects", &["S34"], "accepted")
        .about("the same name in different objects is no duplicate")
        .token(apart.mint());
    let composed = Token::es256().claims(|claims| claims.raw("x", "{\"\u{e9}\":1,\"e\u{301}\":1}"));
    corpus
        .case("duplicate/control-not-normalised", &["S34"], "accepted")
        .about("names are compared as code points, never normalised")
        .token(composed.mint());
}

/// Names that only a case-insensitive reader takes for the claim.
fn case_variants(corpus: &mut Corpus) {
    for (claim, variant) in [("iss", "Iss"), ("aud", "AUD"), ("exp", "Exp")] {
        let renamed = payload_text().replace(&format!("\"{claim}\""), &format!("\"{variant}\""));
        corpus
            .case(&format!("case/{variant}-for-{claim}"), &["S35"], "claim_missing")
            .token(Token::es256().payload_bytes(renamed).mint());
    }
    let late = Token::es256().claims(|claims| claims.raw("EXP", "1").raw("Nbf", "9e12"));
    corpus
        .case("case/other-names-mean-nothing", &["S35"], "accepted")
        .about("outside Entra a claim of another spelling is another claim")
        .token(late.mint());
    let renamed = header_text().replace("\"alg\"", "\"ALG\"");
    corpus
        .case("case/ALG-for-alg", &["S35"], "malformed")
        .token(Token::es256().header_bytes(renamed).mint());
    let upper = Token::es256().header(|header| header.raw("CRIT", r#"["x"]"#).raw("B64", "false"));
    corpus.case("case/CRIT-is-not-crit", &["S35", "S8"], "accepted").token(upper.mint());
}

fn depth(corpus: &mut Corpus) {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    // The payload itself is the first level.
    for (levels, code) in [(64, "accepted"), (65, "malformed"), (1000, "malformed")] {
        let token = Token::es256().claims(|claims| claims.raw("x", &nested(levels - 1)));
        corpus.case(&format!("depth/payload-{levels}"), &["S24"], code).token(token.mint());
    }
    for (levels, code) in [(32, "accepted"), (33, "malformed"), (1000, "malformed")] {
        let token = Token::es256().header(|header| header.raw("x", &nested(levels - 1)));
        corpus.case(&format!("depth/header-{levels}"), &["S24"], code).token(token.mint());
    }
    let [header, _, signature] = [header_text(), String::new(), "A".repeat(86)];
    for (name, unit, levels) in [
        ("arrays", "[[[", 33_333),
        ("objects", "{\"a\":{\"a\":{\"a\":", 8_333),
        ("strings", "[\"a", 33_333),
    ] {
        let token =
            format!("{}.{}.{signature}", base64url(&header), base64url(unit).repeat(levels));
        corpus.case(&format!("depth/{name}-{levels}"), &["S24", "S23"], "too_large").token(&token);
        corpus
            .case(&format!("depth/{name}-{levels}-large-limit"), &["S24"], "malformed")
            .options(serde_json::json!({ "max_token_bytes": 262_144 }))
            .token(&token);
    }
}
