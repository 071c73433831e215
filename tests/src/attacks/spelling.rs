//! Base64url in other spellings, each correctly signed as it stands: a second spelling of a token slips past deny-lists
//! and caches.

use super::form::parts;
use super::members::base64url;
use super::token::mint_input;
use super::{Corpus, Token};

/// A token whose header and payload leave four unused bits in their last characters, as the signature does.
fn token() -> Token {
    let uneven = |part: &[u8]| part.len() % 3 == 1;
    (0..9)
        .map(|fill| {
            Token::es256()
                .header(|header| header.text("x", &"x".repeat(fill % 3)))
                .claims(|claims| claims.text("sub", &format!("workload-{}", "x".repeat(fill / 3))))
        })
        .find(|token| uneven(&token.texts().0) && uneven(&token.texts().1))
        .expect("one of nine")
}

pub(super) fn add(corpus: &mut Corpus) {
    corpus.case("spelling/control", &["S32"], "accepted").token(token().mint());
    for (at, part) in ["header", "payload", "signature"].into_iter().enumerate() {
        for (name, change) in CHANGES {
            let minted = respelled(at, *change);
            corpus.case(&format!("spelling/{part}-{name}"), &["S32"], "malformed").token(minted);
        }
    }
    let good = Token::new("rsa", "RS256").mint();
    corpus.case("spelling/rs256-unused-bits", &["S32"], "malformed").token(format!(
        "{}{}",
        &good[..good.len() - 1],
        next_digit(good.as_bytes()[good.len() - 1])
    ));
    let text = Token::es256().texts();
    for (name, header) in [
        ("plain-json-header", String::from_utf8_lossy(&text.0).into_owned()),
        ("hex-header", text.0.iter().map(|byte| format!("{byte:02x}")).collect()),
        ("double-encoded-header", base64url(base64url(&text.0))),
    ] {
        let token = mint_input(&format!("{header}.{}", base64url(&text.1)), "ec", "ES256");
        corpus.case(&format!("spelling/{name}"), &["S32"], "malformed").token(token);
    }
}

type Change = (&'static str, fn(&str) -> String);

/// The classes of the Wycheproof base64 vectors, and more.
const CHANGES: &[Change] = &[
    ("padding-one", |part| format!("{part}=")),
    ("padding-two", |part| format!("{part}==")),
    ("padding-inside", |part| spliced(part, "=")),
    ("newline-after", |part| format!("{part}\n")),
    ("crlf-inside", |part| spliced(part, "\r\n")),
    ("newline-inside", |part| spliced(part, "\n")),
    ("space-inside", |part| spliced(part, " ")),
    ("tab-before", |part| format!("\t{part}")),
    ("space-after", |part| format!("{part} ")),
    ("nul-inside", |part| spliced(part, "\0")),
    ("nul-after", |part| format!("{part}\0")),
    ("invalid-question-mark", |part| spliced(part, "?")),
    ("invalid-percent", |part| format!("{part}%3D")),
    ("invalid-latin1", |part| spliced(part, "\u{e9}")),
    ("plus", |part| format!("{}+{}", &part[..4], &part[5..])),
    ("slash", |part| format!("{}/{}", &part[..4], &part[5..])),
    ("one-more-character", |part| format!("{}A", &part[..part.len() / 4 * 4])),
    ("unused-bits", |part| {
        let last = part.as_bytes()[part.len() - 1];
        format!("{}{}", &part[..part.len() - 1], next_digit(last))
    }),
];

fn spliced(part: &str, text: &str) -> String {
    format!("{}{text}{}", &part[..8], &part[8..])
}

/// The next character of the alphabet: other unused bits.
fn next_digit(digit: u8) -> char {
    match digit {
        b'Z' => 'a',
        b'z' => '0',
        b'9' => '-',
        b'-' => '_',
        _ => char::from(digit + 1),
    }
}

fn respelled(at: usize, change: fn(&str) -> String) -> String {
    let good = token().mint();
    let [header, payload, signature] = parts(&good);
    match at {
        0 => mint_input(&format!("{}.{payload}", change(header)), "ec", "ES256"),
        1 => mint_input(&format!("{header}.{}", change(payload)), "ec", "ES256"),
        _ => format!("{header}.{payload}.{}", change(signature)),
    }
}
