//! Each code of the `input` fault, both sides of each boundary.

use super::*;
use crate::crypto::{KeySet, Prepared, Provider, RustCrypto, Signer};
use crate::jose::{
    Algorithm, Curve, Jwk, Jwks, PublicKey, attach, base64url_encode, sign_compact, signing_input,
};
use crate::{Code, Error, Fault, Timestamp};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use p256::ecdsa::signature::Signer as _;

const ISSUER: &str = "https://issuer.example/";
const AUDIENCE: &str = "api://AzureADTokenExchange";
const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);
const CLAIMS: &str = r#"{"iss":"https://issuer.example/","aud":"api://AzureADTokenExchange","exp":1700000600,"sub":"s"}"#;

struct Es256 {
    key: p256::ecdsa::SigningKey,
    key_id: &'static str,
}

impl Es256 {
    fn new(fill: u8, key_id: &'static str) -> Self {
        Self { key: p256::ecdsa::SigningKey::from_slice(&[fill; 32]).unwrap(), key_id }
    }

    fn jwk(&self) -> Jwk {
        let point = self.key.verifying_key().to_sec1_point(false);
        let (x, y) = point.as_bytes()[1..].split_at(32);
        let key = PublicKey::Ec { curve: Curve::P256, x: x.to_vec(), y: y.to_vec() };
        Jwk::new(&key, Some(self.key_id), None).unwrap()
    }
}

impl Signer for Es256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::Es256
    }

    fn key_id(&self) -> &str {
        self.key_id
    }

    fn public_jwk(&self) -> String {
        self.jwk().to_json()
    }

    fn sign(&self, input: &[u8]) -> Result<Vec<u8>, Error> {
        let signature: p256::ecdsa::Signature = self.key.sign(input);
        Ok(signature.to_bytes().to_vec())
    }
}

fn signer() -> Es256 {
    Es256::new(7, "key")
}

fn keys() -> Jwks {
    Jwks::from_keys(alloc::vec![signer().jwk(), Es256::new(8, "other").jwk()])
}

fn imported(keys: Jwks) -> Arc<KeySet> {
    Arc::new(KeySet::import(keys, &RustCrypto))
}

fn signed(claims: &str) -> String {
    sign_compact(&signer(), &[], claims).unwrap()
}

fn with_header(header: &str) -> String {
    let input = signing_input(header, CLAIMS);
    attach(&input, &signer().sign(input.as_bytes()).unwrap())
}

fn policy() -> Policy {
    Policy::new(ISSUER, AUDIENCE)
}

fn check(token: &str, policy: &Policy, now: Timestamp) -> Result<VerifiedToken, Code> {
    verify(token, &imported(keys()), policy, now).map_err(|error| {
        assert_eq!(error.code.fault(), Fault::Input);
        let shown = format!("{error} {error:?}");
        for part in token.split('.').filter(|part| part.len() > 8) {
            assert!(!shown.contains(part), "the error shows a part of the token");
        }
        error.code
    })
}

fn code(token: &str) -> Code {
    check(token, &policy(), NOW).unwrap_err()
}

#[test]
fn a_good_token_is_accepted_and_explained() {
    let verified = check(&signed(CLAIMS), &policy(), NOW).unwrap();
    assert_eq!(verified.payload(), CLAIMS);
    assert_eq!(verified.claims()["sub"], "s");
    assert_eq!(verified.registered().expires, Some(Timestamp::from_seconds(1_700_000_600)));
    assert_eq!(verified.algorithm(), Algorithm::Es256);
    assert_eq!(verified.key_id(), Some("key"));
    assert_eq!(verified.key_thumbprint(), signer().jwk().thumbprint());
    assert_eq!(verified.issuer(), Some(ISSUER));
    assert_eq!((verified.profile().name, verified.key_set_age()), ("generic-oidc", None));
    assert!(!format!("{verified:?}").contains(AUDIENCE));
}

