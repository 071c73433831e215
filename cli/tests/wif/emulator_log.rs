//! The log of `wif emulator`, and issuers that negotiate as kube-apiserver does.

use crate::process::{Emulator, get, parsed, run, send, text};
use crate::server::{Received, answer, serve};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read};
use std::process::ChildStderr;
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};
use workload_identity_core::crypto::Signer;
use workload_identity_core::http::form_encode;
use workload_identity_core::jose::{attach, signing_input};
use workload_identity_crypto_native::AwsLcSigner;

const AUDIENCE: &str = "api://AzureADTokenExchange";
const SUBJECT: &str = "system:serviceaccount:default:workload";

/// The next line of a log that has this text.
fn line_with(log: &mut BufReader<ChildStderr>, wanted: &str) -> String {
    let mut line = String::new();
    loop {
        line.clear();
        assert_ne!(log.read_line(&mut line).expect("UTF-8"), 0, "no line with {wanted}");
        if line.contains(wanted) {
            return line;
        }
    }
}

/// The answer to a token request with this assertion.
fn exchange(emulator: &Emulator, assertion: &str) -> Value {
    let client_id = emulator.text("client_id");
    let form = form_encode([
        ("grant_type", "client_credentials"),
        ("client_id", client_id.as_str()),
        ("scope", "https://vault.azure.net/.default"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion),
    ]);
    let endpoint = format!("{}/oauth2/v2.0/token", emulator.text("authority"));
    parsed(&send("POST", &endpoint, None, &form).expect("an answer").body)
}

/// A cluster with a key of its own. It negotiates as kube-apiserver does: each document has one media type.
struct Cluster {
    issuer: String,
    signer: AwsLcSigner,
    requests: Receiver<Received>,
}

impl Cluster {
    /// `keys` is the status of the answer with the keys.
    fn start(keys: &'static str) -> Self {
        let signer = AwsLcSigner::generate_rsa(2048).expect("a key");
        let jwk: Value = parsed(&signer.public_jwk());
        let (address, requests) = serve(move |request| {
            let issuer = format!("http://{}", request.header("host").unwrap_or_default());
            let (status, media_type, body) = match request.line.split(' ').nth(1) {
                Some("/openid/v1/jwks") => {
                    (keys, "application/jwk-set+json", json!({ "keys": [jwk] }))
                }
                Some("/.well-known/openid-configuration") => {
                    let keys = format!("{issuer}/openid/v1/jwks");
                    ("200 OK", "application/json", json!({ "issuer": issuer, "jwks_uri": keys }))
                }
                _ => return answer("404 Not Found", "text/plain", ""),
            };
            let accept = request.header("accept").unwrap_or("*/*");
            if !accept.split(',').any(|item| [media_type, "*/*"].contains(&item.trim())) {
                let only = format!("only the following media types are accepted: {media_type}");
                return answer("406 Not Acceptable", "text/plain", &only);
            }
            answer(status, media_type, &body.to_string())
        });
        Self { issuer: format!("http://{address}"), signer, requests }
    }

    fn token(&self) -> String {
        let header = json!({ "alg": "RS256", "kid": self.signer.key_id() });
        let claims = json!({
            "iss": self.issuer,
            "sub": SUBJECT,
            "aud": [AUDIENCE],
            "exp": SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs() + 600,
        });
        let input = signing_input(&header.to_string(), &claims.to_string());
        attach(&input, &self.signer.sign(input.as_bytes()).expect("a signature"))
    }

    fn credential(&self) -> String {
        format!("issuer={},subject={SUBJECT},audience={AUDIENCE}", self.issuer)
    }
}

#[test]
fn a_kube_apiserver_is_asked_as_the_verifier_asks() {
    let cluster = Cluster::start("200 OK");
    let (emulator, mut log) = Emulator::start_with_log(&["--credential", &cluster.credential()]);
    let token = cluster.token();
    let granted = exchange(&emulator, &token);
    assert!(granted.get("access_token").is_some(), "{granted:?}");
    for received in cluster.requests.try_iter() {
        assert_eq!(received.header("accept-encoding"), Some("identity"), "{received:?}");
    }
    let discovery = line_with(&mut log, "fetched");
    assert!(discovery.contains("/.well-known/openid-configuration 200 ("), "{discovery}");
    let keys = line_with(&mut log, "fetched");
    assert!(keys.contains(&format!("{}/openid/v1/jwks 200 (", cluster.issuer)), "{keys}");
    let request = line_with(&mut log, "POST /");
    assert!(request.contains("/oauth2/v2.0/token 200 ("), "{request}");
    drop(emulator);
    let mut rest = String::new();
    log.read_to_string(&mut rest).expect("UTF-8");
    for line in [discovery, keys, request, rest] {
        assert!(!line.contains("eyJ") && !line.contains(&token), "{line}");
    }
}

#[test]
fn address_and_status_of_a_failed_fetch_are_named() {
    let cluster = Cluster::start("403 Forbidden");
    let (emulator, mut log) =
        Emulator::start_with_log(&["--credential", &cluster.credential(), "--log", "json"]);
    let refused = text(&exchange(&emulator, &cluster.token()), "error_description");
    let named = format!("GET {}/openid/v1/jwks: status 403", cluster.issuer);
    assert!(refused.contains("AADSTS90061") && refused.contains(&named), "{refused}");
    let fetch = parsed(&line_with(&mut log, "/openid/v1/jwks"));
    assert_eq!(fetch.get("status").and_then(Value::as_i64), Some(403), "{fetch:?}");
    assert_eq!(text(&fetch, "kind"), "fetch");
    let request = parsed(&line_with(&mut log, "\"request\""));
    assert_eq!(text(&request, "error"), "AADSTS90061");
    assert_eq!(request.get("status").and_then(Value::as_i64), Some(400), "{request:?}");
    assert!(request.get("ms").and_then(Value::as_i64).is_some());
}

#[test]
fn a_failure_of_the_transport_is_named() {
    let cluster = Cluster::start("200 OK");
    // A port that no listener of another test gets.
    let closed = Cluster { issuer: "http://127.0.0.1:1".to_owned(), ..cluster };
    let (emulator, mut log) = Emulator::start_with_log(&["--credential", &closed.credential()]);
    let refused = text(&exchange(&emulator, &closed.token()), "error_description");
    let named = "GET http://127.0.0.1:1/.well-known/openid-configuration: refused";
    assert!(refused.contains(named), "{refused}");
    assert!(line_with(&mut log, "fetched").contains("refused"));
}

#[test]
fn quiet_is_quiet() {
    let (emulator, mut log) = Emulator::start_with_log(&["--quiet"]);
    assert_eq!(run(&mut emulator.token(&[])).status, Some(0));
    drop(emulator);
    let mut all = String::new();
    log.read_to_string(&mut all).expect("UTF-8");
    assert_eq!(all, "");
}

#[test]
fn the_log_never_holds_a_reader_up() {
    let (emulator, log) = Emulator::start_with_log(&[]);
    // More than a pipe holds, and nobody reads it.
    let url = format!("{}/{}", emulator.text("base_url"), "x/".repeat(300));
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let url = url.clone();
            thread::spawn(move || {
                for _ in 0..100 {
                    assert_eq!(get(&url, None).expect("an answer").status, 404);
                }
            })
        })
        .collect();
    for client in clients {
        client.join().expect("the client");
    }
    drop(emulator);
    drop(log);
}
