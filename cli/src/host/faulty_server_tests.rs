//! Tests of the transport against faulty servers: each failure is reported by its kind.

use super::Transport;
use crate::serve::{Answer, Call, Handler, Listener, Server};
use hyper::Response;
use hyper::body::Bytes;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use workload_identity_core::http::{Connection, HttpRequest, HttpResponse, Method};
use workload_identity_core::{Failure, Outcome};

/// Answers by path.
struct Paths;

impl Handler for Paths {
    fn answer(&self, call: &Call) -> Answer {
        let (status, body) = match call.uri().path() {
            "/slow" => {
                let response = Response::new(Bytes::new());
                return Answer::Send { response, delay: Duration::from_secs(90) };
            }
            "/reset" => return Answer::Reset { delay: Duration::ZERO },
            "/compressed" => {
                let response = Response::builder().header("content-encoding", "br");
                let response = response.body(Bytes::from_static(b"?")).expect("a response");
                return Answer::Send { response, delay: Duration::ZERO };
            }
            "/redirect" => (302, Bytes::from_static(b"elsewhere")),
            "/long" => (200, Bytes::from(vec![b'x'; 100_000])),
            "/failure" => (503, Bytes::from_static(b"busy")),
            _ => {
                let mut seen: Vec<String> = call
                    .headers()
                    .iter()
                    .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or("?")))
                    .collect();
                seen.sort();
                let head = format!("{} {}\n{}\n\n", call.method(), call.uri(), seen.join("\n"));
                (200, Bytes::from([head.as_bytes(), call.body()].concat()))
            }
        };
        let response = Response::builder()
            .status(status)
            .header("location", "http://127.0.0.1:1/")
            .header("x-thing", "one")
            .body(body)
            .expect("a response");
        Answer::Send { response, delay: Duration::ZERO }
    }
}

fn serve(tls: bool) -> (Server, String, Option<std::path::PathBuf>) {
    let listener = Listener::bind(0, tls).expect("a port");
    let (base_url, ca_file) = (listener.base_url(), listener.ca_file());
    (listener.serve(Arc::new(Paths)), base_url, ca_file)
}

fn request(url: String) -> HttpRequest {
    HttpRequest {
        method: Method::Get,
        url,
        headers: vec![("accept", "application/json".to_owned())].into(),
        body: String::new(),
        timeout_ms: 60_000,
        max_bytes: 1000,
        connection: Connection::default(),
    }
}

fn response(outcome: Outcome) -> HttpResponse {
    match outcome {
        Outcome::Http(response) => response,
        other => panic!("{other:?}"),
    }
}

fn failure(outcome: Outcome) -> Failure {
    failed(outcome).0
}

