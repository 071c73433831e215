//! `--tls`: the throw-away certificate authority.

use crate::process::{Emulator, parsed, run, text, wif};
use std::fs;
use std::path::Path;

#[test]
fn the_ca_file_makes_the_emulator_trusted_and_nothing_else_does() {
    let emulator = Emulator::start(&["--tls"]);
    assert!(emulator.text("base_url").starts_with("https://"));
    let ca_file = emulator.text("ca_file");
    let by_environment = run(&mut emulator.token(&[]));
    assert_eq!((by_environment.status, by_environment.err.as_str()), (Some(0), ""));
    let by_option = run(emulator.token(&["--ca-file", &ca_file]).env_remove("SSL_CERT_FILE"));
    assert_eq!((by_option.status, by_option.err.as_str()), (Some(0), ""));

    let other = Emulator::start(&["--tls"]);
    let wrong = run(emulator
        .token(&["--json", "--timeout", "120"])
        .env("SSL_CERT_FILE", other.text("ca_file")));
    assert_eq!(wrong.status, Some(1));
    let code = text(&parsed(&wrong.err), "code");
    assert!(["network_tls", "source_unreachable"].contains(&&*code), "{code}");
}

#[test]
fn every_name_of_loopback_is_in_the_certificate() {
    let emulator = Emulator::start(&["--tls"]);
    let base_url = emulator.text("base_url");
    let port = base_url.rsplit(':').next().expect("a port");
    let mut hosts = vec!["127.0.0.1", "localhost"];
    if std::net::TcpListener::bind("[::1]:0").is_ok() {
        hosts.push("[::1]");
    }
    for host in hosts {
        let authority = format!("https://{host}:{port}");
        let run = run(&mut emulator.token(&["--authority-host", &authority]));
        assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{host}");
    }
}

#[test]
fn a_bad_ca_file_is_named() {
    let emulator = Emulator::start(&["--tls"]);
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("not-pem");
    fs::write(&path, "nonsense").expect("written");
    let missing = folder.path().join("missing");
    for path in [path.as_path(), missing.as_path()] {
        let path = path.to_str().expect("UTF-8");
        let failed = run(&mut emulator.token(&["--ca-file", path]));
        assert_eq!(failed.status, Some(1));
        assert!(failed.err.contains(path), "{}", failed.err);
        let failed = run(&mut emulator.token(&["--json", "--ca-file", path]));
        assert_eq!(text(&parsed(&failed.err), "code"), "config_invalid");
        for command in ["check-issuer", "explain"] {
            let issuer = "https://issuer.example";
            let credential = format!("issuer={issuer},subject=s");
            let arguments: &[&str] = match command {
                "explain" => {
                    &["eyJhbGciOiJSUzI1NiJ9.e30.c2ln", "--fetch", "--credential", &credential]
                }
                _ => &[issuer, "--json"],
            };
            let failed = run(wif(&[command, "--ca-file", path]).args(arguments));
            assert_eq!(failed.status, Some(2), "{failed:?}");
            assert!(failed.err.contains("`--ca-file`") && failed.err.contains(path), "{failed:?}");
        }
    }
}

#[cfg(unix)]
#[test]
fn the_ca_file_goes_with_the_emulator() {
    let emulator = Emulator::start(&["--tls"]);
    let ca_file = emulator.text("ca_file");
    let pem = fs::read_to_string(&ca_file).expect("the file");
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----") && !pem.contains("PRIVATE"));
    let folder = Path::new(&ca_file).parent().expect("a folder").to_owned();
    let (status, rest) = emulator.end_with("-TERM");
    assert_eq!((status.code(), rest.as_str()), (Some(0), ""));
    assert!(!folder.exists(), "{}", folder.display());
}
