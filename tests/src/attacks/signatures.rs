//! Signatures that are none: wrong length, wrong padding, wrong range, another encoding, another message.

use super::form::parts;
use super::keys::{ed, p256, rsa, sign};
use super::members::base64url;
use super::rsa::{Hash, left_padded, pkcs1};
use super::{Corpus, Token};
use num_bigint::BigUint;
use sha2::{Digest, Sha512};

pub(super) fn add(corpus: &mut Corpus) {
    changed(corpus);
    ecdsa(corpus);
    rsa_encodings(corpus);
    pss(corpus);
    edwards(corpus);
}

fn bad<'c>(corpus: &'c mut Corpus, name: &str, covers: &[&str]) -> &'c mut super::Case {
    corpus.case(&format!("signature/{name}"), covers, "signature_invalid")
}

fn changed(corpus: &mut Corpus) {
    for (key, alg) in [("ec", "ES256"), ("rsa", "RS256"), ("ed", "EdDSA")] {
        let good = Token::new(key, alg);
        let minted = good.mint();
        let [header, _, signature] = parts(&minted);
        let other = good.clone().claims(|claims| claims.text("sub", "somebody-else")).mint();
        let [_, payload, _] = parts(&other);
        bad(corpus, &format!("{alg}-payload-swapped"), &["S3"])
            .keys("bare")
            .token(format!("{header}.{payload}.{signature}"));
        let bytes = sign(key, alg, good.input().as_bytes());
        for (name, wrong) in [
            ("first-bit", flipped(&bytes, 0)),
            ("last-bit", flipped(&bytes, bytes.len() - 1)),
            ("one-byte-short", bytes[..bytes.len() - 1].to_vec()),
            ("one-byte-long", [&bytes[..], &[0]].concat()),
            ("leading-zero", [&[0], &bytes[..]].concat()),
            ("all-zero", vec![0; bytes.len()]),
            ("all-ones", vec![0xff; bytes.len()]),
            ("one-byte", vec![0]),
        ] {
            bad(corpus, &format!("{alg}-{name}"), &["S3"])
                .keys("bare")
                .token(good.with_signature(wrong));
        }
    }
    let renamed = Token::es256().header(|header| header.text("x", "added later"));
    let original = Token::es256();
    bad(corpus, "header-changed", &["S3"]).token(renamed.with_signature(sign(
        "ec",
        "ES256",
        original.input().as_bytes(),
    )));
}

fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1;
    bytes
}

/// The order of P-256 (SP 800-186, section 3.2.1.3).
const ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
/// Its field's prime.
const PRIME: &str = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";

fn hex(text: &str) -> BigUint {
    BigUint::parse_bytes(text.as_bytes(), 16).expect("hexadecimal")
}

fn ecdsa(corpus: &mut Corpus) {
    let (order, prime) = (hex(ORDER), hex(PRIME));
    let one = BigUint::from(1_u8);
    let zero = BigUint::from(0_u8);
    let token = Token::es256();
    let good = sign("ec", "ES256", token.input().as_bytes());
    let (r, s) = (BigUint::from_bytes_be(&good[..32]), BigUint::from_bytes_be(&good[32..]));
    let joined = |r: &BigUint, s: &BigUint| [left_padded(r, 32), left_padded(s, 32)].concat();
    let values: [(&str, &BigUint, &BigUint); 12] = [
        ("zero-zero", &zero, &zero),
        ("r-zero", &zero, &s),
        ("s-zero", &r, &zero),
        ("r-order", &order, &s),
        ("s-order", &r, &order),
        ("order-order", &order, &order),
        ("one-one", &one, &one),
        ("r-one-s-order", &one, &order),
        ("r-order-minus-one", &(&order - &one), &s),
        ("s-order-plus-one", &r, &(&order + &one)),
        ("r-prime", &prime, &s),
        ("halves-swapped", &s, &r),
    ];
    for (name, r, s) in values {
        bad(corpus, &format!("es256-{name}"), &["S28"]).token(token.with_signature(joined(r, s)));
    }
    let high = if s > &order >> 1 { s.clone() } else { &order - &s };
    let low = &order - &high;
    for (name, s) in [("high", &high), ("low", &low)] {
        corpus
            .case(&format!("signature/es256-{name}-s"), &["S28", "S30"], "accepted")
            .about("JOSE asks for no low S, so a signature is no identity of a token")
            .token(token.with_signature(joined(&r, s)));
    }
    bad(corpus, "es256-s-unreduced", &["S28"])
        .about("s plus the order, when it still fits 32 bytes, else the order's top half")
        .token(token.with_signature(joined(&r, &((&low + &order) & ((&one << 256) - &one)))));
    let signature = p256::ecdsa::Signature::from_slice(&good).expect("a signature");
    bad(corpus, "es256-der", &["S28"]).token(token.with_signature(signature.to_der().as_bytes()));
    bad(corpus, "es256-96-bytes", &["S28"])
        .token(token.with_signature([&[0; 16][..], &good[..32], &[0; 16], &good[32..]].concat()));
    bad(corpus, "es384-by-es256", &["S28", "S5"])
        .keys("bare")
        .token(Token::new("ec384", "ES384").signed_by("ec", "ES256").mint());
    let other_hash = p256_digest(&Sha512::digest(token.input()));
    bad(corpus, "es256-sha512", &["S28", "S5"])
        .about("the right key, the digest of another algorithm")
        .token(token.with_signature(other_hash));
    for (alg, key) in [("ES384", "ec384"), ("ES512", "ec521")] {
        let token = Token::new(key, alg);
        let length = sign(key, alg, b"").len();
        for (name, byte) in [("zero", 0), ("ones", 0xff)] {
            let case = bad(corpus, &format!("{alg}-{name}"), &["S28"]);
            case.keys("bare").token(token.with_signature(vec![byte; length]));
            if alg == "ES512" {
                case.needs(alg);
            }
        }
    }
}

