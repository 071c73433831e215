//! Tests of requests that say how their server is reached: Unix sockets, authorities, names, pins, no proxy.

use super::Transport;
use super::proxies::Proxies;
use crate::serve::{Answer, Call, Handler, Listener, Server};
use hyper::Response;
use hyper::body::Bytes;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use workload_identity_core::http::{Connection, HttpRequest, HttpResponse, Method, RequestHeaders};
use workload_identity_core::{Failure, Outcome};

/// Answers with the method and the body of the request.
struct Echo;

impl Handler for Echo {
    fn answer(&self, call: &Call) -> Answer {
        let text = format!("{} {}", call.method(), String::from_utf8_lossy(call.body()));
        let body = match call.uri().path() {
            "/long" => "x".repeat(100_000),
            _ => text,
        };
        let response = Response::builder().status(200).body(Bytes::from(body));
        Answer::Send { response: response.expect("a response"), delay: Duration::ZERO }
    }
}

fn request(url: &str, connection: Connection) -> HttpRequest {
    HttpRequest {
        method: Method::Get,
        url: url.to_owned(),
        headers: RequestHeaders::default(),
        body: String::new(),
        timeout_ms: 60_000,
        max_bytes: 1000,
        connection,
    }
}

fn sent(transport: &Transport, request: &HttpRequest) -> HttpResponse {
    match transport.send(request) {
        Outcome::Http(response) => response,
        other => panic!("{other:?}"),
    }
}

fn failed(transport: &Transport, request: &HttpRequest) -> (Failure, String) {
    match transport.send(request) {
        Outcome::Failed { failure, detail } => (failure, detail),
        other => panic!("{other:?}"),
    }
}

/// A transport that does not know the server's authority.
fn transport() -> Transport {
    Transport::with_proxies(None, Proxies::default())
}

/// A server over TLS, its address, and its authority.
fn tls_server() -> (Server, String, String) {
    let listener = Listener::bind(0, true).expect("a port");
    let url = listener.base_url();
    let ca = fs::read_to_string(listener.ca_file().expect("a file")).expect("the authority");
    (listener.serve(Arc::new(Echo)), url, ca)
}

#[test]
fn only_the_given_authority_is_trusted() {
    let (_server, url, ca) = tls_server();
    let (_other_server, _, other) = tls_server();
    let with = |ca: &str, name: Option<&str>| {
        let server_name = name.map(str::to_owned);
        request(&url, Connection { ca: Some(ca.to_owned()), server_name, ..Connection::default() })
    };
    assert_eq!(sent(&transport(), &with(&ca, None)).body, b"GET ");
    assert_eq!(sent(&transport(), &with(&ca, Some("localhost"))).body, b"GET ");
    for wrong in
        [with(&ca, Some("other.example")), with(&other, None), with("no certificate", None)]
    {
        assert_eq!(failed(&transport(), &wrong).0, Failure::Tls);
    }
}

#[test]
fn a_pinned_certificate_replaces_chain_and_name() {
    let (_server, url, ca) = tls_server();
    let pinned = |thumbprint: &str| {
        let certificate_sha1 = Some(thumbprint.to_owned());
        let server_name = Some("other.example".to_owned());
        request(&url, Connection { certificate_sha1, server_name, ..Connection::default() })
    };
    let mut wrong = pinned(&"0".repeat(40));
    // The chain is good, and does not help.
    wrong.connection.ca = Some(ca);
    wrong.connection.server_name = None;
    let (failure, detail) = failed(&transport(), &wrong);
    assert_eq!(failure, Failure::Tls, "{detail}");
    let found = detail.split(' ').find(|word| word.trim_end_matches(',').len() == 40);
    let found = found.expect("the thumbprint").trim_end_matches(',');
    for thumbprint in [found.to_owned(), found.to_ascii_uppercase()] {
        assert_eq!(sent(&transport(), &pinned(&thumbprint)).body, b"GET ");
    }
}

/// A proxy that counts the requests and refuses them.
struct Refusing(AtomicUsize);

impl Handler for Refusing {
    fn answer(&self, _call: &Call) -> Answer {
        self.0.fetch_add(1, Ordering::SeqCst);
        let response = Response::builder().status(502).body(Bytes::new()).expect("a response");
        Answer::Send { response, delay: Duration::ZERO }
    }
}

#[test]
fn direct_requests_use_no_proxy() {
    let refusing = Arc::new(Refusing(AtomicUsize::new(0)));
    let listener = Listener::bind(0, false).expect("a port");
    let address = listener.base_url();
    let _proxy = listener.serve(Arc::clone(&refusing));
    let proxies = Proxies::from_variables(|name| (name == "HTTP_PROXY").then(|| address.clone()));
    let transport = Transport::with_proxies(None, proxies);
    // No loopback address, for which proxies are not used anyway. Nothing listens there.
    let mut unreachable =
        request("http://[100::1]:9/", Connection { direct: true, ..Connection::default() });
    let limited = HttpRequest { timeout_ms: 300, ..unreachable.clone() };
    failed(&transport, &limited);
    assert_eq!(refusing.0.load(Ordering::SeqCst), 0);
    unreachable.connection = Connection::default();
    failed(&transport, &unreachable);
    assert_eq!(refusing.0.load(Ordering::SeqCst), 1);
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::net::UnixListener;

    fn over(socket: &std::path::Path) -> HttpRequest {
        let path = socket.to_str().expect("a path").to_owned();
        request(
            "http://localhost/",
            Connection { unix_socket: Some(path), ..Connection::default() },
        )
    }

    #[test]
    fn a_unix_socket() {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("api.sock");
        let server = Listener::bind(0, false).expect("a port").serve(Arc::new(Echo));
        server.serve_unix(&socket, Arc::new(Echo)).expect("a socket");
        assert_eq!(sent(&transport(), &over(&socket)).body, b"GET ");
        let put = HttpRequest { method: Method::Put, body: "body".to_owned(), ..over(&socket) };
        assert_eq!(sent(&transport(), &put).body, b"PUT body");
        let long = HttpRequest { url: "http://localhost/long".to_owned(), ..over(&socket) };
        assert_eq!(sent(&transport(), &long).body.len(), 1001);
        let missing = over(&folder.path().join("none.sock"));
        assert_eq!(failed(&transport(), &missing).0, Failure::NotFound);
    }

    #[test]
    fn a_unix_socket_that_never_answers() {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("silent.sock");
        let listener = UnixListener::bind(&socket).expect("a socket");
        let silent = HttpRequest { timeout_ms: 300, ..over(&socket) };
        let start = Instant::now();
        assert_eq!(failed(&transport(), &silent).0, Failure::Timeout);
        assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
        drop(listener);
    }
}
