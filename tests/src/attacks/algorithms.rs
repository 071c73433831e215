//! Which algorithm: names that do not exist, keys of another kind, secrets made of public keys.

use super::keys::{jwk, published, rsa};
use super::members::base64url;
use super::rsa::{Hash, left_padded, number};
use super::{Corpus, Token};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub(super) fn add(corpus: &mut Corpus) {
    names(corpus);
    hmac(corpus);
    cross_product(corpus);
    allow_lists(corpus);
}

fn names(corpus: &mut Corpus) {
    for (name, alg) in [
        ("none", "none"),
        ("none-title", "None"),
        ("none-upper", "NONE"),
        ("none-mixed", "nOnE"),
        ("none-space", "none "),
        ("empty", ""),
    ] {
        let token = Token::es256().header(|header| header.text("alg", alg));
        corpus.case(&format!("alg/{name}-signed"), &["S2"], "alg_not_allowed").token(token.mint());
        let code = if alg.eq_ignore_ascii_case("none") { "alg_not_allowed" } else { "malformed" };
        corpus
            .case(&format!("alg/{name}-unsigned"), &["S2", "S3"], code)
            .token(format!("{}.", token.input()));
    }
    let unprotected = Token::es256().header(|header| header.text("alg", "none").without("kid"));
    corpus
        .case("alg/none-without-kid", &["S2"], "alg_not_allowed")
        .token(format!("{}.", unprotected.input()));
    for alg in [
        "es256",
        "Es256",
        " ES256",
        "ES256 ",
        "ES256\0",
        "ES-256",
        "ES256K",
        "SHA256withECDSA",
        "RSA-OAEP",
        "dir",
        "Ed448",
        "RS1",
        "\u{2160}S256",
        "ES256,none",
    ] {
        let token = Token::es256().header(|header| header.text("alg", alg));
        let shown: String =
            alg.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let known = corpus.cases.len();
        corpus
            .case(&format!("alg/name-{known}-{shown}"), &["S2", "S5"], "alg_not_allowed")
            .token(token.mint());
    }
}

/// HMAC whose secret is something everybody knows.
fn hmac(corpus: &mut Corpus) {
    let key = rsa("rsa");
    let spki = spki();
    let pem = |label: &str, der: &[u8]| {
        let text = STANDARD.encode(der);
        let lines: Vec<&str> =
            (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
    };
    let public = pem("PUBLIC KEY", &spki);
    let modulus = left_padded(&key.modulus(), key.bytes());
    let secrets: [(&str, Vec<u8>); 14] = [
        ("pem", public.clone().into_bytes()),
        ("pem-trimmed", public.trim_end().as_bytes().to_vec()),
        ("pem-one-line", public.replace('\n', "").into_bytes()),
        ("pem-crlf", public.replace('\n', "\r\n").into_bytes()),
        ("pem-pkcs1", pem("RSA PUBLIC KEY", &pkcs1()).into_bytes()),
        ("der", spki.clone()),
        ("der-pkcs1", pkcs1()),
        ("jwk", published("rsa", "RS256").json().into_bytes()),
        ("jwks", format!("{{\"keys\":[{}]}}", published("rsa", "RS256").json()).into_bytes()),
        ("modulus", modulus),
        ("modulus-text", key.n.clone().into_bytes()),
        ("x5c", STANDARD.encode(&spki).into_bytes()),
        ("kid", b"rsa".to_vec()),
        ("empty", Vec::new()),
    ];
    let token = Token::new("rsa", "HS256");
    for (name, secret) in &secrets {
        corpus
            .case(&format!("hmac/{name}"), &["S1"], "alg_not_allowed")
            .token(token.with_signature(hmac_sha256(secret, token.input().as_bytes())));
    }
    let secret = [7; 32];
    let shared = Token::new("rsa", "HS256").header(|header| header.text("kid", "shared"));
    corpus.keys(
        "shared-secret",
        &[
            super::Members::default()
                .text("kty", "oct")
                .text("kid", "shared")
                .text("k", &base64url(secret))
                .text("alg", "HS256"),
            published("rsa", "RS256"),
        ],
    );
    corpus
        .case("hmac/secret-in-the-key-set", &["S1", "S5"], "alg_not_allowed")
        .about("even a correct HMAC with a secret of the set is refused")
        .keys("shared-secret")
        .token(shared.with_signature(hmac_sha256(&secret, shared.input().as_bytes())));
    corpus
        .case("hmac/rs256-named-to-the-secret", &["S1", "S5"], "key_rejected")
        .keys("shared-secret")
        .token(Token::new("rsa", "RS256").header(|header| header.text("kid", "shared")).mint());
    corpus
        .case("hmac/control-sibling-of-the-secret", &["S1", "S24"], "accepted")
        .keys("shared-secret")
        .token(Token::new("rsa", "RS256").mint());
    for alg in ["HS384", "HS512", "hs256", "HS256 "] {
        let token = Token::new("rsa", "RS256").header(|header| header.text("alg", alg));
        let shown = alg.replace(' ', "_");
        corpus
            .case(&format!("hmac/{shown}"), &["S1"], "alg_not_allowed")
            .token(token.with_signature(hmac_sha256(public.as_bytes(), token.input().as_bytes())));
    }
}

/// FIPS 198-1 with SHA-256, for secrets of any length.
fn hmac_sha256(secret: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = if secret.len() > 64 { Hash::Sha256.of(secret) } else { secret.to_vec() };
    block.resize(64, 0);
    let pad = |byte: u8| block.iter().map(|other| other ^ byte).collect::<Vec<u8>>();
    Hash::Sha256.of(&[pad(0x5c), Hash::Sha256.of(&[&pad(0x36), message].concat())].concat())
}

/// DER of a tag, its length and its content.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut bytes = match length {
        0..=127 => vec![tag, length as u8],
        128..=255 => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    bytes.extend(content);
    bytes
}