/// ECDSA over a digest that is not the algorithm's.
fn p256_digest(digest: &[u8]) -> Vec<u8> {
    use p256::ecdsa::signature::hazmat::PrehashSigner;
    let signature: p256::ecdsa::Signature =
        p256("ec").sign_prehash(digest).expect("a digest of 64 bytes");
    signature.to_bytes().to_vec()
}

fn rsa_encodings(corpus: &mut Corpus) {
    let key = rsa("rsa");
    let token = Token::new("rsa", "RS256");
    let message = token.input().into_bytes();
    let info = Hash::Sha256.digest_info(&message);
    let length = key.bytes();
    let digest = Hash::Sha256.of(&message);
    // DigestInfo without the NULL parameters.
    let without_null = [&[0x30, 47, 0x30, 11][..], &info[4..15], &[4, 32], &digest].concat();
    let mut trailing = pkcs1(&info, length - 4, 1, 0xff);
    trailing.extend([0xde, 0xad, 0xbe, 0xef]);
    let mut short_fill = vec![0, 1];
    short_fill.extend([0xff; 8]);
    short_fill.push(0);
    short_fill.extend(&info);
    short_fill.resize(length, 0xaa);
    let mut hole = pkcs1(&info, length, 1, 0xff);
    hole[40] = 0xfe;
    let mut no_separator = pkcs1(&info, length, 1, 0xff);
    no_separator[length - info.len() - 1] = 0xff;
    for (name, encoded) in [
        ("type-2", pkcs1(&info, length, 2, 0xaa)),
        ("type-0", pkcs1(&info, length, 0, 0)),
        ("fill-zero", pkcs1(&info, length, 1, 0)),
        ("fill-hole", hole),
        ("fill-short", short_fill),
        ("trailing-bytes", trailing),
        ("no-separator", no_separator),
        ("bare-digest", pkcs1(&digest, length, 1, 0xff)),
        ("no-null", pkcs1(&without_null, length, 1, 0xff)),
        ("sha512-info", pkcs1(&Hash::Sha512.digest_info(&message), length, 1, 0xff)),
        ("sha384-info", pkcs1(&Hash::Sha384.digest_info(&message), length, 1, 0xff)),
    ] {
        bad(corpus, &format!("rs256-{name}"), &["S31"])
            .token(token.with_signature(key.sign_encoded(&encoded)));
    }
    let signature = BigUint::from_bytes_be(&key.sign_pkcs1(Hash::Sha256, &message));
    bad(corpus, "rs256-negated", &["S31"])
        .token(token.with_signature(left_padded(&(key.modulus() - &signature), length)));
    for (name, value) in [
        ("zero", BigUint::from(0_u8)),
        ("one", BigUint::from(1_u8)),
        ("modulus", key.modulus()),
        ("modulus-minus-one", key.modulus() - 1_u8),
        ("encoded-message-itself", BigUint::from_bytes_be(&pkcs1(&info, length, 1, 0xff))),
    ] {
        bad(corpus, &format!("rs256-{name}"), &["S31"])
            .token(token.with_signature(left_padded(&value, length)));
    }
    forged_cube_root(corpus);
}

