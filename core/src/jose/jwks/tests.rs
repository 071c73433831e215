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
    match set.select(algorithm, key_id).map(Jwk::key) {
        Ok(PublicKey::Ec { x, .. }) => Ok(x[0]),
        Ok(_) => panic!("another kind of key"),
        Err(error) => Err(error.code),
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
fn a_key_for_something_else_is_rejected() {
    assert_eq!(select(vec![p384(1, "a")], Algorithm::Es256, Some("a")), Err(Code::KeyRejected));
}

#[test]
fn unusable_keys_are_kept_aside_and_explain_themselves() {
    let good = key(1, Some("good"), None).to_json();
    let text = format!(
        r#"{{"keys":[{{"kty":"oct","k":"AA","kid":"secret"}},{{"kty":"future"}},{good}],"more":1}}"#
    );
    let set = Jwks::parse(text.as_bytes()).unwrap();
    assert_eq!(set.keys().len(), 1);
    assert_eq!(set.unusable().len(), 2);
    assert_eq!(set.unusable()[0].key_id.as_deref(), Some("secret"));
    assert!(set.select(Algorithm::Es256, Some("good")).is_ok());
    let error = set.select(Algorithm::Es256, Some("secret")).unwrap_err();
    assert_eq!(error.code, Code::KeyRejected);
    assert_eq!(set.to_json(), format!(r#"{{"keys":[{good}]}}"#));
    assert!(Jwks::parse(br#"{"keys":[]}"#).unwrap().keys().is_empty());
}

#[test]
fn documents_that_are_no_key_set_are_refused() {
    for text in [
        "",
        "[]",
        "{}",
        r#"{"keys":{}}"#,
        r#"{"keys":[1]}"#,
        r#"{"keys":[],"keys":[]}"#,
        "{\"keys\":[]}x",
    ] {
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