/// RSAPublicKey (RFC 8017, appendix A.1.1).
fn pkcs1() -> Vec<u8> {
    let integer = |text: &str| {
        let bytes = number(text).to_bytes_be();
        let sign = if bytes[0] > 127 { vec![0] } else { Vec::new() };
        der(2, &[sign, bytes].concat())
    };
    let key = rsa("rsa");
    der(0x30, &[integer(&key.n), integer(&key.e)].concat())
}

/// SubjectPublicKeyInfo (RFC 5280, section 4.1).
fn spki() -> Vec<u8> {
    let algorithm = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1, 5, 0];
    der(0x30, &[der(0x30, &algorithm), der(3, &[vec![0], pkcs1()].concat())].concat())
}

/// Every algorithm with every kind of key that the set holds, each signed as far as the key can.
fn cross_product(corpus: &mut Corpus) {
    let kinds = ["rsa", "ec", "ec384", "ec521", "ed"];
    let bare: Vec<_> = kinds.iter().map(|name| jwk(name)).collect();
    corpus.keys("bare", &bare);
    for alg in [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
        "Ed25519",
    ] {
        for kind in kinds {
            let pair = match kind {
                "rsa" => alg.starts_with("RS") || alg.starts_with("PS"),
                "ec" => alg == "ES256",
                "ec384" => alg == "ES384",
                "ec521" => alg == "ES512",
                _ => alg.starts_with("Ed"),
            };
            let code = if pair { "accepted" } else { "key_rejected" };
            let case = corpus.case(&format!("pair/{alg}-{kind}"), &["S5"], code);
            case.keys("bare").token(Token::new(kind, alg).mint());
            if kind == "ec521" {
                case.needs("ES512");
            }
        }
    }
    // The same keys, each published for one algorithm only.
    for (alg, kind) in [("RS384", "rsa"), ("PS256", "rsa"), ("RS512", "rsa"), ("PS512", "rsa")] {
        corpus
            .case(&format!("pair/{alg}-with-a-key-for-RS256"), &["S5", "S6"], "key_rejected")
            .token(Token::new(kind, alg).mint());
    }
    for (alg, signed) in
        [("RS256", "PS256"), ("PS256", "RS256"), ("RS256", "RS512"), ("PS384", "PS256")]
    {
        corpus
            .case(&format!("pair/{alg}-signed-as-{signed}"), &["S5"], "signature_invalid")
            .keys("bare")
            .token(Token::new("rsa", alg).signed_by("rsa", signed).mint());
    }
    corpus
        .case("pair/ES256-by-another-key", &["S5"], "signature_invalid")
        .token(Token::es256().signed_by("ec-other", "ES256").mint());
    corpus
        .case("pair/ES256-by-secp256k1", &["S5"], "signature_invalid")
        .about("the curve of the name, another curve's signature")
        .token(Token::es256().signed_by("k256", "ES256K").mint());
    for (name, crv) in [("as-it-is", "secp256k1"), ("called-p256", "P-256")] {
        let set = format!("secp256k1-{name}");
        corpus.keys(&set, &[jwk("k256").text("crv", crv), jwk("ec")]);
        let name = format!("pair/ES256-with-secp256k1-key-{name}");
        let case = corpus.case(&name, &["S5"], "key_rejected");
        case.keys(&set).token(Token::new("k256", "ES256").mint());
        if crv == "P-256" {
            case.by_host("signature_invalid");
        }
    }
}

/// RFC 8725, section 3.1: the list of algorithms is the verifier's.
fn allow_lists(corpus: &mut Corpus) {
    let only = |algorithms: &[&str]| serde_json::json!({ "algorithms": algorithms });
    for (alg, key) in [("RS256", "rsa"), ("PS256", "rsa"), ("ES384", "ec384"), ("EdDSA", "ed")] {
        corpus
            .case(&format!("allow/{alg}-when-only-ES256"), &["S6"], "alg_not_allowed")
            .keys("bare")
            .issuer(only(&["ES256"]))
            .token(Token::new(key, alg).mint());
    }
    corpus
        .case("allow/key-says-RS512-list-says-RS256", &["S6"], "alg_not_allowed")
        .about("CVE-2026-48523: the `alg` of the key widened the list")
        .keys("rsa-for-RS512")
        .issuer(only(&["RS256"]))
        .token(Token::new("rsa", "RS512").mint());
    corpus.keys("rsa-for-RS512", &[published("rsa", "RS512")]);
    corpus
        .case("allow/key-says-RS512-token-says-RS256", &["S6"], "key_rejected")
        .keys("rsa-for-RS512")
        .issuer(only(&["RS256"]))
        .token(Token::new("rsa", "RS256").mint());
    corpus
        .case("allow/control", &["S6"], "accepted")
        .keys("bare")
        .issuer(only(&["ES256", "PS384"]))
        .token(Token::new("rsa", "PS384").mint());
    for (listed, alg, code) in [
        ("Ed25519", "Ed25519", "accepted"),
        ("Ed25519", "EdDSA", "accepted"),
        ("EdDSA", "Ed25519", "accepted"),
        ("EdDSA", "EdDSA", "accepted"),
    ] {
        corpus
            .case(&format!("allow/{alg}-when-{listed}"), &["S6"], code)
            .keys("bare")
            .issuer(only(&[listed]))
            .token(Token::new("ed", alg).mint());
    }
}