#[test]
fn each_rule_has_its_code() {
    let rejected = Jwks::parse(br#"{"keys":[{"kty":"oct","k":"AA","kid":"key"}]}"#).unwrap();
    let twice = Jwks::from_keys(alloc::vec![signer().jwk(), Es256::new(9, "key").jwk()]);
    let good = signed(CLAIMS);
    let expect = |wanted: Code, token: &str, keys: &Jwks, provider: &dyn Provider| {
        let keys = Arc::new(KeySet::import(keys.clone(), provider));
        let error = verify(token, &keys, &policy(), NOW).unwrap_err();
        assert_eq!(error.code, wanted, "{error}");
        wanted
    };
    let claims = |wanted: Code, claims: &str| expect(wanted, &signed(claims), &keys(), &RustCrypto);
    let header =
        |wanted: Code, header: &str| expect(wanted, &with_header(header), &keys(), &RustCrypto);
    let base = |more: &str| CLAIMS.replace(",\"sub\":\"s\"", more);
    let _: [Code; 19] = [
        expect(Code::Malformed, "a.b.c", &keys(), &RustCrypto),
        expect(Code::TooLarge, &"a".repeat(20_000), &keys(), &RustCrypto),
        expect(Code::EncryptedUnsupported, "a.b.c.d.e", &keys(), &RustCrypto),
        header(Code::AlgNotAllowed, r#"{"alg":"HS256","kid":"key"}"#),
        header(Code::TypMismatch, r#"{"alg":"ES256","kid":"key","typ":"at+jwt"}"#),
        header(Code::CritUnsupported, r#"{"alg":"ES256","kid":"key","crit":["exp"]}"#),
        expect(Code::AlgUnsupported, &good, &keys(), &Nothing),
        claims(Code::IssuerMismatch, &CLAIMS.replace("issuer.example/", "issuer.example")),
        claims(Code::AudienceMismatch, &CLAIMS.replace("TokenExchange", "TokenExchange/")),
        claims(Code::Expired, &CLAIMS.replace("1700000600", "1600000000")),
        claims(Code::NotYetValid, &base(r#","nbf":1700000100"#)),
        claims(Code::IssuedInFuture, &base(r#","iat":1700000100"#)),
        claims(Code::ClaimMissing, r#"{"aud":"a","exp":1}"#),
        claims(Code::ClaimType, &CLAIMS.replace("1700000600", "\"1700000600\"")),
        header(Code::KidMissing, r#"{"alg":"ES256"}"#),
        header(Code::NoMatchingKey, r#"{"alg":"ES256","kid":"unknown"}"#),
        expect(Code::AmbiguousKey, &good, &twice, &RustCrypto),
        expect(Code::KeyRejected, &good, &rejected, &RustCrypto),
        header(Code::SignatureInvalid, r#"{"alg":"ES256","kid":"other"}"#),
    ];
}

/// A provider that offers no algorithm.
struct Nothing;

impl Provider for Nothing {
    fn prepare(&self, _: &Jwk) -> Result<Prepared, Error> {
        Err(Error::new(Code::AlgUnsupported, "this provider offers no algorithm"))
    }
}

#[test]
fn cheap_checks_come_before_keys_and_signature() {
    let none = Arc::new(KeySet::default());
    let expired = signed(&CLAIMS.replace("1700000600", "1"));
    let error = verify(&expired, &none, &policy(), NOW).unwrap_err();
    assert_eq!(error.code, Code::Expired);
    let unknown = signed(CLAIMS);
    let error = verify(&unknown, &none, &policy(), NOW).unwrap_err();
    assert_eq!(error.code, Code::NoMatchingKey);
}

#[test]
fn algorithms_outside_the_policy_are_refused() {
    for name in ["none", "HS256", "HS512", "RS384", "PS256", "es256", "ES256K", "EdDSA", "ES384"] {
        let token = with_header(&format!(r#"{{"alg":"{name}","kid":"key"}}"#));
        assert_eq!(code(&token), Code::AlgNotAllowed, "{name}");
    }
    let only_rsa = policy().with_algorithms(&[Algorithm::Rs256]);
    assert_eq!(check(&signed(CLAIMS), &only_rsa, NOW).unwrap_err(), Code::AlgNotAllowed);
    let nothing = policy().with_algorithms(&[]);
    assert_eq!(check(&signed(CLAIMS), &nothing, NOW).unwrap_err(), Code::AlgNotAllowed);
    // A token for an RSA algorithm never reaches an EC key of that name.
    let token = with_header(r#"{"alg":"RS256","kid":"key"}"#);
    assert_eq!(code(&token), Code::KeyRejected);
}

#[test]
fn a_key_inside_the_token_is_ignored() {
    let attacker = Es256::new(9, "key");
    let header = format!(
        r#"{{"alg":"ES256","kid":"key","jwk":{},"jku":"https://evil.example","x5c":["AA"]}}"#,
        attacker.public_jwk()
    );
    let input = signing_input(&header, CLAIMS);
    let token = attach(&input, &attacker.sign(input.as_bytes()).unwrap());
    assert_eq!(code(&token), Code::SignatureInvalid);
}

#[test]
fn a_changed_token_is_refused() {
    let good = signed(CLAIMS);
    let (input, signature) = good.rsplit_once('.').unwrap();
    let (header, _) = input.split_once('.').unwrap();
    let other = base64url_encode(CLAIMS.replace("\"s\"", "\"t\"").as_bytes());
    assert_eq!(code(&format!("{header}.{other}.{signature}")), Code::SignatureInvalid);
    for wrong in [&[0_u8; 64][..], &[0xff; 64], &[1; 63], &[1; 65], &[1; 72], &[1]] {
        assert_eq!(code(&attach(input, wrong)), Code::SignatureInvalid);
    }
}

#[test]
fn issuers_are_equal_or_not() {
    for issuer in
        ["", "https://issuer.example", "HTTPS://issuer.example/", "https://issuer.example//"]
    {
        let token = signed(&CLAIMS.replace(ISSUER, issuer));
        assert_eq!(code(&token), Code::IssuerMismatch, "{issuer:?}");
    }
    let token = signed(&CLAIMS.replace(&format!("\"{ISSUER}\""), &format!("[\"{ISSUER}\"]")));
    assert_eq!(code(&token), Code::ClaimType);
}

#[test]
fn audiences_contain_ours_exactly() {
    let several =
        CLAIMS.replace(&format!("\"{AUDIENCE}\""), &format!("[\"other\",\"{AUDIENCE}\"]"));
    assert!(check(&signed(&several), &policy(), NOW).is_ok());
    let mut sole = policy();
    sole.sole_audience = true;
    assert_eq!(check(&signed(&several), &sole, NOW).unwrap_err(), Code::AudienceMismatch);
    assert!(check(&signed(CLAIMS), &sole, NOW).is_ok());
    for audience in ["", "api://azureadtokenexchange", "api://AzureADTokenExchang"] {
        let token = signed(&CLAIMS.replace(AUDIENCE, audience));
        assert_eq!(code(&token), Code::AudienceMismatch, "{audience:?}");
    }
}

#[test]
fn validity_boundaries_are_exact() {
    let at = |claims: &str, leeway: i64, millis: i64| {
        let policy = policy().with_leeway_seconds(leeway);
        check(&signed(claims), &policy, Timestamp::from_millis(millis)).map(|_| ())
    };
    let end = 1_700_000_600_000;
    assert_eq!(at(CLAIMS, 0, end - 1), Ok(()));
    assert_eq!(at(CLAIMS, 0, end), Err(Code::Expired));
    assert_eq!(at(CLAIMS, 60, end + 59_999), Ok(()));
    assert_eq!(at(CLAIMS, 60, end + 60_000), Err(Code::Expired));
    // Leeway is held to 0..=300.
    assert_eq!(at(CLAIMS, i64::MAX, end + 299_999), Ok(()));
    assert_eq!(at(CLAIMS, i64::MAX, end + 300_000), Err(Code::Expired));
    assert_eq!(at(CLAIMS, -1000, end - 1), Ok(()));
    for (name, refusal) in [("nbf", Code::NotYetValid), ("iat", Code::IssuedInFuture)] {
        let claims = CLAIMS.replace("\"sub\":\"s\"", &format!("\"{name}\":1700000000.5"));
        let start = 1_700_000_000_500;
        assert_eq!(at(&claims, 0, start), Ok(()));
        assert_eq!(at(&claims, 0, start - 1), Err(refusal));
        assert_eq!(at(&claims, 60, start - 60_000), Ok(()));
        assert_eq!(at(&claims, 60, start - 60_001), Err(refusal));
    }
    let for_ever = CLAIMS.replace("1700000600", "9007199254740992");
    assert_eq!(at(&for_ever, 60, end), Ok(()));
}

#[test]
fn required_claims_are_checked_after_the_signature() {
    let mut policy = policy();
    policy.claims.push(ClaimRule {
        claim: ClaimPath::parse("oid").unwrap(),
        requirement: Requirement::Present(true),
    });
    assert_eq!(check(&signed(CLAIMS), &policy, NOW).unwrap_err(), Code::ClaimMissing);
    let forged = attach(&signing_input(r#"{"alg":"ES256","kid":"key"}"#, CLAIMS), &[1; 64]);
    assert_eq!(check(&forged, &policy, NOW).unwrap_err(), Code::SignatureInvalid);
    let with = CLAIMS.replace("\"sub\"", "\"oid\"");
    assert!(check(&signed(&with), &policy, NOW).is_ok());
    for name in ["iss", "aud", "exp"] {
        let without = CLAIMS.replace(&format!("\"{name}\""), "\"zzz\"");
        assert_eq!(code(&signed(&without)), Code::ClaimMissing, "{name}");
    }
}
