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

/// Tried one after the other until a request gets as far as to the server: a busy machine may need more than the first.
const LIMITS: [Duration; 3] =
    [Duration::from_millis(400), Duration::from_secs(5), Duration::from_secs(30)];
/// The most that a request may take beyond its limit, on a busy machine.
const BEYOND: Duration = Duration::from_secs(30);
/// Often enough that no read ever waits for as long as the limit.
const PAUSE: Duration = Duration::from_millis(40);
/// How long a server goes on if its client does: longer than any limit and what may be beyond it.
const MOST: Duration = Duration::from_secs(120);

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

fn request(url: &str, limit: Duration) -> HttpRequest {
    HttpRequest {
        method: Method::Get,
        url: url.to_owned(),
        headers: RequestHeaders::default(),
        body: String::new(),
        timeout_ms: u32::try_from(limit.as_millis()).expect("a short time"),
        max_bytes: 1_000_000,
        connection: Connection::default(),
    }
}

/// A server for one connection. It ends when the client has closed that, and returns how many pauses it made.
fn drip(start: &'static str, repeated: &'static str) -> (String, thread::JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        stream.set_read_timeout(Some(Duration::from_millis(1))).expect("a socket");
        let _ = stream.write_all(start.as_bytes());
        let mut bytes = repeated.bytes().cycle();
        let end = Instant::now() + MOST;
        let mut pauses = 0;
        while is_open(&mut stream) && Instant::now() < end {
            thread::sleep(PAUSE);
            if bytes.next().is_some_and(|byte| stream.write_all(&[byte]).is_err()) {
                break;
            }
            pauses += 1;
        }
        pauses
    });
    (address, server)
}

fn is_open(stream: &mut TcpStream) -> bool {
    let mut buffer = [0; 4096];
    !matches!(stream.read(&mut buffer), Ok(0)) && stream.take_error().is_ok_and(|e| e.is_none())
}

/// Sends a request that must fail in time, and waits for the server's connection to end.
///
/// `client` returns the transport and the URL for the address of a server.
fn check(
    (phase, start, repeated): (&str, &'static str, &'static str),
    client: impl Fn(&str) -> (Transport, String),
) {
    for limit in LIMITS {
        let (address, server) = drip(start, repeated);
        let (transport, url) = client(&address);
        if url.starts_with("https") {
            transport.tls().expect("certificate authorities");
        }
        let start = Instant::now();
        let outcome = transport.send(&request(&url, limit));
        let took = start.elapsed();
        let Outcome::Failed { failure, detail } = outcome else { panic!("{phase}: {outcome:?}") };
        assert_eq!(failure, Failure::Timeout, "{phase}: {detail}");
        assert!(took < limit + BEYOND, "{phase}: {took:?}");
        // Ends a server to which the client did not get in its time.
        let _ = TcpStream::connect(&address);
        let pauses = server.join().expect("the server ends, because its connection is closed");
        assert!(start.elapsed() < limit + BEYOND, "{phase}: {:?}", start.elapsed());
        if pauses > 1 {
            return;
        }
    }
    panic!("{phase}: no request gets to the server");
}

#[test]
fn the_limit_holds_in_every_phase_of_an_answer() {
    thread::scope(|scope| {
        for phase in PHASES {
            scope.spawn(move || {
                check(phase, |address| (Transport::new(None), format!("http://{address}/")));
            });
        }
    });
}

#[test]
fn the_limit_holds_for_tls_and_for_the_answer_of_a_proxy() {
    let listener = Listener::bind(0, true).expect("a port");
    let ca_file = &listener.ca_file();
    thread::scope(|scope| {
        // A handshake record of 16 kB that comes slowly.
        let tls = ("TLS", "\x16\x03\x03\x3f\x7f\x02\x00\x3f\x7b", "\0");
        scope.spawn(move || {
            check(tls, |address| (Transport::new(ca_file.clone()), format!("https://{address}/")));
        });
        for phase in [
            ("CONNECT", "", ""),
            ("CONNECT, status line", "", "HTTP/1.1 200 OK"),
            ("CONNECT, head", HEAD, "x-a: b\r\n"),
            ("TLS behind CONNECT", "HTTP/1.1 200 OK\r\n\r\n", "\x16\x03\x03\x3f"),
        ] {
            scope.spawn(move || {
                check(phase, |address| {
                    let proxies = https_proxy("http", address);
                    let proxied = Transport::with_proxies(ca_file.clone(), proxies);
                    (proxied, "https://login.example/".to_owned())
                });
            });
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
        let outcome = transport.send(&request("https://login.example/", MOST));
        let Outcome::Failed { failure, detail } = outcome else { panic!("{outcome:?}") };
        assert_eq!(failure, Failure::ProxyAuthentication, "{base_url}: {detail}");
    }
}
