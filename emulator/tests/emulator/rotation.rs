//! New keys: with the former one still published, and without.

use crate::stage::{BASE, Stage, aadsts, key_id};
use workload_identity_emulator::{Request, Rotation};

fn published(stage: &mut Stage, path: &str) -> usize {
    let body = stage.get(path).body;
    String::from_utf8_lossy(&body).matches("\"kid\"").count()
}

#[test]
fn a_rotated_workload_key_is_found_by_fetching_again() {
    let mut stage = Stage::new();
    let before = stage.github_token();
    assert_eq!(stage.exchange(&before).status, 200);
    stage.emulator.rotate(Rotation::Workload, false).expect("rotated");
    let after = stage.github_token();
    assert_ne!(key_id(&before), key_id(&after));
    assert_eq!(stage.exchange(&after).status, 200);
    assert_eq!(stage.exchange(&before).status, 200);
    assert_eq!(published(&mut stage, "/_services/token/.well-known/jwks"), 2);
    assert_eq!(published(&mut stage, "/oic/cluster-1/openid/v1/jwks"), 2);
}

#[test]
fn a_withdrawn_key_is_refused_once_entra_has_looked() {
    let mut stage = Stage::new();
    let before = stage.github_token();
    stage.emulator.rotate(Rotation::Workload, true).expect("rotated");
    assert_eq!(aadsts(&stage.exchange(&before)), 7_000_272);
    let after = stage.github_token();
    assert_eq!(stage.exchange(&after).status, 200);
}

#[test]
fn a_rotated_access_token_key() {
    let mut stage = Stage::new();
    let before = stage.access_token();
    let request = Request::new("POST", "/emulator/rotate?key=access_token");
    assert_eq!(stage.send(&request).status, 200);
    let after = stage.access_token();
    assert_ne!(key_id(&before), key_id(&after));
    assert_eq!((call(&mut stage, &before), call(&mut stage, &after)), (200, 200));
    stage.emulator.rotate(Rotation::AccessToken, true).expect("rotated");
    assert_eq!(call(&mut stage, &before), 401);
}

fn call(stage: &mut Stage, token: &str) -> u16 {
    let header = format!("Bearer {token}");
    stage.send(&Request::new("GET", "/api/resource").with_header("authorization", &header)).status
}

#[test]
fn rotation_by_request() {
    let mut stage = Stage::new();
    let before = key_id(&stage.github_token());
    assert_eq!(stage.send(&Request::new("GET", "/emulator/rotate")).status, 404);
    assert_eq!(stage.send(&Request::new("POST", "/emulator/rotate?key=moon")).status, 400);
    assert_eq!(key_id(&stage.github_token()), before);
    assert_eq!(stage.send(&Request::new("POST", "/emulator/rotate")).status, 200);
    assert_ne!(key_id(&stage.github_token()), before);
    assert!(stage.emulator.github_issuer().starts_with(BASE));
}
