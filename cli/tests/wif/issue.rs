//! `wif issue`: tokens that verify, external signers, and what is refused.

use crate::keys::run_with;
use crate::private_keys::{Files, PrivateKey, key_set};
use crate::process::{Run, run, text, wif};
use serde_json::{Value, json};
use workload_identity_core::jose::base64url_decode;

const ISSUER: &str = "https://issuer.example";
const AUDIENCE: &str = "api://orders";

fn issue(arguments: &[&str]) -> Run {
    let mut command = wif(&["issue", "--issuer", ISSUER, "--subject", "s", "--audience", AUDIENCE]);
    // `--signer` finds its program there.
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    run(command.args(arguments))
}

fn part(token: &str, index: usize) -> Value {
    let part = token.trim().split('.').nth(index).and_then(base64url_decode).expect("a part");
    serde_json::from_slice(&part).expect("JSON")
}

#[test]
fn tokens_verify_with_the_published_key() {
    for (key, inner, algorithm) in [
        (PrivateKey::rsa(), "RSA PRIVATE KEY", "RS256"),
        (PrivateKey::p256(), "EC PRIVATE KEY", "ES256"),
        (PrivateKey::p384(), "EC PRIVATE KEY", "ES384"),
    ] {
        let files = Files::new();
        let set = key_set("--public-key", &files.write("key.pub", key.public_pem()));
        let jwks = files.write("jwks.json", set.to_string());
        for content in [
            key.pkcs8_pem().into_bytes(),
            key.pkcs8_der(),
            key.inner_pem(inner).into_bytes(),
            key.inner_der(),
        ] {
            let path = files.write("key", content);
            let issued = issue(&["--key", &path, "--lifetime", "600"]);
            assert_eq!((issued.status, issued.err.as_str()), (Some(0), ""));
            let header = part(&issued.out, 0);
            assert_eq!(
                header,
                json!({"alg": algorithm, "typ": "JWT", "kid": set["keys"][0]["kid"]})
            );
            let claims = part(&issued.out, 1);
            assert_eq!(claims["exp"].as_i64(), claims["iat"].as_i64().map(|iat| iat + 600));
            let mut verify =
                wif(&["verify", "-", "--jwks", &jwks, "--issuer", ISSUER, "--audience", AUDIENCE]);
            let verified = run_with(&mut verify, issued.out.trim());
            assert_eq!(verified.status, Some(0), "{}", verified.out);
        }
    }
}

