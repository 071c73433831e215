use super::*;
use crate::jose::{Curve, PublicKey};
use alloc::format;
use alloc::vec;

fn key(fill: u8, key_id: Option<&str>, algorithm: Option<Algorithm>) -> Jwk {
    let key = PublicKey::Ec { curve: Curve::P256, x: vec![fill; 32], y: vec![1; 32] };
    Jwk::new(&key, key_id, algorithm).unwrap()
}

fn p384(fill: u8, key_id: &str) -> Jwk {
    let key = PublicKey::Ec { curve: Curve::P384, x: vec![fill; 48], y: vec![1; 48] };
    Jwk::new(&key, Some(key_id), None).unwrap()
}

fn select(keys: Vec<Jwk>, algorithm: Algorithm, key_id: Option<&str>) -> Result<u8, Code> {
    let set = Jwks::from_keys(keys);
    first_octet(&set, set.find(algorithm, key_id, KeyUse::ORDINARY))
}

/// The octet by which the test tells its keys apart.
fn first_octet(set: &Jwks, place: Result<usize, Error>) -> Result<u8, Code> {
    match set.keys()[place.map_err(|error| error.code)?].key() {
        PublicKey::Ec { x, .. } => Ok(x[0]),
        _ => panic!("another kind of key"),
    }
}

#[test]
fn a_kid_means_exactly_its_key() {
    let keys = vec![key(1, Some("a"), None), key(2, Some("b"), None), key(3, None, None)];
    let select = |key_id| select(keys.clone(), Algorithm::Es256, key_id);
    assert_eq!(select(Some("a")), Ok(1));
    assert_eq!(select(Some("b")), Ok(2));
    for other in ["A", "", "a ", "c"] {
        assert_eq!(select(Some(other)), Err(Code::NoMatchingKey), "{other:?}");
    }
    assert_eq!(select(None), Err(Code::KidMissing));
}

#[test]
fn without_kid_the_one_key_that_fits_is_meant() {
    let keys = vec![key(1, Some("a"), None), p384(2, "b")];
    assert_eq!(select(keys.clone(), Algorithm::Es256, None), Ok(1));
    assert_eq!(select(keys.clone(), Algorithm::Es384, None), Ok(2));
    assert_eq!(select(keys, Algorithm::Rs256, None), Err(Code::NoMatchingKey));
    assert_eq!(select(Vec::new(), Algorithm::Es256, None), Err(Code::NoMatchingKey));
}

#[test]
fn a_shared_kid_is_ambiguous_only_when_both_keys_fit() {
    let mixed = vec![key(1, Some("a"), None), p384(2, "a")];
    assert_eq!(select(mixed.clone(), Algorithm::Es256, Some("a")), Ok(1));
    assert_eq!(select(mixed, Algorithm::Es384, Some("a")), Ok(2));
    let same = vec![key(1, Some("a"), None), key(2, Some("a"), Some(Algorithm::Es256))];
    assert_eq!(select(same, Algorithm::Es256, Some("a")), Err(Code::AmbiguousKey));
}

#[test]
fn the_same_key_twice_is_one_key() {
    let same = vec![key(1, Some("a"), None), key(1, Some("a"), Some(Algorithm::Es256))];
    assert_eq!(select(same.clone(), Algorithm::Es256, Some("a")), Ok(1));
    assert_eq!(select(same, Algorithm::Es256, None), Ok(1));
    let three = vec![key(1, Some("a"), None), key(1, Some("a"), None), key(2, Some("a"), None)];
    assert_eq!(select(three, Algorithm::Es256, Some("a")), Err(Code::AmbiguousKey));
    let two_names = vec![key(1, Some("a"), None), key(1, Some("b"), None)];
    assert_eq!(select(two_names, Algorithm::Es256, None), Err(Code::KidMissing));
}

