//! Tests of the transport's time limit: servers that send a byte at a time, in each phase of a request.

use super::Transport;
use super::proxies::Proxies;
use crate::serve::{Answer, Call, Handler, Listener};
use hyper::Response;
use hyper::body::Bytes;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use workload_identity_core::http::{Connection, HttpRequest, Method, RequestHeaders};
use workload_identity_core::{Failure, Outcome};

const LIMIT: Duration = Duration::from_millis(400);
/// The most that a request may take beyond its limit.
const BEYOND: Duration = Duration::from_millis(250);
/// Often enough that no read ever waits for as long as the limit.
const PAUSE: Duration = Duration::from_millis(40);

const HEAD: &str = "HTTP/1.1 200 OK\r\n";

/// What a server sends at once, and what it then repeats, a byte at a time.
const PHASES: [(&str, &str, &str); 9] = [
    ("nothing", "", ""),
    ("status line", "", "HTTP/1.1 200 OK"),
    ("head", HEAD, "x-a: b\r\n"),
    ("body with a length", "HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n", "x"),
    ("body until the end", "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", "x"),
    ("chunk size", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "0"),
    ("chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffff\r\n", "x"),
    ("chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
    ("trailer", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n", "x-a: b\r\n"),
];

fn request(url: &str) -> HttpRequest {
    HttpRequest {
        method: Method::Get,
        url: url.to_owned(),
        headers: RequestHeaders::default(),
        body: String::new(),
        timeout_ms: u32::try_from(LIMIT.as_millis()).expect("a short time"),
        max_bytes: 1_000_000,
        connection: Connection::default(),
    }
}

/// A server for one connection. It ends when the client has closed that.
fn drip(start: &'static [u8], repeated: &'static [u8]) -> (String, thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        stream.set_read_timeout(Some(Duration::from_millis(1))).expect("a socket");
        let _ = stream.write_all(start);
        let mut bytes = repeated.iter().cycle();
        while is_open(&mut stream) {
            thread::sleep(PAUSE);
            if bytes.next().is_some_and(|byte| stream.write_all(&[*byte]).is_err()) {
                break;
            }
        }
    });
    (address, server)
}

fn is_open(stream: &mut TcpStream) -> bool {
    let mut buffer = [0; 4096];
    !matches!(stream.read(&mut buffer), Ok(0)) && stream.take_error().is_ok_and(|e| e.is_none())
}

/// Sends a request that must fail in time, and waits for the server's connection to end.
fn check(phase: &str, transport: &Transport, url: &str, server: thread::JoinHandle<()>) {
    if url.starts_with("https") {
        transport.tls().expect("certificate authorities");
    }
    let start = Instant::now();
    let outcome = transport.send(&request(url));
    let took = start.elapsed();
    let Outcome::Failed { failure, detail } = outcome else { panic!("{phase}: {outcome:?}") };
    assert_eq!(failure, Failure::Timeout, "{phase}: {detail}");
    assert!(took < LIMIT + BEYOND, "{phase}: {took:?}");
    server.join().expect("the server ends, because its connection is closed");
    assert!(start.elapsed() < LIMIT + Duration::from_secs(2), "{phase}: {:?}", start.elapsed());
}

#[test]
fn the_limit_holds_in_every_phase_of_an_answer() {
    thread::scope(|scope| {
        for (phase, start, repeated) in PHASES {
            scope.spawn(move || {
                let (address, server) = drip(start.as_bytes(), repeated.as_bytes());
                let url = format!("http://{address}/");
                check(phase, &Transport::new(None), &url, server);
            });
        }
    });
}

#[test]
fn the_limit_holds_for_tls_and_for_the_answer_of_a_proxy() {
    let listener = Listener::bind(0, true).expect("a port");
    let ca_file = listener.ca_file();
    thread::scope(|scope| {
        // A handshake record of 16 kB that comes slowly.
        let record = b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb";
        let (address, server) = drip(record, b"\0");
        let (url, tls) = (format!("https://{address}/"), Transport::new(ca_file.clone()));
        scope.spawn(move || check("TLS", &tls, &url, server));
        for (phase, start, repeated) in [
            ("CONNECT", "", ""),
            ("CONNECT, status line", "", "HTTP/1.1 200 OK"),
            ("CONNECT, head", HEAD, "x-a: b\r\n"),
            ("TLS behind CONNECT", "HTTP/1.1 200 OK\r\n\r\n", "\x16\x03\x03\x3f"),
        ] {
            let (address, server) = drip(start.as_bytes(), repeated.as_bytes());
            let proxied = Transport::with_proxies(ca_file.clone(), https_proxy("http", &address));
            scope.spawn(move || check(phase, &proxied, "https://login.example/", server));
        }
    });
}

fn https_proxy(scheme: &str, address: &str) -> Proxies {
    let value = format!("{scheme}://{address}");
    Proxies::from_variables(|name| (name == "HTTPS_PROXY").then(|| value.clone()))
}

/// A proxy that wants to be told who asks.
struct Closed;

impl Handler for Closed {
    fn answer(&self, call: &Call) -> Answer {
        assert_eq!(call.method(), "CONNECT");
        assert_eq!(call.uri(), "login.example:443");
        let response = Response::builder().status(407).body(Bytes::new()).expect("a response");
        Answer::Send { response, delay: Duration::ZERO }
    }
}

#[test]
fn a_proxy_that_wants_credentials_is_told_over_http_and_https() {
    for tls in [false, true] {
        let listener = Listener::bind(0, tls).expect("a port");
        let (base_url, ca_file) = (listener.base_url(), listener.ca_file());
        let _server = listener.serve(Arc::new(Closed));
        let (scheme, address) = base_url.split_once("://").expect("a URL");
        let own = Listener::bind(0, true).expect("a port");
        let ca_file = ca_file.or(own.ca_file());
        let transport = Transport::with_proxies(ca_file, https_proxy(scheme, address));
        let slow = HttpRequest { timeout_ms: 5000, ..request("https://login.example/") };
        let outcome = transport.send(&slow);
        let Outcome::Failed { failure, detail } = outcome else { panic!("{outcome:?}") };
        assert_eq!(failure, Failure::ProxyAuthentication, "{base_url}: {detail}");
    }
}
