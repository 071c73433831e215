//! A server that publishes keys, moves them, withdraws them, and answers well, badly or not at all.

use crate::rng::Rng;
use workload_identity_core::http::{Headers, HttpRequest, HttpResponse};
use workload_identity_core::jose::{Curve, Jwk, Jwks, PublicKey};
use workload_identity_core::keys::{EmptySet, KeySourceSettings, Place};
use workload_identity_core::{Failure, Outcome};

pub(crate) const ISSUER: &str = "https://issuer.example/a";
pub(crate) const DISCOVERY: &str = "https://issuer.example/a/.well-known/openid-configuration";
pub(crate) const PLACES: [&str; 3] =
    ["https://issuer.example/keys", "https://keys.example/1", "https://keys.example/2?x=y"];
/// Names a key can have.
pub(crate) const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

/// How a source is told to deal with it.
pub(crate) fn settings(rng: &mut Rng) -> KeySourceSettings {
    let place = match rng.below(2) {
        0 => Place::Discovery(DISCOVERY.into()),
        _ => Place::Address(PLACES[0].into()),
    };
    let mut settings = KeySourceSettings::new(place, ISSUER);
    settings.cool_down_ms = rng.pick(&[0, 30_000, 300_000]);
    settings.redirects = rng.pick(&[0, 0, 2]);
    if rng.one_in(3) {
        settings.empty_set = EmptySet::RevokeAll;
    }
    settings.refresh_hint = rng.one_in(4);
    settings
}

pub(crate) struct Server {
    /// One bit per name.
    published: u8,
    former: u8,
    place: usize,
    /// Nothing works for a while.
    down: bool,
}

pub(crate) fn document(names: u8) -> String {
    let key = |index: usize| {
        let fill = u8::try_from(index + 1).expect("few names");
        let key = PublicKey::Ec { curve: Curve::P256, x: vec![fill; 32], y: vec![fill; 32] };
        Jwk::new(&key, Some(NAMES[index]), None).expect("a key")
    };
    Jwks::from_keys((0..8).filter(|index| names & (1 << index) != 0).map(key).collect()).to_json()
}

/// The names of a document that is a good one.
pub(crate) fn names(body: &[u8]) -> Option<u8> {
    let set = Jwks::parse(body).ok()?;
    let index = |key: &Jwk| NAMES.iter().position(|name| key.key_id() == Some(name));
    Some(set.keys().iter().filter_map(index).fold(0, |names, index| names | (1 << index)))
}

impl Server {
    pub(crate) fn new(rng: &mut Rng) -> Self {
        Self { published: 1 << rng.below(8), former: 0, place: 0, down: false }
    }

    /// Changes something that is its own affair.
    pub(crate) fn change(&mut self, rng: &mut Rng) {
        match rng.below(10) {
            0 => self.place = rng.below(3) as usize,
            1 => self.down = !self.down,
            2 => self.set(0),
            3..6 => self.set(self.published & !(1 << rng.below(8))),
            _ => self.set(self.published | (1 << rng.below(8))),
        }
    }

    fn set(&mut self, names: u8) {
        self.former = self.published;
        self.published = names;
    }

    pub(crate) fn answer(&self, request: &HttpRequest, rng: &mut Rng) -> Outcome {
        if self.down || rng.one_in(4) {
            return trouble(rng);
        }
        if request.url == DISCOVERY {
            return metadata(PLACES[self.place], rng);
        }
        // A cache on the way may have an older document.
        let names = if rng.one_in(8) { self.former } else { self.published };
        let etag = format!("\"{names}\"");
        let sent = request.headers.iter().find(|(name, _)| *name == "if-none-match");
        if sent.is_some_and(|(_, version)| *version == etag) && !rng.one_in(3) {
            return response(304, &headers(&etag, rng), String::new());
        }
        let mut body = document(names);
        if rng.one_in(4) {
            body = body.replace("]}", r#",{"kty":"oct","k":"AA","kid":"secret"}]}"#);
            body = body.replace("[,", "[");
        }
        response(200, &headers(&etag, rng), body)
    }
}

fn headers(etag: &str, rng: &mut Rng) -> Vec<(&'static str, String)> {
    let mut headers = Vec::new();
    if !rng.one_in(3) {
        headers.push(("etag", etag.to_owned()));
    }
    let control = [
        "no-store",
        "max-age=0",
        "max-age=600",
        "max-age=999999999999",
        "x=\"",
        "max-age=\"7200\"",
    ];
    if !rng.one_in(3) {
        headers.push(("cache-control", rng.pick(&control).to_owned()));
    }
    if rng.one_in(3) {
        headers.push(("age", rng.pick(&["0", "400", "-1", "99999999999999999999"]).to_owned()));
    }
    headers
}

fn metadata(place: &str, rng: &mut Rng) -> Outcome {
    let (issuer, place) = match rng.below(8) {
        0 => ("https://evil.example", "https://evil.example/keys"),
        1 => (ISSUER, rng.pick(&["http://keys.example/", "https://169.254.1.1/", "keys", ""])),
        _ => (ISSUER, place),
    };
    response(200, &[], format!(r#"{{"issuer":"{issuer}","jwks_uri":"{place}"}}"#))
}

fn trouble(rng: &mut Rng) -> Outcome {
    let status = rng.pick(&[200, 204, 301, 302, 304, 400, 404, 429, 500, 503, 999]);
    let bodies = ["", "<html>", "{}", "[", r#"{"keys":{}}"#, r#"{"keys":[],"keys":[]}"#, "\u{0}"];
    match rng.below(7) {
        0 if rng.one_in(4) => response(200, &[], " ".repeat(1024 * 1024 + 1)),
        1..3 => {
            let (_, failure) = rng.pick(&Failure::ALL);
            Outcome::Failed { failure, detail: "no".into() }
        }
        3 => {
            let headers = [("location", "https://keys.example/moved".to_owned())];
            response(302, &headers, String::new())
        }
        4 => rng.pick(&[Outcome::Elapsed, Outcome::Verified(true)].each_ref()).clone(),
        _ => {
            let mut headers = Vec::new();
            if rng.one_in(2) {
                let asked = ["0", "3", "90", "-7", "soon", "99999999999999999999"];
                headers.push(("retry-after", rng.pick(&asked).to_owned()));
            }
            if rng.one_in(2) {
                let target =
                    ["https://evil.example/x", "http://a.example/", "/keys", "", "https://[::1]/"];
                headers.push(("location", rng.pick(&target).to_owned()));
            }
            response(status, &headers, rng.pick(&bodies).to_owned())
        }
    }
}

fn response(status: u16, headers: &[(&'static str, String)], body: String) -> Outcome {
    let headers = Headers::from_pairs(headers.iter().map(|(name, value)| (*name, value.clone())));
    Outcome::Http(HttpResponse { status, headers, body: body.into_bytes() })
}
