//! `wif jwks` and `wif discovery`.

use crate::private_keys::{Files, PrivateKey, block, key_set};
use crate::process::{parsed, run, text, wif};
use serde_json::{Value, json};

fn vectors() -> Value {
    parsed(include_str!("../../../tests/vectors/published-keys.json"))
}

/// A JWK as PEM.
fn pem(jwk: &Value) -> String {
    let key = workload_identity_core::jose::Jwk::parse(jwk.to_string().as_bytes()).expect("a key");
    block("PUBLIC KEY", &key.key().to_spki_der().expect("DER"))
}

#[test]
fn the_key_set_is_that_of_azwi() {
    let files = Files::new();
    let vectors = vectors();
    let keys: Vec<&Value> =
        vectors["keys"].as_array().expect("keys").iter().map(|v| &v["jwk"]).collect();
    let names =
        keys.iter().enumerate().map(|(index, key)| files.write(&format!("{index}.pem"), pem(key)));
    let names: Vec<String> = names.collect();
    let mut command = wif(&["jwks", "--public-key"]);
    let several = run(command.args(&names));
    assert_eq!((several.status, several.err.as_str()), (Some(0), ""));
    assert_eq!(parsed(&several.out), json!({ "keys": keys }));
    let mut repeated = wif(&["jwks"]);
    for name in names.iter().chain(&names) {
        repeated.args(["--public-key", name]);
    }
    assert_eq!(parsed(&run(&mut repeated).out), json!({ "keys": keys }));
    let one = files.write("all.pem", keys.iter().map(|key| pem(key)).collect::<String>());
    assert_eq!(key_set("--public-key", &one), json!({ "keys": keys }));
}

#[test]
fn every_form_of_a_key_gives_the_same_entry() {
    for (key, inner) in [
        (PrivateKey::rsa(), "RSA PRIVATE KEY"),
        (PrivateKey::p256(), "EC PRIVATE KEY"),
        (PrivateKey::p384(), "EC PRIVATE KEY"),
    ] {
        let files = Files::new();
        let expected = key_set("--public-key", &files.write("key.pub", key.public_pem()));
        for (option, content) in [
            ("--public-key", key.public_der()),
            ("--certificate", key.certificate_pem().into_bytes()),
            ("--from-private-key", key.pkcs8_pem().into_bytes()),
            ("--from-private-key", key.pkcs8_der()),
            ("--from-private-key", key.inner_pem(inner).into_bytes()),
            ("--from-private-key", key.inner_der()),
        ] {
            assert_eq!(key_set(option, &files.write("key", content)), expected, "{option} {inner}");
        }
    }
    let files = Files::new();
    let key = PrivateKey::rsa();
    let marked = files.write("key.pem", format!("\u{feff}{}", key.pkcs8_pem()));
    let expected = key_set("--public-key", &files.write("key.pub", key.public_pem()));
    assert_eq!(key_set("--from-private-key", &marked), expected);
    let open_ssh = files.write("id", block("OPENSSH PRIVATE KEY", b"openssh-key-v1"));
    let refused = run(&mut wif(&["jwks", "--from-private-key", &open_ssh]));
    assert!(refused.err.contains("ssh-keygen -p") && refused.status == Some(1), "{refused:?}");
    let ed25519 = PrivateKey::ed25519();
    let expected = key_set("--public-key", &files.write("key.pub", ed25519.public_pem()));
    assert_eq!(expected["keys"][0]["alg"], json!("EdDSA"));
    assert_eq!(key_set("--from-private-key", &files.write("key", ed25519.pkcs8_pem())), expected);
}

#[test]
fn private_keys_are_refused_and_never_written() {
    for (key, inner) in [
        (PrivateKey::rsa(), Some("RSA PRIVATE KEY")),
        (PrivateKey::p256(), Some("EC PRIVATE KEY")),
        (PrivateKey::ed25519(), None),
    ] {
        let files = Files::new();
        let forms = [
            key.pkcs8_pem().into_bytes(),
            key.pkcs8_der(),
            [key.public_pem(), key.pkcs8_pem()].concat().into_bytes(),
            block("ENCRYPTED PRIVATE KEY", &key.pkcs8_der()).into_bytes(),
        ];
        let out = files.path("site");
        let inner = inner.map(|label| key.inner_pem(label).into_bytes());
        for form in forms.into_iter().chain(inner) {
            let path = files.write("key", form);
            for option in ["--public-key", "--certificate", "--from-private-key"] {
                let publish =
                    ["publish", "--issuer", "https://issuer.example", "--out", &out, option, &path];
                for arguments in [
                    &["jwks", option, &path][..],
                    &["jwks", option, &path, "--thumbprints"],
                    &publish,
                ] {
                    let run = run(&mut wif(arguments));
                    for canary in key.canaries() {
                        assert!(
                            !run.out.contains(&canary) && !run.err.contains(&canary),
                            "{arguments:?}"
                        );
                    }
                    if option != "--from-private-key" {
                        assert_eq!((run.status, run.out.as_str()), (Some(1), ""), "{arguments:?}");
                        assert!(
                            run.err.contains("private key")
                                && run.err.contains("--from-private-key"),
                            "{}",
                            run.err
                        );
                    }
                }
            }
        }
        for file in ["site/openid/v1/jwks", "site/.well-known/openid-configuration"] {
            let written = files.read(file);
            assert!(
                !written.contains("\"d\"")
                    && key.canaries().iter().all(|canary| !written.contains(canary))
            );
        }
    }
}

