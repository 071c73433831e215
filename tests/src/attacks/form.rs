//! What is not a token in compact form, or too long to be looked at.

use super::members::{base64url, quoted};
use super::{Corpus, Token};

pub(super) fn add(corpus: &mut Corpus) {
    let good = Token::es256().mint();
    corpus.case("form/control", &["S7"], "accepted").token(&good);
    corpus.case("form/control-rs256", &["S7"], "accepted").token(Token::new("rsa", "RS256").mint());
    let [header, payload, signature] = parts(&good);
    for (name, token) in [
        ("empty", String::new()),
        ("one-dot", ".".to_owned()),
        ("two-dots", "..".to_owned()),
        ("three-dots", "...".to_owned()),
        ("no-signature-part", format!("{header}.{payload}")),
        ("one-part", header.to_owned()),
        ("four-parts", format!("{good}.{signature}")),
        ("six-parts", format!("{good}.{signature}.{signature}.{signature}")),
        ("leading-dot", format!(".{good}")),
        ("trailing-dot", format!("{good}.")),
        ("header-empty", format!(".{payload}.{signature}")),
        ("payload-detached", format!("{header}..{signature}")),
        ("space-before", format!(" {good}")),
        ("newline-after", format!("{good}\n")),
        ("tab-inside", format!("{header}.\t{payload}.{signature}")),
        ("nul-after", format!("{good}\0")),
        ("bearer-prefix", format!("Bearer {good}")),
        ("quoted", format!("\"{good}\"")),
        ("comma", good.replacen('.', ",", 1)),
        ("fullwidth-dot", good.replacen('.', "\u{ff0e}", 1)),
        ("zero-width-space", good.replacen('.', "\u{200b}.", 1)),
        ("byte-order-mark", format!("\u{feff}{good}")),
        ("emoji", "\u{1f600}.\u{1f600}.\u{1f600}".to_owned()),
    ] {
        corpus.case(&format!("form/{name}"), &["S7", "S26"], "malformed").token(token);
    }
    corpus
        .case("form/two-tokens", &["S7"], "encrypted_unsupported")
        .about("five parts, whatever they are")
        .token(format!("{good} {good}"));
    corpus.case("form/signature-empty", &["S3"], "malformed").token(format!("{header}.{payload}."));
    json_serialisations(corpus, [header, payload, signature]);
    encrypted(corpus);
    sizes(corpus);
}

/// RFC 7515, section 7.2: there the header need not be protected.
fn json_serialisations(corpus: &mut Corpus, [header, payload, signature]: [&str; 3]) {
    let flattened =
        format!(r#"{{"payload":"{payload}","protected":"{header}","signature":"{signature}"}}"#);
    let general = format!(
        r#"{{"payload":"{payload}","signatures":[{{"protected":"{header}","signature":"{signature}"}}]}}"#
    );
    let unprotected = format!(
        r#"{{"payload":"{payload}","protected":"{}","header":{{"alg":"none"}},"signature":"{signature}"}}"#,
        base64url("{}")
    );
    for (name, token) in
        [("flattened", flattened), ("general", general), ("unprotected-alg", unprotected)]
    {
        corpus.case(&format!("form/json-{name}"), &["S7"], "malformed").token(&token);
        corpus
            .case(&format!("form/json-{name}-as-string"), &["S7"], "malformed")
            .token(quoted(&token));
    }
}

fn encrypted(corpus: &mut Corpus) {
    for (name, header) in [
        ("rsa-oaep", r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"rsa"}"#),
        ("direct", r#"{"alg":"dir","enc":"A128CBC-HS256"}"#),
        ("zipped", r#"{"alg":"dir","enc":"A256GCM","zip":"DEF"}"#),
        ("pbes2", r#"{"alg":"PBES2-HS512+A256KW","enc":"A256GCM","p2c":2147483647,"p2s":"AAAA"}"#),
        ("none-inside", r#"{"alg":"RSA-OAEP","enc":"A256GCM","cty":"JWT"}"#),
    ] {
        let token = format!("{}.AAAA.AAAA.AAAA.AAAA", base64url(header));
        corpus.case(&format!("form/jwe-{name}"), &["S25"], "encrypted_unsupported").token(token);
    }
    corpus
        .case("form/jwe-of-nothing", &["S25"], "encrypted_unsupported")
        .about("five parts are an encrypted token, whatever is in them")
        .token("....");
    let bomb = format!("{}.AAAA.AAAA.{}.AAAA", base64url(r#"{"zip":"DEF"}"#), "QUFB".repeat(5000));
    corpus.case("form/jwe-too-large", &["S23", "S25"], "too_large").token(bomb);
}

fn sizes(corpus: &mut Corpus) {
    let large = serde_json::json!({ "max_token_bytes": 262_144 });
    corpus.case("size/million-dots", &["S22", "S23"], "too_large").token(".".repeat(1_000_000));
    corpus
        .case("size/million-dots-large-limit", &["S22", "S23"], "too_large")
        .options(large.clone())
        .token(".".repeat(1_000_000));
    corpus
        .case("size/dots-up-to-the-large-limit", &["S22"], "malformed")
        .options(large.clone())
        .token(".".repeat(262_144));
    corpus.case("size/dots-16384", &["S22"], "malformed").token(".".repeat(16_384));
    for (length, code, wide) in [
        (16_384, "accepted", "accepted"),
        (16_385, "too_large", "accepted"),
        (20_000, "too_large", "accepted"),
    ] {
        let token = of_length(length);
        corpus.case(&format!("size/token-{length}"), &["S23"], code).token(&token);
        corpus
            .case(&format!("size/token-{length}-large-limit"), &["S23"], wide)
            .options(large.clone())
            .token(&token);
    }
    corpus
        .case("size/token-262146-large-limit", &["S23"], "too_large")
        .options(large)
        .token(of_length(262_146));
    corpus
        .case("size/not-decoded", &["S23"], "too_large")
        .about("refused for its length, although nothing in it is base64url")
        .token("*".repeat(20_000));
    corpus
        .case("size/smaller-limit", &["S23"], "too_large")
        .options(serde_json::json!({ "max_token_bytes": 300 }))
        .token(of_length(304));
    for (bytes, code) in [(8192, "accepted"), (8193, "too_large")] {
        let token = Token::es256().header(|header| {
            let rest = bytes - header.clone().text("x", "").json().len();
            header.text("x", &"x".repeat(rest))
        });
        corpus.case(&format!("size/header-{bytes}"), &["S23"], code).token(token.mint());
    }
    let chain = Token::new("rsa", "RS256")
        .header(|header| header.raw("x5c", &format!("[{}]", quoted(&"MIIC".repeat(1000)))));
    corpus
        .case("size/certificate-chain-in-header", &["S23", "S4"], "accepted")
        .about("headers of real issuers carry chains of some kilobytes")
        .token(chain.mint());
}

/// A good token of exactly this length.
fn of_length(length: usize) -> String {
    (0..4)
        .map(|more| {
            let token = Token::es256().header(|header| header.text("x", &"x".repeat(more)));
            let space = length.saturating_sub(token.clone().mint().len() + 12) / 4 * 3;
            (space..space + 9).find_map(|fill| {
                let token =
                    token.clone().claims(|claims| claims.text("fill", &"x".repeat(fill))).mint();
                (token.len() == length).then_some(token)
            })
        })
        .find_map(|found| found)
        .unwrap_or_else(|| panic!("no token is {length} bytes long"))
}

/// The three parts of a token.
pub(super) fn parts(token: &str) -> [&str; 3] {
    let parts: Vec<&str> = token.split('.').collect();
    parts.try_into().expect("three parts")
}