fn failed(outcome: Outcome) -> (Failure, String) {
    match outcome {
        Outcome::Failed { failure, detail } => {
            assert!(!detail.is_empty() && !detail.contains("canary"), "{detail}");
            (failure, detail)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_coding_that_was_not_asked_for_is_named() {
    let (_server, base_url, _) = serve(false);
    let outcome = Transport::new(None).send(&request(format!("{base_url}/compressed?canary")));
    let (failure, detail) = failed(outcome);
    assert_eq!(failure, Failure::Unreadable);
    assert!(detail.contains("`br`"), "{detail}");
}

#[test]
fn exactly_these_headers_are_sent() {
    let (_server, base_url, _) = serve(false);
    let transport = Transport::new(None);
    let form = ("content-type", "application/x-www-form-urlencoded".to_owned());
    let post = HttpRequest {
        method: Method::Post,
        headers: vec![form].into(),
        body: "a=b".to_owned(),
        ..request(format!("{base_url}/echo?q=1"))
    };
    let host = base_url.trim_start_matches("http://");
    let agent = concat!("user-agent: wif/", env!("CARGO_PKG_VERSION"));
    let seen = String::from_utf8(response(transport.send(&post)).body).expect("text");
    assert_eq!(
        seen,
        format!(
            "POST /echo?q=1\naccept-encoding: identity\ncontent-length: 3\ncontent-type: application/x-www-form-urlencoded\n\
             host: {host}\n{agent}\n\na=b"
        )
    );
    let empty = HttpRequest { body: String::new(), ..post };
    let seen = String::from_utf8(response(transport.send(&empty)).body).expect("text");
    assert!(seen.contains("\ncontent-length: 0\n"), "{seen}");
    let seen = response(transport.send(&request(format!("{base_url}/echo"))));
    let seen = String::from_utf8(seen.body).expect("text");
    assert_eq!(
        seen,
        format!(
            "GET /echo\naccept-encoding: identity\naccept: application/json\nhost: {host}\n{agent}\n\n"
        )
    );
}

#[test]
fn every_status_is_an_answer_and_redirects_are_not_followed() {
    let (_server, base_url, _) = serve(false);
    let transport = Transport::new(None);
    for (path, status) in [("redirect", 302), ("failure", 503)] {
        let answer = response(transport.send(&request(format!("{base_url}/{path}"))));
        assert_eq!((answer.status, answer.headers.first("x-thing")), (status, Some("one")));
        assert!(!answer.body.is_empty());
    }
}

#[test]
fn long_bodies_are_cut_one_byte_after_the_limit() {
    let (_server, base_url, _) = serve(false);
    let answer = response(Transport::new(None).send(&request(format!("{base_url}/long"))));
    assert_eq!(answer.body.len(), 1001);
}

#[test]
fn a_slow_answer_is_a_timeout() {
    let (_server, base_url, _) = serve(false);
    let start = Instant::now();
    let slow = HttpRequest { timeout_ms: 200, ..request(format!("{base_url}/slow?canary")) };
    assert_eq!(failure(Transport::new(None).send(&slow)), Failure::Timeout);
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

#[test]
fn refused_reset_and_closed_are_one_word() {
    let (_server, base_url, _) = serve(false);
    let transport = Transport::new(None);
    assert_eq!(failure(transport.send(&request(format!("{base_url}/reset")))), Failure::Refused);

    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let closing = format!("http://{}/canary", listener.local_addr().expect("an address"));
    let peer = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut start = [0; 16];
        stream.read_exact(&mut start).expect("a request");
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf").expect("sent");
    });
    assert_eq!(failure(transport.send(&request(closing))), Failure::Refused);
    peer.join().expect("the peer");
    // A port that no listener of another test gets.
    let closed = request("http://127.0.0.1:1/canary".to_owned());
    assert_eq!(failure(transport.send(&closed)), Failure::Refused);
}

#[test]
fn an_unknown_name_is_a_dns_failure() {
    let unknown = request("http://nowhere.invalid/canary".to_owned());
    assert_eq!(failure(Transport::new(None).send(&unknown)), Failure::Dns);
}

#[test]
fn an_unknown_authority_is_a_tls_failure() {
    let (_server, base_url, ca_file) = serve(true);
    let url = format!("{base_url}/echo");
    let (_other, _, other_ca) = serve(true);
    assert_eq!(failure(Transport::new(other_ca).send(&request(url.clone()))), Failure::Tls);
    assert_eq!(response(Transport::new(ca_file.clone()).send(&request(url))).status, 200);
    // Plain HTTP where TLS is spoken, and the other way round.
    let plain = base_url.replace("https://", "http://");
    assert_ne!(failure(Transport::new(None).send(&request(plain))), Failure::Timeout);
    let (_server, base_url, _) = serve(false);
    let wrong = base_url.replace("http://", "https://");
    assert_eq!(failure(Transport::new(ca_file).send(&request(wrong))), Failure::Tls);
}

#[test]
fn a_request_that_cannot_be_built_shows_nothing() {
    let bad = request("http://127.0.0.1:1/can ary".to_owned());
    assert_eq!(failure(Transport::new(None).send(&bad)), Failure::Other);
    let bad = HttpRequest {
        headers: vec![("authorization", "Bearer canary\n".to_owned())].into(),
        ..request("http://127.0.0.1:1/".to_owned())
    };
    assert_eq!(failure(Transport::new(None).send(&bad)), Failure::Other);
}