#[test]
fn claims_are_those_that_were_asked_for() {
    let files = Files::new();
    let key = files.write("key.pem", PrivateKey::p256().pkcs8_pem());
    let issued = issue(&[
        "--key",
        &key,
        "--audience",
        "-b",
        "--claim",
        "groups=[\"x\"]",
        "--claim",
        "jti=null",
        "--claim",
        "nbf=5",
        "--kid",
        "-mine",
    ]);
    assert_eq!(issued.status, Some(0), "{}", issued.err);
    let claims = part(&issued.out, 1);
    assert_eq!(claims["aud"], json!([AUDIENCE, "-b"]));
    assert_eq!(
        (&claims["groups"], &claims["nbf"], claims.get("jti")),
        (&json!(["x"]), &json!(5), None)
    );
    assert_eq!(text(&part(&issued.out, 0), "kid"), "-mine");
    for (arguments, words) in [
        (&["--claim", "sub=\"x\""][..], "`--subject`"),
        (&["--claim", "exp=1"], "`--lifetime`"),
        (&["--claim", "a=1", "--claim", "a=2"], "twice"),
        (&["--claim", "a=x"], "NAME=JSON"),
        (&["--lifetime", "0"], "`--lifetime`"),
        (&["--lifetime", "2d"], "--lifetime"),
        (&["--audience", ""], "`--audience`"),
    ] {
        let refused = issue(&[&["--key", &key], arguments].concat());
        assert_eq!((refused.status, refused.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(refused.err.contains(words), "{words}: {}", refused.err);
    }
}

#[test]
fn wrong_keys_are_refused_without_their_content() {
    let files = Files::new();
    let (a, b) = (PrivateKey::p256(), PrivateKey::p256());
    for (content, words) in [
        (a.public_pem(), "no private key"),
        ([a.pkcs8_pem(), b.pkcs8_pem()].concat(), "several private keys"),
        (a.pkcs8_pem().replace("BEGIN PRIVATE", "BEGIN ENCRYPTED PRIVATE"), "encrypted"),
        (a.pkcs8_pem()[..120].to_owned(), "malformed"),
        (a.pkcs8_pem().replace("MIG", "AAA"), "key_rejected"),
        (String::new(), "neither PEM nor DER"),
    ] {
        let path = files.write("key.pem", content);
        let refused = issue(&["--key", &path]);
        assert_eq!((refused.status, refused.out.as_str()), (Some(1), ""), "{words}");
        assert!(
            refused.err.contains(words) && refused.err.contains("key.pem"),
            "{words}: {}",
            refused.err
        );
        for canary in a.canaries() {
            assert!(!refused.err.contains(&canary), "{}", refused.err);
        }
    }
    for arguments in
        [&[][..], &["--key", "/no/such/file"], &["--key", "a", "--signer", "b"], &["--signer", "b"]]
    {
        assert_eq!(issue(arguments).status, Some(2), "{arguments:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_program_signs_with_a_key_that_it_keeps() {
    let files = Files::new();
    for key in [PrivateKey::rsa(), PrivateKey::p256()] {
        let private = files.write("key.pem", key.pkcs8_pem());
        let public = files.write("key.pub", key.public_pem());
        let jwks = files.write("jwks.json", key_set("--public-key", &public).to_string());
        let openssl = ["openssl", "dgst", "-sha256", "-sign", &private];
        let in_base64 = format!("{} | openssl base64 -A", openssl.join(" "));
        for command in [&openssl[..], &["sh", "-c", &in_base64]] {
            let issued = issue(&[&["--public-key", &public, "--signer"], command].concat());
            assert_eq!((issued.status, issued.err.as_str()), (Some(0), ""), "{command:?}");
            let mut verify =
                wif(&["verify", "-", "--jwks", &jwks, "--issuer", ISSUER, "--audience", AUDIENCE]);
            assert_eq!(run_with(&mut verify, issued.out.trim()).status, Some(0));
        }
        // A signature of another key is not printed.
        let other = files.write("other.pub", PrivateKey::p256().public_pem());
        let wrong = issue(&[&["--public-key", &other, "--signer"], &openssl[..]].concat());
        assert_eq!((wrong.status, wrong.out.as_str()), (Some(1), ""));
        assert!(wrong.err.contains("signing_failed"), "{}", wrong.err);
    }
}

#[cfg(unix)]
#[test]
fn a_program_that_does_not_sign_is_told_so() {
    let files = Files::new();
    let public = files.write("key.pub", PrivateKey::p256().public_pem());
    for (command, words) in [
        (&["/no/such/program"][..], "cannot start"),
        (&["sh", "-c", "exit 3"], "exit status 3"),
        (&["sh", "-c", "kill -9 $$"], "signal"),
        (&["true"], "no ES256 signature"),
        (&["echo", "no"], "no ES256 signature"),
        (&["head", "-c", "5000", "/dev/zero"], "more than a signature"),
        (&["head", "-c", "64", "/dev/zero"], "does not verify"),
    ] {
        let refused = issue(&[&["--public-key", &public, "--signer"], command].concat());
        assert_eq!((refused.status, refused.out.as_str()), (Some(1), ""), "{command:?}");
        assert!(
            refused.err.contains(words) && refused.err.contains("signing_failed"),
            "{words}: {}",
            refused.err
        );
    }
}