#[test]
fn keys_of_different_issuers_are_different() {
    let text = key(1, Some("a"), None).to_json();
    let of = |issuer: &str| text.replacen('{', &format!(r#"{{"issuer":"{issuer}","#), 1);
    let set = |one: &str, two: &str| {
        let text = format!(r#"{{"keys":[{},{}]}}"#, of(one), of(two));
        let set = Jwks::parse(text.as_bytes()).unwrap();
        first_octet(&set, set.find(Algorithm::Es256, Some("a"), KeyUse::ORDINARY))
    };
    assert_eq!(set("x", "x"), Ok(1));
    assert_eq!(set("x", "y"), Err(Code::AmbiguousKey));
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    let text = format!("\u{feff}{{\"keys\":[{}]}}", key(1, Some("a"), None).to_json());
    assert_eq!(Jwks::parse(text.as_bytes()).unwrap().keys().len(), 1);
    for wrong in ["\u{feff}\u{feff}{}", " \u{feff}{\"keys\":[]}", "\u{feff}"] {
        assert!(Jwks::parse(wrong.as_bytes()).is_err(), "{wrong:?}");
    }
}

#[test]
fn a_key_for_something_else_is_rejected() {
    assert_eq!(select(vec![p384(1, "a")], Algorithm::Es256, Some("a")), Err(Code::KeyRejected));
}

#[test]
fn only_keys_for_an_allowed_use_count() {
    let marked = |fill, mark: &str| {
        let key = key(fill, Some("a"), None).to_json();
        key.replace(r#""use":"sig""#, &format!(r#""use":"{mark}""#)).replace(r#""use":"","#, "")
    };
    let set = [marked(1, "jwt-svid"), marked(2, "sig"), marked(3, "wit-svid"), marked(4, "enc")];
    let set = Jwks::parse(format!(r#"{{"keys":[{}]}}"#, set.join(",")).as_bytes()).unwrap();
    let select = |uses: &[KeyUse]| first_octet(&set, set.find(Algorithm::Es256, Some("a"), uses));
    assert_eq!(select(KeyUse::ORDINARY), Ok(2));
    assert_eq!(select(&[KeyUse::JwtSvid]), Ok(1));
    assert_eq!(select(&[KeyUse::WitSvid]), Ok(3));
    assert_eq!(select(&[KeyUse::JwtSvid, KeyUse::WitSvid]), Err(Code::AmbiguousKey));
    assert_eq!(select(&[KeyUse::Unstated]), Err(Code::KeyRejected));
    assert_eq!(select(&[]), Err(Code::KeyRejected));
    let without_kid = set.find(Algorithm::Es256, None, &[KeyUse::JwtSvid]);
    assert_eq!(first_octet(&set, without_kid), Ok(1));
    let unmarked = Jwks::parse(format!(r#"{{"keys":[{}]}}"#, marked(5, "")).as_bytes()).unwrap();
    assert_eq!(unmarked.keys()[0].key_use(), KeyUse::Unstated);
    assert!(unmarked.find(Algorithm::Es256, Some("a"), KeyUse::ORDINARY).is_ok());
}

#[test]
fn a_certificate_thumbprint_names_a_key_as_well() {
    let named = |fill, x5t: &str| {
        key(fill, None, None).to_json().replace('}', &format!(r#","x5t":"{x5t}"}}"#))
    };
    let set = [named(1, "a"), named(2, "b"), named(3, "b")].join(",");
    let set = Jwks::parse(format!(r#"{{"keys":[{set}]}}"#).as_bytes()).unwrap();
    let select = |algorithm, x5t: &str| {
        first_octet(&set, set.find(algorithm, KeySelector::X5t(x5t), KeyUse::ORDINARY))
    };
    assert_eq!(select(Algorithm::Es256, "a"), Ok(1));
    assert_eq!(select(Algorithm::Es256, "b"), Err(Code::AmbiguousKey));
    assert_eq!(select(Algorithm::Es384, "a"), Err(Code::NoMatchingKey));
    assert_eq!(select(Algorithm::Es256, ""), Err(Code::NoMatchingKey));
}

#[test]
fn names_too_long_to_compare_are_not_kept() {
    let kid = "k".repeat(MAX_KEY_ID_BYTES + 1);
    let set = format!(r#"{{"keys":[{{"kty":"oct","kid":"{kid}"}}]}}"#);
    assert_eq!(Jwks::parse(set.as_bytes()).unwrap().unusable()[0].key_id, None);
}

#[test]
fn unusable_keys_are_kept_aside_and_explain_themselves() {
    let good = key(1, Some("good"), None).to_json();
    let text = format!(
        r#"{{"keys":[{{"kty":"oct","k":"AA","kid":"secret"}},{{"kty":"future"}},7,{good}],"more":1}}"#
    );
    let set = Jwks::parse(text.as_bytes()).unwrap();
    assert_eq!(set.keys().len(), 1);
    assert_eq!(set.unusable().len(), 3);
    assert_eq!(set.unusable()[0].key_id.as_deref(), Some("secret"));
    assert!(set.find(Algorithm::Es256, Some("good"), KeyUse::ORDINARY).is_ok());
    let error = set.find(Algorithm::Es256, Some("secret"), KeyUse::ORDINARY).unwrap_err();
    assert_eq!(error.code, Code::KeyRejected);
    assert_eq!(set.to_json(), format!(r#"{{"keys":[{good}]}}"#));
    assert!(Jwks::parse(br#"{"keys":[]}"#).unwrap().keys().is_empty());
}

#[test]
fn documents_that_are_no_key_set_are_refused() {
    for text in ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":[],"keys":[]}"#, "{\"keys\":[]}x"] {
        assert_eq!(Jwks::parse(text.as_bytes()).unwrap_err().code, Code::Malformed, "{text}");
    }
    let nested = br#"{"keys":[{"kid":"a","x":{"b":1,"b":2}}]}"#;
    assert_eq!(Jwks::parse(nested).unwrap_err().code, Code::Malformed);
}

#[test]
fn size_limits_are_exact() {
    let of = |count: usize| format!(r#"{{"keys":[{}]}}"#, vec!["{}"; count].join(","));
    assert_eq!(Jwks::parse(of(MAX_KEYS).as_bytes()).unwrap().unusable().len(), MAX_KEYS);
    assert_eq!(Jwks::parse(of(MAX_KEYS + 1).as_bytes()).unwrap_err().code, Code::TooLarge);
    let padded = |length: usize| of(1) + &" ".repeat(length - of(1).len());
    assert!(Jwks::parse(padded(MAX_SET_BYTES).as_bytes()).is_ok());
    assert_eq!(Jwks::parse(padded(MAX_SET_BYTES + 1).as_bytes()).unwrap_err().code, Code::TooLarge);
}