/// With exponent 3 a cube root whose cube begins like a signature needs no private key (Bleichenbacher, 2006).
fn forged_cube_root(corpus: &mut Corpus) {
    corpus.keys("rsa-e3", &[super::keys::published("rsa-e3", "RS256")]);
    let token = Token::new("rsa-e3", "RS256");
    corpus
        .case("signature/rs256-exponent-3", &["S31", "S33"], "accepted")
        .about("RFC 8017 allows exponent 3")
        .keys("rsa-e3")
        .token(token.mint());
    let info = Hash::Sha256.digest_info(token.input().as_bytes());
    let mut target = vec![0, 1];
    target.extend([0xff; 8]);
    target.push(0);
    target.extend(info);
    target.resize(256, 0xff);
    let root = BigUint::from_bytes_be(&target).cbrt();
    bad(corpus, "rs256-cube-root", &["S31"])
        .about("its cube begins with a right encoding and ends in garbage")
        .keys("rsa-e3")
        .token(token.with_signature(left_padded(&root, 256)));
}

fn pss(corpus: &mut Corpus) {
    let key = rsa("rsa");
    let token = Token::new("rsa", "PS256");
    let message = token.input().into_bytes();
    for (name, signature) in [
        ("no-salt", key.sign_pss(Hash::Sha256, &message, 0)),
        ("salt-20", key.sign_pss(Hash::Sha256, &message, 20)),
        ("salt-31", key.sign_pss(Hash::Sha256, &message, 31)),
        ("salt-33", key.sign_pss(Hash::Sha256, &message, 33)),
        ("salt-maximal", key.sign_pss(Hash::Sha256, &message, 222)),
        ("mask-sha512", key.sign_pss_with(Hash::Sha256, Hash::Sha512, &message, 32)),
        ("sha384", key.sign_pss(Hash::Sha384, &message, 48)),
    ] {
        bad(corpus, &format!("ps256-{name}"), &["S31"])
            .keys("bare")
            .token(token.with_signature(signature));
    }
}

/// The order of Ed25519's base point (RFC 8032, section 5.1).
const EDWARDS_ORDER: &str = "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed";

fn edwards(corpus: &mut Corpus) {
    let token = Token::new("ed", "EdDSA");
    let good = sign("ed", "EdDSA", token.input().as_bytes());
    let s = BigUint::from_bytes_le(&good[32..]);
    let mut larger = (s + hex(EDWARDS_ORDER)).to_bytes_le();
    larger.resize(32, 0);
    bad(corpus, "eddsa-s-unreduced", &["S28", "S30"])
        .keys("bare")
        .token(token.with_signature([&good[..32], &larger].concat()));
    bad(corpus, "eddsa-halves-swapped", &["S28"])
        .keys("bare")
        .token(token.with_signature([&good[32..], &good[..32]].concat()));
    // The signature that a signer makes who takes the public key from its caller (RUSTSEC-2022-0093).
    let secret = ed("ed");
    let expanded = ed25519_dalek::hazmat::ExpandedSecretKey::from(&secret.to_bytes());
    let oracle = ed25519_dalek::hazmat::raw_sign::<Sha512>(
        &expanded,
        token.input().as_bytes(),
        &ed("ed-other").verifying_key(),
    );
    bad(corpus, "eddsa-two-public-keys", &["S29"])
        .about("made with a public key that is not the private key's own")
        .keys("bare")
        .token(token.with_signature(oracle.to_bytes()));
    corpus.case("signature/eddsa-control", &["S29"], "accepted").keys("bare").token(token.mint());
    // Small-order public keys verify anything when R and s are chosen to fit.
    let identity = [&[1_u8][..], &[0; 31]].concat();
    let small: [(&str, Vec<u8>); 3] = [
        ("identity", identity.clone()),
        (
            "order-2",
            hex("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec").to_bytes_le(),
        ),
        ("order-4", vec![0; 32]),
    ];
    for (name, point) in small {
        let set = format!("ed25519-{name}");
        let key = super::keys::jwk("ed").text("x", &base64url(&point));
        corpus.keys(&set, &[key]);
        corpus
            .case(&format!("signature/eddsa-key-of-{name}"), &["S33"], "key_rejected")
            .keys(&set)
            .token(token.with_signature([&identity[..], &[0; 32]].concat()));
    }
    bad(corpus, "eddsa-small-order-r", &["S28", "S33"])
        .keys("bare")
        .token(token.with_signature([&identity[..], &good[32..]].concat()));
}
