//! Key set documents that a reader must refuse as a whole, and sizes at the limit.

use super::keys::{jwk, published};
use super::{Corpus, Token};

pub(super) fn add(corpus: &mut Corpus) {
    let key = published("ec", "ES256").json();
    let token = Token::es256().mint();
    for (name, text) in [
        ("duplicate-keys", format!("{{\"keys\":[],\"keys\":[{key}]}}")),
        ("duplicate-keys-escaped", format!("{{\"keys\":[{key}],\"key\\u0073\":[]}}")),
        (
            "duplicate-in-key",
            format!("{{\"keys\":[{}]}}", published("ec", "ES256").again("kid", "\"k\"").json()),
        ),
        ("not-json", "keys".to_owned()),
        ("html", "<!DOCTYPE html><title>Sign in</title>".to_owned()),
        ("cut-off", format!("{{\"keys\":[{key}")),
        ("trailing-text", format!("{{\"keys\":[{key}]}}]")),
        ("deep", format!("{{\"keys\":[{key}],\"x\":{}}}", deep(100_000))),
    ] {
        let set = format!("document-{name}");
        corpus.keys_text(&set, &text);
        corpus
            .case(&format!("key-set/{name}"), &["S24", "S34"], "config_invalid")
            .keys(&set)
            .token(&token);
    }
    for (name, text, code) in [
        ("list", format!("[{key}]"), "config_invalid"),
        ("text", "\"{}\"".to_owned(), "config_invalid"),
        ("bare-key", key.clone(), "malformed"),
        ("keys-is-object", format!("{{\"keys\":{{\"0\":{key}}}}}"), "malformed"),
        ("keys-is-null", "{\"keys\":null}".to_owned(), "malformed"),
        ("keys-missing", "{}".to_owned(), "malformed"),
        ("upper-case", format!("{{\"KEYS\":[{key}]}}"), "malformed"),
    ] {
        let set = format!("shape-{name}");
        corpus.keys_text(&set, &text);
        corpus.case(&format!("key-set/{name}"), &["S26", "S24"], code).keys(&set).token(&token);
    }
    corpus.keys_text("document-odd-items", &format!("{{\"keys\":[\"ec\",null,1,[],{key}]}}"));
    corpus
        .case("key-set/items-that-are-no-objects", &["S24"], "accepted")
        .about("skipped like every other bad sibling")
        .keys("document-odd-items")
        .token(&token);
    for (count, code) in [(1000, "accepted"), (1001, "too_large")] {
        let filler = jwk("k256").without("x").without("y").json();
        let set = format!("document-{count}-keys");
        corpus.keys.insert(
            set.clone(),
            super::KeySet::Text {
                text: super::Pieces::List(vec![
                    super::Piece::Text("{\"keys\":[".to_owned()),
                    super::Piece::Repeat { repeat: (format!("{filler},"), count - 1) },
                    super::Piece::Text(format!("{key}]}}")),
                ]),
            },
        );
        corpus
            .case(&format!("key-set/{count}-keys"), &["S23"], code)
            .about("more than 1000 keys are no key set")
            .keys(&set)
            .token(&token);
    }
    let spaced = format!(" {{ \"x\" : [ ] , \"keys\" : [ {key} ] }}\n");
    corpus.keys_text("document-extra-members", &spaced);
    corpus
        .case("key-set/control-extra-members", &["S24"], "accepted")
        .keys("document-extra-members")
        .token(&token);
}

fn deep(levels: usize) -> String {
    format!("{}{}", "[".repeat(levels), "]".repeat(levels))
}
