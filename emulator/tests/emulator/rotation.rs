//! New keys: with the former one still published, and without.

use crate::fixture::{BASE, Fixture, WithHeader, aadsts, key_id, request};
use workload_identity_emulator::Rotation;

fn published(fixture: &mut Fixture, path: &str) -> usize {
    let body = fixture.get(path).body;
    String::from_utf8_lossy(&body).matches("\"kid\"").count()
}

#[test]
fn a_rotated_workload_key_is_found_by_fetching_again() {
    let mut fixture = Fixture::new();
    let before = fixture.github_token();
    assert_eq!(fixture.exchange(&before).status, 200);
    fixture.emulator.rotate(Rotation::Workload, false).expect("rotated");
    let after = fixture.github_token();
    assert_ne!(key_id(&before), key_id(&after));
    assert_eq!(fixture.exchange(&after).status, 200);
    assert_eq!(fixture.exchange(&before).status, 200);
    assert_eq!(published(&mut fixture, "/_services/token/.well-known/jwks"), 2);
    assert_eq!(published(&mut fixture, "/oic/cluster-1/openid/v1/jwks"), 2);
}

#[test]
fn a_withdrawn_key_is_refused_once_entra_has_looked() {
    let mut fixture = Fixture::new();
    let before = fixture.github_token();
    fixture.emulator.rotate(Rotation::Workload, true).expect("rotated");
    assert_eq!(aadsts(&fixture.exchange(&before)), 7_000_272);
    let after = fixture.github_token();
    assert_eq!(fixture.exchange(&after).status, 200);
}

#[test]
fn a_rotated_access_token_key() {
    let mut fixture = Fixture::new();
    let before = fixture.access_token();
    let request = request("POST", "/emulator/rotate?key=access_token");
    assert_eq!(fixture.send(&request).status, 200);
    let after = fixture.access_token();
    assert_ne!(key_id(&before), key_id(&after));
    assert_eq!((call(&mut fixture, &before), call(&mut fixture, &after)), (200, 200));
    fixture.emulator.rotate(Rotation::AccessToken, true).expect("rotated");
    assert_eq!(call(&mut fixture, &before), 401);
}

fn call(fixture: &mut Fixture, token: &str) -> u16 {
    let header = format!("Bearer {token}");
    fixture.send(&request("GET", "/api/resource").with_header("authorization", &header)).status
}

#[test]
fn rotation_by_request() {
    let mut fixture = Fixture::new();
    let before = key_id(&fixture.github_token());
    assert_eq!(fixture.send(&request("GET", "/emulator/rotate")).status, 404);
    assert_eq!(fixture.send(&request("POST", "/emulator/rotate?key=moon")).status, 400);
    assert_eq!(key_id(&fixture.github_token()), before);
    assert_eq!(fixture.send(&request("POST", "/emulator/rotate")).status, 200);
    assert_ne!(key_id(&fixture.github_token()), before);
    assert!(fixture.emulator.github_issuer().starts_with(BASE));
}
