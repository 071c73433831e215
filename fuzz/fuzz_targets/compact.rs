//! Tokens: one spelling each, no refusal that shows the token, no acceptance without every check.
#![no_main]

use arbitrary::Arbitrary;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use workload_identity_core::crypto::{KeySet, Prepared, PreparedKey, Provider};
use workload_identity_core::jose::{
    Algorithm, CompactJwt, Jwk, Jwks, UnverifiedClaims, attach, base64url_decode, base64url_encode,
    signing_input,
};
use workload_identity_core::verify::{Policy, verify};
use workload_identity_core::{Error, Timestamp};

const KEYS: &[u8] = br#"{"keys":[{"kty":"EC","crv":"P-256","kid":"k",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;

/// A token as text, or its parts before encoding.
#[derive(Arbitrary, Debug)]
enum Input<'a> {
    Text(&'a str),
    Parts { header: &'a str, claims: &'a str, signature: &'a [u8] },
    Claims { claims: &'a str, now: i64, leeway: i64 },
    Base64(&'a str),
}

/// Accepts every signature that passed the checks, so that the rest of the verdict is reached.
struct Gullible;

impl Provider for Gullible {
    fn prepare(&self, key: &Jwk) -> Result<Prepared, Error> {
        assert!(key.fits(Algorithm::Es256));
        Ok(Prepared::Here(Box::new(Gullible)))
    }
}

impl PreparedKey for Gullible {
    fn verify(&self, algorithm: Algorithm, _: &[u8], _: &[u8]) -> Result<(), Error> {
        assert_eq!(algorithm, Algorithm::Es256);
        Ok(())
    }
}

fuzz_target!(|input: Input<'_>| {
    let (token, now, leeway) = match input {
        Input::Base64(text) => return one_decoding(text),
        Input::Text(text) => (text.to_owned(), 0, 0),
        Input::Parts { header, claims, signature } => {
            (attach(&signing_input(header, claims), signature), 0, 0)
        }
        Input::Claims { claims, now, leeway } => {
            let header = r#"{"alg":"ES256","kid":"k"}"#;
            (attach(&signing_input(header, claims), &[1; 64]), now, leeway)
        }
    };
    let parsed = CompactJwt::parse(&token).and_then(|jwt| {
        let (payload, signature) = (jwt.payload()?, jwt.signature()?);
        Ok((jwt, payload, signature))
    });
    match &parsed {
        Ok((jwt, payload, signature)) => one_spelling(&token, jwt, payload, signature),
        Err(error) => silent(&token, error),
    }
    if let Err(error) = &UnverifiedClaims::peek(&token) {
        assert!(parsed.is_err());
        silent(&token, error);
    }
    let keys = Jwks::parse(KEYS).expect("a good set");
    let keys = std::sync::Arc::new(KeySet::import(keys, &Gullible));
    let policy = Policy::new("i", "a").with_leeway_seconds(leeway);
    let now = Timestamp::from_millis(now);
    match verify(&token, &keys, &policy, now) {
        Err(error) => silent(&token, &error),
        Ok(verified) => {
            let claims = verified.registered();
            assert_eq!(claims.issuer.as_deref(), Some("i"));
            assert!(claims.audience.iter().any(|audience| audience == "a"));
            assert!(claims.expires.expect("`exp` is required").plus_seconds(300) > now);
            assert!(claims.not_before.is_none_or(|start| start <= now.plus_seconds(300)));
            assert_eq!(verified.algorithm(), Algorithm::Es256);
        }
    }
});

/// Ours and a general engine set to the same rules agree.
fn one_decoding(text: &str) {
    let theirs = URL_SAFE_NO_PAD.decode(text).ok();
    assert_eq!(base64url_decode(text), theirs);
    assert_eq!(base64url_encode(text.as_bytes()), URL_SAFE_NO_PAD.encode(text));
    if let Some(bytes) = theirs {
        assert_eq!(base64url_encode(&bytes), text);
    }
}

fn one_spelling(token: &str, jwt: &CompactJwt<'_>, payload: &str, signature: &[u8]) {
    let (header, rest) = token.split_once('.').expect("three parts");
    let payload = base64url_encode(payload.as_bytes());
    let again = format!("{header}.{payload}.{}", base64url_encode(signature));
    assert_eq!(again, token);
    assert!(token.as_bytes().starts_with(jwt.signing_input()));
    assert_eq!(rest.matches('.').count(), 1);
    let claims = UnverifiedClaims::peek(token).expect("what the parts give");
    assert_eq!(claims.algorithm.as_ref(), Some(&jwt.header().algorithm_name));
    assert_eq!(claims.key_id, jwt.header().kid);
}

/// No message is long or shows a part of the token. Our own words have no 24 such characters in a row.
fn silent(token: &str, error: &Error) {
    let shown = error.to_json();
    assert!(shown.len() < 512);
    let encoded = |part: &&str| {
        part.len() >= 24
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    for part in token.split('.').filter(encoded) {
        assert!(!shown.contains(part));
    }
}
