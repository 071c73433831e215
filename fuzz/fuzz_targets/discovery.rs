//! Answers of an issuer's servers: whatever they say, the next request goes to a safe address, and keys come only after a
//! document that speaks for the issuer.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use std::net::IpAddr;
use workload_identity_core::crypto::HostCrypto;
use workload_identity_core::http::{Headers, HttpRequest, HttpResponse, PrivateAddresses, Url};
use workload_identity_core::json;
use workload_identity_core::keys::{KeySource, KeySourceSettings, Place};
use workload_identity_core::{Code, Effect, Entropy, Failure, Outcome, Timestamp};

const ISSUER: &str = "https://issuer.example/{tenantid}/v2.0";
const DOCUMENT: &str = "https://issuer.example/openid-configuration";

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    local: bool,
    deny: bool,
    redirects: u8,
    hint: bool,
    answers: Vec<Answer<'a>>,
}

#[derive(Arbitrary, Debug)]
enum Answer<'a> {
    Raw(&'a [u8]),
    /// A document of the issuer, with keys at some address.
    Document {
        keys: &'a str,
    },
    Keys,
    Redirect {
        status: u8,
        location: &'a str,
    },
    Http {
        status: u16,
        name: &'a str,
        value: &'a str,
        body: &'a [u8],
    },
    Failed(&'a str),
    Elapsed,
    /// Time passes, in either direction.
    Wait(i32),
}

fuzz_target!(|input: Input<'_>| {
    let mut settings = KeySourceSettings::new(Place::Discovery(DOCUMENT.into()), ISSUER);
    settings.addresses.allow_loopback_http = input.local;
    if input.deny {
        settings.addresses.private = PrivateAddresses::Deny;
    }
    settings.redirects = input.redirects;
    settings.refresh_hint = input.hint;
    let mut source = KeySource::new(settings).expect("good settings");
    let mut entropy = Entropy::new([1; 32]);
    let mut now = Timestamp::from_seconds(1_767_225_600);
    // Whether the issuer itself has said where its keys are.
    let mut told = false;
    for answer in input.answers.iter().take(40) {
        if !source.fetching() {
            told = false;
            source.begin(now);
        }
        let Some(effect) = source.ask(now) else {
            assert!(!source.fetching());
            now = now.plus_millis(60_000);
            continue;
        };
        let had = source.held(now).is_ok();
        let Some(outcome) = answer.outcome(&effect, &mut now) else { continue };
        if let Effect::Http(request) = &effect {
            safe(request, &input);
            let document = request.max_bytes == 256 * 1024;
            told |= document && speaks(&outcome);
            assert!(told || document);
        }
        source.answer(&outcome, &HostCrypto, now, &mut entropy);
        match source.held(now) {
            Ok(held) => {
                assert!(had || told);
                assert!(held.set.jwks().keys().len() <= 1000);
            }
            Err(error) => {
                let proxy = error.code == Code::ProxyAuthenticationRequired;
                // A document of another issuer is not retried either.
                assert!(!(proxy && error.retryable()) && error.to_json().len() < 2048);
            }
        }
        if let Some(trouble) = source.last_error() {
            assert!(trouble.len() < 1024);
        }
    }
});

/// Read again here, by the letter of the specification.
fn speaks(outcome: &Outcome) -> bool {
    let Outcome::Http(response) = outcome else { return false };
    // A byte order mark is read away.
    let body = response.body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&response.body);
    let Ok(document) = json::parse(body) else { return false };
    response.status == 200
        && document.get("issuer").and_then(serde_json::Value::as_str) == Some(ISSUER)
}

/// The rule of SECURITY.md, decided here by the standard library's predicates and not by the core's tables.
fn safe(request: &HttpRequest, input: &Input<'_>) {
    let url = Url::parse(&request.url).expect("a safe URL");
    let host = url.host();
    let this_machine = is_this_machine(host);
    assert!(request.url.starts_with("https://") || (input.local && this_machine), "{host}");
    assert!(!is_forbidden(host), "{host}");
    if input.deny && request.url.starts_with("https://") {
        assert!(!this_machine && !is_private(host), "{host}");
    }
    for (name, value) in &request.headers {
        assert!(matches!(name, "accept" | "if-none-match"));
        assert!(value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '));
    }
}

fn literal(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

fn is_this_machine(host: &str) -> bool {
    match literal(host) {
        Some(address) => address.is_loopback(),
        None => host == "localhost" || host.ends_with(".localhost"),
    }
}

fn is_private(host: &str) -> bool {
    match literal(host) {
        Some(IpAddr::V4(address)) => {
            address.is_private() || matches!(address.octets(), [100, 64..=127, ..])
        }
        Some(IpAddr::V6(address)) => address.is_unique_local(),
        None => {
            let below = |domain: &&str| host.ends_with(*domain);
            !host.contains('.') || [".svc", ".local", ".internal"].iter().any(below)
        }
    }
}

fn is_forbidden(host: &str) -> bool {
    match literal(host) {
        Some(IpAddr::V4(address)) => {
            address.is_link_local()
                || address.is_unspecified()
                || address.is_broadcast()
                || address.is_multicast()
                || [[168, 63, 129, 16], [100, 100, 100, 200]].contains(&address.octets())
        }
        Some(IpAddr::V6(address)) => {
            // Only this machine, unique local and global unicast addresses remain, none with an IPv4 address inside.
            let [first, second, ..] = address.segments();
            let global = (0x2000..=0x3fff).contains(&first) && first != 0x2002;
            let teredo = first == 0x2001 && second == 0;
            let ec2 = first == 0xfd00 && second == 0xec2;
            !(address.is_loopback() && host == "[::1]" || address.is_unique_local() || global)
                || teredo
                || ec2
                || host.contains('.')
        }
        None => {
            let last = host.rsplit('.').next().unwrap_or_default();
            last.is_empty()
                || last.bytes().all(|byte| byte.is_ascii_digit())
                || last.starts_with("0x")
                || host == "metadata.google.internal"
                || host.contains('%')
        }
    }
}

impl Answer<'_> {
    fn outcome(&self, effect: &Effect, now: &mut Timestamp) -> Option<Outcome> {
        let http = |status: u16, pairs: &[(&str, &str)], body: &[u8]| {
            let headers = Headers::from_pairs(pairs.iter().copied());
            Some(Outcome::Http(HttpResponse { status, headers, body: body.to_vec() }))
        };
        if let Effect::Sleep { until } = effect {
            *now = *until;
            return Some(Outcome::Elapsed);
        }
        match self {
            Answer::Raw(body) => http(200, &[], body),
            Answer::Document { keys } => {
                let text = serde_json::json!({ "issuer": ISSUER, "jwks_uri": keys }).to_string();
                http(200, &[], text.as_bytes())
            }
            Answer::Keys => http(200, &[("etag", "\"v\"")], br#"{"keys":[]}"#),
            Answer::Redirect { status, location } => {
                http(300 + u16::from(status % 10), &[("location", location)], b"")
            }
            Answer::Http { status, name, value, body } => http(*status, &[(name, value)], body),
            Answer::Failed(word) => Some(Outcome::Failed {
                failure: Failure::from_name(word),
                detail: (*word).to_owned(),
            }),
            Answer::Elapsed => Some(Outcome::Elapsed),
            Answer::Wait(millis) => {
                *now = now.plus_millis(i64::from(*millis));
                None
            }
        }
    }
}
