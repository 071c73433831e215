//! Tokens that name keys nobody has, by the ten thousand.

use crate::rng::Rng;
use crate::server::{ISSUER, PLACES, document};
use workload_identity_core::crypto::HostCrypto;
use workload_identity_core::http::{Headers, HttpResponse};
use workload_identity_core::jose::{Algorithm, KeyUse};
use workload_identity_core::keys::{KeySource, KeySourceSettings, Place};
use workload_identity_core::{Code, Effect, Entropy, Failure, Outcome, Timestamp};

struct Flood {
    source: KeySource,
    entropy: Entropy,
    now: Timestamp,
    requests: usize,
    /// The server answers.
    up: bool,
}

impl Flood {
    fn new(cool_down_ms: i64, up: bool) -> Self {
        let mut settings = KeySourceSettings::new(Place::Address(PLACES[0].into()), ISSUER);
        settings.cool_down_ms = cool_down_ms;
        Self {
            source: KeySource::new(settings).expect("settings"),
            entropy: Entropy::new([8; 32]),
            now: Timestamp::from_seconds(1_767_225_600),
            requests: 0,
            up,
        }
    }

    /// A token as a verifier treats it; true when its key was found.
    fn token(&mut self, name: Option<&str>) -> bool {
        match self.source.find(Algorithm::Es384, name, KeyUse::ORDINARY, self.now) {
            Ok(_) => return true,
            Err(error) if error.code == Code::NoMatchingKey => {
                if !self.source.fetch_for(name, self.now) {
                    return false;
                }
            }
            Err(_) => {}
        }
        if self.source.begin(self.now) {
            self.drive();
        }
        self.source.find(Algorithm::Es384, name, KeyUse::ORDINARY, self.now).is_ok()
    }

    fn drive(&mut self) {
        while let Some(effect) = self.source.ask(self.now) {
            let outcome = match effect {
                Effect::Sleep { until } => {
                    self.now = until;
                    Outcome::Elapsed
                }
                _ => {
                    self.requests += 1;
                    self.served()
                }
            };
            self.source.answer(&outcome, &HostCrypto, self.now, &mut self.entropy);
        }
    }

    fn served(&self) -> Outcome {
        if !self.up {
            return Outcome::Failed { failure: Failure::Refused, detail: String::new() };
        }
        let body = document(0b11).into_bytes();
        Outcome::Http(HttpResponse { status: 200, headers: Headers::default(), body })
    }
}

#[test]
fn ten_thousand_random_names_in_one_cool_down_cause_one_fetch() {
    let mut rng = Rng(1);
    for cool_down_ms in [30_000, 300_000] {
        for cold in [true, false] {
            let mut flood = Flood::new(cool_down_ms, true);
            if !cold {
                flood.token(Some("a"));
                flood.requests = 0;
                flood.now = flood.now.plus_millis(cool_down_ms * 2);
            }
            for round in 0..10_000 {
                let name = rng.below(u64::MAX).to_string();
                assert!(!flood.token((round % 7 != 0).then_some(&name)));
                flood.now = flood.now.plus_millis(i64::from(round % 5 == 0));
            }
            assert_eq!(flood.requests, 1, "cold: {cold}");
        }
    }
}

#[test]
fn a_server_that_is_down_is_not_hammered() {
    let mut rng = Rng(2);
    let mut flood = Flood::new(30_000, false);
    let start = flood.now;
    while flood.now.since(start) < 3_600_000 {
        let name = rng.below(u64::MAX).to_string();
        assert!(!flood.token(Some(&name)));
        flood.now = flood.now.plus_millis(20);
    }
    // Three attempts each time, ever rarer: at most five minutes apart on average two and a half.
    assert!((20..=160).contains(&flood.requests), "{} requests", flood.requests);
    flood.up = true;
    flood.now = flood.now.plus_millis(300_001);
    assert!(!flood.token(Some("unknown")));
    assert!(flood.source.held(flood.now).is_ok());
}

#[test]
fn a_flood_of_an_hour_stays_within_the_cool_down() {
    let mut rng = Rng(3);
    let mut flood = Flood::new(30_000, true);
    let start = flood.now;
    while flood.now.since(start) < 3_600_000 {
        let name = rng.below(u64::MAX).to_string();
        flood.token(Some(&name));
        flood.now = flood.now.plus_millis(50);
    }
    assert!((110..=121).contains(&flood.requests), "{} requests", flood.requests);
}