#[test]
fn what_is_no_key_is_refused_with_its_file() {
    let files = Files::new();
    let weak = "-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit+CqvjWYzvQwECAwEAAQ==\n-----END PUBLIC KEY-----\n";
    for (content, status, words) in [
        ("", 1, "is empty"),
        ("{}", 1, "is JSON"),
        ("ssh-ed25519 AAAA", 1, "ssh-keygen"),
        ("-----BEGIN PUBLIC KEY-----", 1, "cut off"),
        (weak, 1, "key_rejected"),
    ] {
        let path = files.write("bad\u{1b}[31m.pem", content);
        let run = run(&mut wif(&["jwks", "--public-key", &path]));
        assert_eq!((run.status, run.out.as_str()), (Some(status), ""), "{content}");
        assert!(run.err.contains(words) && run.err.contains(r"bad\u{1b}[31m.pem"), "{}", run.err);
        assert!(!run.err.contains('\u{1b}'), "{}", run.err);
    }
    let encrypted = files.write("key.pem", block("ENCRYPTED PRIVATE KEY", b"0"));
    let refused = run(&mut wif(&["jwks", "--from-private-key", &encrypted]));
    assert!(refused.status == Some(1) && refused.err.contains("encrypted"), "{}", refused.err);
    for arguments in
        [&["jwks"][..], &["jwks", "--public-key"], &["jwks", "--public-key", "/no/such/file"]]
    {
        let run = run(&mut wif(arguments));
        assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{arguments:?} {}", run.err);
    }
    let large = files.write("large", " ".repeat((1 << 20) + 1));
    let refused = run(&mut wif(&["jwks", "--public-key", &large]));
    assert!(refused.status == Some(1) && refused.err.contains("too_large"), "{}", refused.err);
}

#[test]
fn thumbprints_are_those_of_rfc_7638() {
    // RFC 7638, section 3.1.
    let jwk = json!({"kty": "RSA", "e": "AQAB", "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"});
    let files = Files::new();
    let path = files.write("key.pem", pem(&jwk));
    let run = run(&mut wif(&["jwks", "--public-key", &path, "--thumbprints"]));
    assert!(run.out.contains("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"), "{}", run.out);
    assert!(run.out.contains("RS256"), "{}", run.out);
}

#[test]
fn the_discovery_document_is_that_of_a_cluster() {
    let run_it = |arguments: &[&str]| run(wif(&["discovery"]).args(arguments));
    let found = run_it(&["--issuer", "https://issuer.example/a/"]);
    assert_eq!((found.status, found.err.as_str()), (Some(0), ""));
    let document = parsed(&found.out);
    assert_eq!(
        document,
        json!({
            "issuer": "https://issuer.example/a/",
            "jwks_uri": "https://issuer.example/a/openid/v1/jwks",
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        })
    );
    let elsewhere = run_it(&[
        "--issuer",
        "https://issuer.example",
        "--jwks-uri",
        "https://keys.example/jwks",
        "--algorithm",
        "ES256",
        "--algorithm",
        "ES384",
    ]);
    let elsewhere = parsed(&elsewhere.out);
    assert_eq!(text(&elsewhere, "jwks_uri"), "https://keys.example/jwks");
    assert_eq!(elsewhere["id_token_signing_alg_values_supported"], json!(["ES256", "ES384"]));
    for (arguments, words) in [
        (&[][..], "--issuer"),
        (&["--issuer", "issuer.example"], "`--issuer`"),
        (&["--issuer", "http://issuer.example"], "https only"),
        (&["--issuer", "https://issuer.example\u{1b}[2J"], "`--issuer`"),
        (&["--issuer", "https://issuer.example", "--jwks-uri", "ftp://x"], "`--jwks-uri`"),
        (&["--issuer", "https://issuer.example", "--algorithm", "none"], "RS256"),
    ] {
        let refused = run_it(arguments);
        assert_eq!((refused.status, refused.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(refused.err.contains(words) && !refused.err.contains('\u{1b}'), "{}", refused.err);
    }
}
