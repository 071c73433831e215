//! Snapshots: what is taken in is of a configured issuer, young enough, and written out again as it was read.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use std::sync::Arc;
use workload_identity_core::crypto::HostCrypto;
use workload_identity_core::jose::{Curve, Jwk, Jwks, KeyRules, PublicKey};
use workload_identity_core::json;
use workload_identity_core::keys::{KeySource, KeySourceSettings, Place, Snapshot};
use workload_identity_core::verify::{Verifier, VerifierConfig};
use workload_identity_core::{Code, Entropy, Timestamp};

const ISSUER: &str = "https://issuer.example";
const ADDRESS: &str = "https://issuer.example/keys";
const NOW: i64 = 1_767_225_600_000;
const CONFIG: &str = r#"{"issuers":[{"issuer":"https://issuer.example","audience":"a",
    "jwks_uri":"https://issuer.example/keys"}],"signatures":"host"}"#;

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    Whole(&'a [u8]),
    /// One set in an otherwise good text.
    Set(&'a str),
    /// Keys of these names.
    Keys {
        age: u32,
        names: &'a [u8],
        etag: Option<&'a str>,
    },
    Members {
        age: i64,
        max_age_ms: Option<i64>,
        etag: Option<&'a str>,
        keys: &'a str,
    },
}

fuzz_target!(|input: Input<'_>| {
    let set = match &input {
        Input::Whole(bytes) => return whole(bytes),
        Input::Set(text) => (*text).to_owned(),
        Input::Keys { age, names, etag } => {
            let keys = Jwks::from_keys(names.iter().map(|name| key(*name)).collect()).to_json();
            key_set(NOW - i64::from(*age), None, *etag, &keys)
        }
        Input::Members { age, max_age_ms, etag, keys } => {
            key_set(NOW.saturating_sub(*age).max(0), *max_age_ms, *etag, keys)
        }
    };
    whole(format!(r#"{{"version":1,"key_sets":[{set}]}}"#).as_bytes());
    one(set.as_bytes());
});

/// One key set of a snapshot. `jwks` is JSON text, valid or not.
fn key_set(fetched_at: i64, max_age_ms: Option<i64>, etag: Option<&str>, jwks: &str) -> String {
    let mut members = serde_json::json!({
        "issuer": ISSUER,
        "address": ADDRESS,
        "fetched_at": fetched_at,
    });
    if let Some(max_age_ms) = max_age_ms {
        members["max_age_ms"] = max_age_ms.into();
    }
    if let Some(etag) = etag {
        members["etag"] = etag.into();
    }
    let text = members.to_string();
    format!("{},\"jwks\":{jwks}}}", text.trim_end_matches('}'))
}

fn key(name: u8) -> Jwk {
    let point = PublicKey::Ec { curve: Curve::P256, x: vec![name & 0x7f; 32], y: vec![1; 32] };
    Jwk::new(&point, Some(&name.to_string()), None).expect("a key")
}

/// As bindings hand it over.
fn whole(bytes: &[u8]) {
    let verifier = || {
        let config = VerifierConfig::parse(CONFIG.as_bytes()).expect("a good configuration");
        let mut verifier = Verifier::new(config, Arc::new(HostCrypto)).expect("a good address");
        verifier.reseed([3; 32]);
        verifier
    };
    let now = Timestamp::from_millis(NOW);
    let mut first = verifier();
    match first.load(bytes, now) {
        Ok(taken) => assert!(taken <= 1000),
        Err(error) => {
            assert!(matches!(error.code, Code::Malformed | Code::TooLarge));
            assert!(error.to_json().len() < 1024);
        }
    }
    let text = first.snapshot(now);
    let mut second = verifier();
    second.load(text.as_bytes(), now).expect("what is written is read");
    assert_eq!(second.snapshot(now), text);
}

fn one(bytes: &[u8]) {
    let Ok(document) = json::strict::parse(bytes) else { return };
    let Ok(snapshot) = Snapshot::read(&document, KeyRules::default()) else { return };
    let text = serde_json::to_string(&snapshot).expect("JSON");
    let again = json::strict::parse(text.as_bytes()).expect("strict JSON");
    assert_eq!(Snapshot::read(&again, KeyRules::default()).as_ref(), Ok(&snapshot));
    let settings = KeySourceSettings::new(Place::Address(ADDRESS.into()), ISSUER);
    let mut source = KeySource::new(settings).expect("good settings");
    let mut entropy = Entropy::new([2; 32]);
    let now = Timestamp::from_millis(NOW);
    if !source.load(&snapshot, &HostCrypto, now, &mut entropy) {
        return assert!(source.held(now).is_err());
    }
    assert_eq!((snapshot.issuer.as_str(), snapshot.address.as_str()), (ISSUER, ADDRESS));
    let age = source.held(now).expect("it was taken").age_ms.expect("an age");
    assert!((0..86_400_000).contains(&age));
    assert!(!source.load(&snapshot, &HostCrypto, now, &mut entropy), "it is not newer than itself");
    let kept = source.snapshot(now).expect("it was taken");
    assert_eq!(kept.jwks.keys(), snapshot.jwks.keys());
    // Beyond the hard age nothing is left of it.
    assert!(source.held(now.plus_millis(86_400_000)).is_err());
}
