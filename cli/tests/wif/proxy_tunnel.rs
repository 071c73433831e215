//! A token request through a proxy: TLS to the service, inside TLS to the proxy where its address says https.

use crate::process::{Run, parsed, run, text, wif};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

const SERVICE: &str = "login.field.example";

/// A server configuration for the service and for loopback, and the certificate of its authority.
fn tls() -> (Arc<ServerConfig>, String) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let key = KeyPair::generate().expect("a key");
    let authority = CertifiedIssuer::self_signed(authority, key).expect("an authority");
    let names = [SERVICE, "127.0.0.1"].map(String::from);
    let server = CertificateParams::new(names).expect("names");
    let key = KeyPair::generate().expect("a key");
    let server = server.signed_by(&key, &authority).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![server.der().clone()], key)
        .expect("a configuration");
    (Arc::new(config), authority.pem())
}

fn secure<S: Read + Write>(stream: S, tls: &Arc<ServerConfig>) -> impl Read + Write + use<S> {
    StreamOwned::new(ServerConnection::new(Arc::clone(tls)).expect("a connection"), stream)
}

/// Reads up to the end of a head.
fn head(stream: &mut impl Read) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        head.push(byte[0]);
    }
    String::from_utf8(head).expect("text")
}

/// The proxy's side of one connection, and the service behind it.
fn tunnel(mut proxied: impl Read + Write, tls: &Arc<ServerConfig>) -> [String; 2] {
    let connect = head(&mut proxied);
    proxied.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").expect("sent");
    let mut service = secure(proxied, tls);
    let request = head(&mut service);
    let body = r#"{"token_type":"Bearer","expires_in":3600,"access_token":"issued"}"#;
    let length = body.len();
    write!(service, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
        .and_then(|()| service.flush())
        .expect("sent");
    // Until the client has read it.
    let _ = service.read(&mut [0]);
    [connect, request]
}

fn token(scheme: &str) -> (Run, [String; 2]) {
    let (tls, ca) = tls();
    let folder = tempfile::tempdir().expect("a folder");
    let ca_file = folder.path().join("ca.pem");
    std::fs::write(&ca_file, ca).expect("written");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let proxy = format!("{scheme}://{}", listener.local_addr().expect("an address"));
    let is_secure = scheme == "https";
    let server = thread::spawn(move || {
        let (stream, _): (TcpStream, _) = listener.accept().expect("a connection");
        if is_secure { tunnel(secure(stream, &tls), &tls) } else { tunnel(stream, &tls) }
    });
    let mut command = wif(&["token", "--scope", "s", "--client-id", "c", "--token-env", "TOKEN"]);
    command
        .args(["--token-endpoint", &format!("https://{SERVICE}/token"), "--ca-file"])
        .arg(&ca_file)
        .args(["--timeout", "120", "--json"])
        .env("TOKEN", "eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjk5OTk5OTk5OTl9.c2ln")
        .env("HTTPS_PROXY", proxy);
    let run = run(&mut command);
    (run, server.join().expect("the proxy"))
}

#[test]
fn a_token_comes_through_a_proxy_over_http_and_https() {
    for scheme in ["http", "https"] {
        let (run, [connect, request]) = token(scheme);
        assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{scheme}");
        assert_eq!(text(&parsed(&run.out), "token"), "issued");
        assert!(connect.starts_with(&format!("CONNECT {SERVICE}:443 HTTP/1.1\r\n")), "{connect}");
        assert!(request.starts_with("POST /token HTTP/1.1\r\n"), "{request}");
        // The proxy learns no more than where the request goes.
        assert!(!connect.contains("/token") && !connect.contains("eyJ"), "{connect}");
    }
}
