//! The source against a server that the test plays.

mod ages;
mod limits;
mod replies;
mod snapshots;

use super::*;
use crate::crypto::{HostCrypto, KeySet};
use crate::entropy::Entropy;
use crate::http::{Headers, HttpRequest, HttpResponse, PrivateAddresses};
use crate::jose::{Algorithm, Curve, Jwk, Jwks, KeyUse, PublicKey};
use crate::{Code, Effect, Failure, Outcome, Timestamp};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

const ISSUER: &str = "https://issuer.example";
const KEYS: &str = "https://issuer.example/keys";
const SECOND: i64 = 1_000;
const HOUR: i64 = 3_600_000;

/// A source, its clock and its randomness.
struct Bench {
    source: KeySource,
    now: Timestamp,
    entropy: Entropy,
}

fn key(name: &str) -> Jwk {
    let fill = name.bytes().next().unwrap_or(1);
    let key = PublicKey::Ec { curve: Curve::P256, x: [fill; 32].into(), y: [1; 32].into() };
    Jwk::new(&key, Some(name), None).unwrap()
}

/// A key set with the given names.
fn document(names: &[&str]) -> String {
    Jwks::from_keys(names.iter().map(|name| key(name)).collect()).to_json()
}

fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Outcome {
    Outcome::Http(HttpResponse {
        status,
        headers: Headers::from_pairs(headers.iter().copied()),
        body: body.as_bytes().to_vec(),
    })
}

fn failed(failure: Failure) -> Outcome {
    Outcome::Failed { failure, detail: "no route".to_string() }
}

impl Bench {
    fn new(change: impl FnOnce(&mut KeySourceSettings)) -> Self {
        let mut settings = KeySourceSettings::new(Place::Address(KEYS.to_string()), ISSUER);
        change(&mut settings);
        Self::of(KeySource::new(settings).unwrap())
    }

    fn of(source: KeySource) -> Self {
        let now = Timestamp::from_seconds(1_767_225_600);
        Self { source, now, entropy: Entropy::new([4; 32]) }
    }

    /// A source that has just fetched these keys.
    fn with_keys(names: &[&str]) -> Self {
        let mut bench = Self::new(|_| {});
        bench.fetched(names);
        bench
    }

    fn later(&mut self, millis: i64) {
        self.now = self.now.plus_millis(millis);
    }

    fn ask(&mut self) -> Option<Effect> {
        self.source.ask(self.now)
    }

    fn asked(&mut self) -> HttpRequest {
        match self.ask() {
            Some(Effect::Http(request)) => request,
            other => panic!("no request: {other:?}"),
        }
    }

    fn answer(&mut self, outcome: &Outcome) {
        self.source.answer(outcome, &HostCrypto, self.now, &mut self.entropy);
    }

    /// Asks and answers once.
    fn exchange(&mut self, outcome: &Outcome) -> HttpRequest {
        let request = self.asked();
        self.answer(outcome);
        request
    }

    /// A whole fetch, sleeping where it pauses; returns how many requests it took.
    fn fetch(&mut self, mut serve: impl FnMut(&HttpRequest) -> Outcome) -> usize {
        assert!(self.source.begin(self.now), "no fetch may begin");
        let mut requests = 0;
        while let Some(effect) = self.ask() {
            let outcome = match &effect {
                Effect::Http(request) => {
                    requests += 1;
                    serve(request)
                }
                Effect::Sleep { until } => {
                    self.now = *until;
                    Outcome::Elapsed
                }
                other => panic!("{other:?}"),
            };
            self.answer(&outcome);
        }
        requests
    }

    fn fetched(&mut self, names: &[&str]) {
        let body = document(names);
        assert_eq!(self.fetch(|_| response(200, &[], &body)), 1);
    }

    fn find(&self, name: &str) -> Result<SelectedKey, Code> {
        self.source
            .find(Algorithm::Es256, Some(name), KeyUse::ORDINARY, self.now)
            .map_err(|error| error.code)
    }

    fn finds(&self, name: &str) -> bool {
        self.find(name).is_ok()
    }

    /// A token was verified with the key.
    fn prove(&self, name: &str) {
        self.find(name).unwrap().set.mark_verified();
    }

    fn reason(&self) -> &str {
        self.source.last_error().unwrap_or_default()
    }
}

#[test]
fn keys_given_directly_never_age_and_are_never_fetched() {
    let keys = KeySet::import(Jwks::from_keys([key("a")].into()), &HostCrypto);
    let mut bench = Bench::of(KeySource::fixed(keys));
    bench.later(1_000_000 * HOUR);
    let found = bench.find("a").unwrap();
    assert_eq!((found.age_ms, found.until), (None, None));
    assert_eq!(bench.find("b").unwrap_err(), Code::NoMatchingKey);
    assert!(!bench.source.refresh_due(bench.now));
    assert!(!bench.source.fetch_for(Some("b"), bench.now));
    assert!(!bench.source.begin(bench.now) && bench.ask().is_none());
    assert!(bench.source.snapshot(bench.now).is_none());
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let refused = |change: fn(&mut KeySourceSettings)| {
        let mut settings = KeySourceSettings::new(Place::Address(KEYS.to_string()), ISSUER);
        change(&mut settings);
        KeySource::new(settings).is_err_and(|error| error.code == Code::ConfigInvalid)
    };
    assert!(!refused(|_| {}));
    assert!(refused(|settings| settings.soft_ms = 0));
    assert!(refused(|settings| settings.hard_ms = settings.soft_ms - 1));
    assert!(refused(|settings| settings.cool_down_ms = -1));
    assert!(refused(|settings| settings.place = Place::Address("http://a.example/".into())));
    assert!(!refused(|settings| settings.place = Place::Discovery("https://127.0.0.1/".into())));
    assert!(refused(|settings| settings.place = Place::Discovery("http://127.0.0.1/".into())));
    assert!(refused(|settings| settings.place = Place::Discovery("https://169.254.1.1/".into())));
    assert!(refused(|settings| {
        settings.addresses.private = PrivateAddresses::Deny;
        settings.place = Place::Discovery("https://10.0.0.1/".into());
    }));
    assert!(refused(|settings| {
        settings.issuer.clear();
        settings.place = Place::Discovery(KEYS.into());
    }));
}
