//! The attack corpus: tokens, key sets and configurations with the result that the specification demands.
//!
//! `cargo run -p conformance --bin attacks` mints `tests/vectors/attacks.json` from fixed test keys; `attacks.md` beside
//! it explains the file. A long text is a list of pieces, each a string or `{"repeat":[TEXT,TIMES]}`, to be joined.
//! Everything is deterministic: ECDSA by RFC 6979, PSS salts derived from the message.

mod access_tokens;
mod addresses;
mod algorithms;
mod case;
mod claims;
mod configuration;
mod entra;
mod fetching;
mod form;
mod header;
mod json;
mod key_documents;
mod key_sets;
mod keys;
mod members;
mod pieces;
mod platforms;
mod profile_keys;
mod replay;
mod rsa;
mod rules;
mod signatures;
mod spelling;
mod spiffe;
mod time;
mod token;

pub use case::{Answer, Case, Corpus, Earlier, KeySet};
use members::Members;
pub use pieces::{Piece, Pieces};
pub use replay::{Crypto, Replayed};
use std::path::PathBuf;
use token::Token;

/// Unix seconds at which the cases happen: 21 September 2026.
const NOW: i64 = 1_790_000_000;
const ISSUER: &str = "https://issuer.example";
const AUDIENCE: &str = "api://service";

/// `tests/vectors/attacks.json`
#[must_use]
pub fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors/attacks.json")
}

/// Mints the corpus.
#[must_use]
pub fn corpus() -> Corpus {
    let mut corpus = Corpus::new(NOW * 1000);
    corpus.keys(
        "good",
        &[
            keys::published("rsa", "RS256"),
            keys::published("ec", "ES256"),
            keys::published("ed", "EdDSA"),
        ],
    );
    corpus.policy(
        "oidc",
        &format!(
            r#"{{"issuers":[{{"issuer":"{ISSUER}","audience":"{AUDIENCE}","keys":"good"}}]}}"#
        ),
    );
    for family in [
        form::add,
        spelling::add,
        json::add,
        header::add,
        algorithms::add,
        signatures::add,
        key_sets::add,
        claims::add,
        time::add,
        rules::add,
        configuration::add,
        addresses::add,
        entra::add,
        platforms::add,
        access_tokens::add,
        spiffe::add,
        fetching::add,
        profile_keys::add,
    ] {
        family(&mut corpus);
    }
    corpus
}
