//! The core's whole evaluation of a token says what the token endpoint answers, for any token and credentials.

use crate::any_input::Rng;
use crate::fixture::{AUDIENCE, Fixture, NOW, SharedSigner, aadsts};
use crate::issuer::{ISSUER, Issuer, SUBJECT, Token};
use std::collections::BTreeMap;
use workload_identity_core::crypto::RustCrypto;
use workload_identity_core::trust::{self, Documents, TokenClaims};
use workload_identity_emulator::Credential;

/// Values that are equal, nearly equal, and different. The first is the most frequent.
const ISSUERS: [&str; 6] = [
    ISSUER,
    "https://idp.example/realm/",
    "https://IdP.example/realm",
    "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0",
    "https://token.actions.githubusercontent.com",
    " https://idp.example/realm",
];
const SUBJECTS: [&str; 5] = [
    SUBJECT,
    "Workload-7",
    "workload-7 ",
    "11111111-2222-3333-4444-555555555555",
    "repo:o/a:\u{1b}",
];
const AUDIENCES: [&str; 4] =
    [AUDIENCE, "api://azureadtokenexchange", "api://AzureADTokenExchangeUSGov", "x"];

/// Mostly the first, so that tokens are accepted often.
fn choose<'a>(rng: &mut Rng, values: &[&'a str]) -> &'a str {
    if rng.below(6) > 0 { values[0] } else { rng.pick(values) }
}

fn credential(rng: &mut Rng) -> Credential {
    let issuer = choose(rng, &ISSUERS);
    let subject = choose(rng, &SUBJECTS);
    Credential::exact(issuer, subject, choose(rng, &AUDIENCES))
}

fn token(rng: &mut Rng) -> Token {
    let mut token = Token::new(NOW);
    token.issuer = choose(rng, &ISSUERS).to_owned();
    token.subject = choose(rng, &SUBJECTS).to_owned();
    token.audience = choose(rng, &AUDIENCES).to_owned();
    match rng.below(12) {
        0 => token.header("alg", rng.pick(&["ES256", "none", "RS384"])),
        1 => token.header("typ", rng.pick(&["at+jwt", "jwt", "JOSE"])),
        2 => token.header("kid", "other"),
        3 => token.header("crit", "x"),
        4 => {
            token.signer = SharedSigner(2);
            token
        }
        5 => {
            token.expires =
                [None, Some(NOW.seconds() - 299), Some(NOW.seconds() - 300)][rng.below(3)];
            token
        }
        6 => {
            token.starts = Some(NOW.seconds() + 300 + i64::from(rng.below(2) == 1));
            token
        }
        _ => token,
    }
}

#[test]
fn evaluation_and_token_endpoint_agree() {
    let mut rng = Rng(0x5eed_1234_abcd_0001);
    let mut numbers: BTreeMap<Option<u32>, usize> = BTreeMap::new();
    for number in 0..300 {
        let mut fixture = Fixture::with(|settings| settings.trust_own_issuers = false);
        for _ in 0..rng.below(12).min(3) {
            // A duplicate is refused.
            let _ = fixture.emulator.trust(credential(&mut rng));
        }
        let token = token(&mut rng);
        let mut issuer = Issuer::new();
        issuer.issuer.clone_from(&token.issuer);
        match rng.below(12) {
            0 => issuer.issuer.push('/'),
            1 => {
                let others = (0..100).map(|key| (format!("key-1{key}"), SharedSigner(2)));
                issuer.keys = others.chain([("key-1".to_owned(), SharedSigner(3))]).collect();
            }
            _ => {}
        }
        let text = token.sign();
        let discovery = issuer.answer("/.well-known/openid-configuration").body;
        let keys = issuer.answer("https://idp.example/keys").body;
        let response = fixture.exchange_with(&text, |url| Ok(issuer.answer(url)));

        let credentials = fixture.emulator.credentials().iter();
        let credentials: Vec<_> = credentials.map(|known| known.credential.clone()).collect();
        let claims = TokenClaims::from_token(&text).expect("claims");
        let documents = Documents {
            token: Some(&text),
            discovery: Some(Ok(&discovery)),
            keys: Some(Ok(&keys)),
            now: Some(NOW),
        };
        let verdict = trust::evaluate_whole(&claims, &credentials, &documents, &RustCrypto);
        assert_eq!(verdict.accepted, response.status == 200, "{number}: {verdict:?}");
        if !verdict.accepted {
            let aadsts = u32::try_from(aadsts(&response)).ok();
            assert_eq!(verdict.aadsts, aadsts, "{number}: {verdict:?}");
        }
        *numbers.entry(verdict.aadsts).or_default() += 1;
    }
    // The cases are worth something: many tokens are accepted, and each step refuses some.
    assert!(numbers[&None] >= 50, "{numbers:?}");
    let expected = [
        50_027, 50_166, 70_025, 700_024, 700_027, 700_211, 700_212, 700_213, 700_222, 5_002_727,
        5_002_738, 7_000_272, 7_002_138,
    ];
    for number in expected {
        assert!(numbers.contains_key(&Some(number)), "{number} {numbers:?}");
    }
}
