//! Key sets with weak, wrong, private, contradictory, repeated and malformed keys.

use super::keys::{jwk, published, rsa};
use super::members::{base64url, quoted};
use super::rsa::{integer, left_padded, pkcs1};
use super::{Corpus, Members, Token};
use num_bigint::BigUint;
use serde_json::json;

pub(super) fn add(corpus: &mut Corpus) {
    corpus.keys("none", &[]);
    corpus.keys("only-rsa", &[published("rsa", "RS256")]);
    corpus.keys("two-ec", &[published("ec", "ES256"), published("ec-other", "ES256")]);
    corpus
        .case("keys/empty-set", &["S3"], "no_matching_key")
        .keys("none")
        .token(Token::es256().mint());
    weak_rsa(corpus);
    curves(corpus);
    purposes(corpus);
    private(corpus);
    siblings(corpus);
    repeated(corpus);
    extras(corpus);
    super::key_documents::add(corpus);
}

/// The key alone in a set, and a token it signed.
fn expect<'c>(
    corpus: &'c mut Corpus,
    name: &str,
    covers: &[&str],
    code: &str,
    key: &Members,
    token: &str,
) -> &'c mut super::Case {
    let set = format!("key-{name}");
    corpus.keys(&set, std::slice::from_ref(key));
    corpus.case(&format!("keys/{name}"), covers, code).keys(&set).token(token)
}

fn weak_rsa(corpus: &mut Corpus) {
    for (key, code) in [
        ("rsa-1024", "key_rejected"),
        ("rsa-2047", "key_rejected"),
        ("rsa-roca", "key_rejected"),
        ("rsa-3072", "accepted"),
        ("rsa-4096", "accepted"),
    ] {
        let token = Token::new(key, "RS256").mint();
        expect(corpus, key, &["S33"], code, &published(key, "RS256"), &token);
    }
    for (name, key, code) in [
        ("1024-allowed", "rsa-1024", "accepted"),
        ("2047-allowed", "rsa-2047", "accepted"),
        ("roca-still-refused", "rsa-roca", "key_rejected"),
    ] {
        corpus
            .case(&format!("keys/rsa-{name}"), &["S33"], code)
            .keys(&format!("key-{key}"))
            .options(json!({ "dangerously_allow_rsa_1024": true }))
            .token(Token::new(key, "RS256").mint());
    }
    corpus.keys("rsa-1024-any", &[jwk("rsa-1024")]);
    for alg in ["RS512", "PS256"] {
        corpus
            .case(&format!("keys/rsa-1024-allowed-{alg}"), &["S33", "S5"], "key_rejected")
            .about("the exception is for old RS256 keys only")
            .keys("rsa-1024-any")
            .options(json!({ "dangerously_allow_rsa_1024": true }))
            .token(Token::new("rsa-1024", alg).mint());
    }
    let main = rsa("rsa");
    let (n, one) = (main.modulus(), BigUint::from(1_u8));
    let token = Token::new("rsa", "RS256").mint();
    let with = |member: &str, value: &str| published("rsa", "RS256").text(member, value);
    for (name, key) in [
        ("modulus-even", with("n", &integer(&(&n - &one)))),
        ("modulus-1023", with("n", &integer(&((&one << 1023) - &one)))),
        ("modulus-8193", with("n", &integer(&((&one << 8193) - &one)))),
        ("modulus-16384", with("n", &integer(&((&one << 16_384) - &one)))),
        ("modulus-empty", with("n", "")),
        ("modulus-zero", with("n", "AA")),
        ("modulus-padded", with("n", &format!("{}==", main.n))),
        ("modulus-decimal", with("n", "65537")),
        ("modulus-missing", published("rsa", "RS256").without("n")),
        ("modulus-number", published("rsa", "RS256").raw("n", "65537")),
        ("modulus-list", published("rsa", "RS256").raw("n", &format!("[{}]", quoted(&main.n)))),
        ("exponent-0", with("e", "AA")),
        ("exponent-2", with("e", "Ag")),
        ("exponent-even", with("e", "AQAA")),
        ("exponent-huge", with("e", &integer(&((&one << 64) - &one)))),
        ("exponent-as-long-as-the-modulus", with("e", &integer(&(&n - (&one << 1))))),
        ("exponent-missing", published("rsa", "RS256").without("e")),
        ("exponent-number", published("rsa", "RS256").raw("e", "65537")),
    ] {
        expect(corpus, name, &["S33"], "key_rejected", &key, &token);
    }
    let zeros = base64url(left_padded(&n, 257));
    for (name, key, code) in [
        ("modulus-leading-zero", with("n", &zeros), "accepted"),
        ("modulus-leading-zeros", with("n", &base64url(left_padded(&n, 320))), "accepted"),
        ("modulus-leading-zero-padded", with("n", &format!("{zeros}=")), "key_rejected"),
        ("modulus-only-zeros", with("n", &base64url([0; 256])), "key_rejected"),
        ("exponent-leading-zero", with("e", "AAEAAQ"), "accepted"),
        ("exponent-leading-zero-even", with("e", "AAEAAA"), "key_rejected"),
    ] {
        expect(corpus, name, &["S33"], code, &key, &token)
            .about("some issuers publish integers with leading zero octets");
    }
    for (name, first, second, code) in [
        ("once-with-a-zero", main.n.clone(), zeros.clone(), "accepted"),
        ("once-with-a-zero-first", zeros.clone(), main.n.clone(), "accepted"),
        ("another-with-a-zero", zeros.clone(), rsa("rsa-other").n.clone(), "ambiguous_key"),
    ] {
        let set = format!("repeated-{name}");
        corpus.keys(&set, &[with("n", &first), with("n", &second)]);
        corpus.case(&format!("keys/repeated-{name}"), &["S5"], code).keys(&set).token(&token);
    }
    let forged = Token::new("rsa", "RS256");
    let info = super::rsa::Hash::Sha256.digest_info(forged.input().as_bytes());
    let encoded = forged.with_signature(pkcs1(&info, 256, 1, 0xff));
    let key = with("e", "AQ");
    corpus.keys("key-exponent-1", std::slice::from_ref(&key));
    corpus
        .case("keys/exponent-1", &["S33"], "key_rejected")
        .about("with exponent 1 the encoded message is its own signature")
        .keys("key-exponent-1")
        .token(encoded);
}

fn curves(corpus: &mut Corpus) {
    let good = published("ec", "ES256");
    let point = super::keys::p256("ec").verifying_key().to_sec1_point(false);
    let (x, y) = point.as_bytes()[1..].split_at(32);
    let mut off = y.to_vec();
    off[31] ^= 1;
    let zero = base64url([0; 32]);
    let prime = base64url([&[0xff; 4][..], &[0, 0, 0, 1], &[0; 12], &[0xff; 12]].concat());
    let token = Token::es256().mint();
    for (name, key) in [
        ("point-off-curve", good.clone().text("y", &base64url(&off))),
        ("point-zero", good.clone().text("x", &zero).text("y", &zero)),
        ("point-x-is-the-prime", good.clone().text("x", &prime)),
        ("coordinate-short", good.clone().text("x", &base64url(&x[1..]))),
        ("coordinate-long", good.clone().text("x", &base64url([&[0], x].concat()))),
        ("coordinate-empty", good.clone().text("y", "")),
        ("coordinate-missing", good.clone().without("y")),
        ("coordinate-number", good.clone().raw("y", "1")),
        (
            "coordinate-standard-alphabet",
            good.clone().text("x", &format!("{}+/", &base64url(x)[..41])),
        ),
        ("coordinates-swapped", good.clone().text("x", &base64url(y)).text("y", &base64url(x))),
        ("curve-of-another-length", good.clone().text("crv", "P-384").text("alg", "ES384")),
        ("curve-unknown", good.clone().text("crv", "P-512")),
        ("curve-lower-case", good.clone().text("crv", "p-256")),
        ("curve-missing", good.clone().without("crv")),
        ("curve-null", good.clone().raw("crv", "null")),
        ("kind-lower-case", good.clone().text("kty", "ec")),
        ("kind-missing", good.clone().without("kty")),
        ("kind-null", good.clone().raw("kty", "null")),
        ("kind-other", good.clone().text("kty", "RSA")),
        ("kind-unknown", good.clone().text("kty", "LATTICE")),
    ] {
        let case = expect(corpus, name, &["S33"], "key_rejected", &key, &token);
        // Whether a point lies on its curve is for those who compute with it.
        if matches!(name, "point-off-curve" | "point-zero" | "coordinates-swapped") {
            case.by_host("signature_invalid");
        }
    }
    let ed = published("ed", "EdDSA");
    let minted = Token::new("ed", "EdDSA").mint();
    for (name, key, code) in [
        ("ed25519-short", ed.clone().text("x", &base64url([9; 31])), "key_rejected"),
        ("ed25519-long", ed.clone().text("x", &base64url([9; 33])), "key_rejected"),
        ("ed25519-not-a-point", ed.clone().text("x", &base64url([0xff; 32])), "key_rejected"),
        ("ed448", ed.clone().text("crv", "Ed448"), "key_rejected"),
        ("x25519", ed.clone().text("crv", "X25519"), "key_rejected"),
        ("ed25519-other-name", ed.clone().text("alg", "Ed25519"), "key_rejected"),
    ] {
        expect(corpus, name, &["S33", "S5"], code, &key, &minted);
    }
}

fn purposes(corpus: &mut Corpus) {
    let bare = jwk("ec");
    let token = Token::es256().mint();
    for (name, key, code) in [
        ("use-absent", bare.clone(), "accepted"),
        ("use-sig", bare.clone().text("use", "sig"), "accepted"),
        ("use-enc", bare.clone().text("use", "enc"), "key_rejected"),
        ("use-upper-case", bare.clone().text("use", "SIG"), "key_rejected"),
        ("use-empty", bare.clone().text("use", ""), "key_rejected"),
        ("use-jwt-svid", bare.clone().text("use", "jwt-svid"), "key_rejected"),
        ("use-list", bare.clone().raw("use", r#"["sig"]"#), "key_rejected"),
        ("ops-verify", bare.clone().raw("key_ops", r#"["verify"]"#), "accepted"),
        ("ops-sign", bare.clone().raw("key_ops", r#"["sign"]"#), "key_rejected"),
        ("ops-empty", bare.clone().raw("key_ops", "[]"), "key_rejected"),
        ("ops-twice", bare.clone().raw("key_ops", r#"["verify","verify"]"#), "key_rejected"),
        ("ops-text", bare.clone().raw("key_ops", r#""verify""#), "key_rejected"),
        ("ops-number", bare.clone().raw("key_ops", r#"["verify",1]"#), "key_rejected"),
        (
            "ops-against-use",
            bare.clone().text("use", "sig").raw("key_ops", r#"["verify","encrypt"]"#),
            "key_rejected",
        ),
        ("alg-absent", bare.clone(), "accepted"),
        ("alg-other", bare.clone().text("alg", "ES384"), "key_rejected"),
        ("alg-of-another-kind", bare.clone().text("alg", "RS256"), "key_rejected"),
        ("alg-none", bare.clone().text("alg", "none"), "key_rejected"),
        ("alg-hs256", bare.clone().text("alg", "HS256"), "key_rejected"),
        ("alg-lower-case", bare.clone().text("alg", "es256"), "key_rejected"),
        ("alg-number", bare.clone().raw("alg", "256"), "key_rejected"),
        ("alg-null", bare.clone().raw("alg", "null"), "accepted"),
        ("use-null", bare.clone().raw("use", "null"), "accepted"),
        ("ops-null", bare.clone().raw("key_ops", "null"), "accepted"),
        ("x5c-null", bare.clone().raw("x5c", "null").raw("x5t", "null"), "accepted"),
        ("kid-null", bare.clone().raw("kid", "null"), "no_matching_key"),
        ("kid-number", bare.clone().raw("kid", "1"), "no_matching_key"),
        ("kid-absent", bare.clone().without("kid"), "no_matching_key"),
    ] {
        let covers: &[&str] = if name.starts_with("alg") { &["S5", "S6"] } else { &["S33", "S5"] };
        expect(corpus, name, covers, code, &key, &token);
    }
    let unnamed = Token::es256().header(|header| header.without("kid")).mint();
    corpus
        .case("keys/kid-absent-on-both-sides", &["S5"], "accepted")
        .keys("key-kid-absent")
        .token(unnamed);
    for alg in ["RS256", "PS256"] {
        expect(
            corpus,
            &format!("alg-absent-{alg}"),
            &["S5"],
            "accepted",
            &jwk("rsa").text("use", "sig"),
            &Token::new("rsa", alg).mint(),
        );
    }
}

fn private(corpus: &mut Corpus) {
    let rsa_token = Token::new("rsa", "RS256").mint();
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        let key = published("rsa", "RS256").text(member, "AQAB");
        let name = format!("private-rsa-{member}");
        expect(corpus, &name, &["S31", "S33"], "key_rejected", &key, &rsa_token);
    }
    let key = published("rsa", "RS256").text("d", &rsa("rsa").d);
    expect(corpus, "private-rsa-real", &["S31", "S33"], "key_rejected", &key, &rsa_token);
    let key = published("ec", "ES256").text("d", &base64url([7; 32]));
    expect(corpus, "private-ec", &["S29", "S33"], "key_rejected", &key, &Token::es256().mint());
    let key = published("ed", "EdDSA").text("d", &base64url(super::keys::ed("ed").to_bytes()));
    let token = Token::new("ed", "EdDSA").mint();
    expect(corpus, "private-ed25519", &["S29", "S33"], "key_rejected", &key, &token);
    let key = published("ec", "ES256").raw("d", "null");
    expect(corpus, "private-null", &["S33"], "accepted", &key, &Token::es256().mint())
        .about("a member that is null is absent");
}

/// One bad key must not spoil the set (GHSA-w6j9-cwv2-h6wq), and is not used either.
fn siblings(corpus: &mut Corpus) {
    let akp = Members::default()
        .text("kty", "AKP")
        .text("alg", "ML-DSA-44")
        .text("pub", &base64url(vec![1; 1312]))
        .text("kid", "akp");
    let bad: [(&str, Members); 12] = [
        ("empty", Members::default()),
        ("unknown-kind", Members::default().text("kty", "future").text("kid", "f")),
        ("null-members", Members::default().raw("kty", "null").raw("kid", "null")),
        ("oct", Members::default().text("kty", "oct").text("k", "AAAA")),
        ("post-quantum", akp),
        ("weak-rsa", published("rsa-1024", "RS256")),
        ("off-curve", jwk("ec-other").text("y", &base64url([1; 32]))),
        ("secp256k1", jwk("k256")),
        ("private", jwk("ec-other").text("d", &base64url([7; 32]))),
        ("for-encryption", jwk("rsa-other").text("use", "enc").text("alg", "RSA-OAEP-256")),
        ("not-base64", jwk("rsa-other").text("n", "***")),
        ("nested", Members::default().raw("kty", r#"{"kty":{"kty":[]}}"#)),
    ];
    for (name, sibling) in &bad {
        let set = format!("sibling-{name}");
        corpus.keys(&set, &[sibling.clone(), published("ec", "ES256")]);
        corpus
            .case(&format!("keys/sibling-{name}"), &["S24", "S26"], "accepted")
            .keys(&set)
            .token(Token::es256().mint());
    }
    corpus
        .case("keys/sibling-weak-rsa-named", &["S33"], "key_rejected")
        .keys("sibling-weak-rsa")
        .token(Token::new("rsa-1024", "RS256").mint());
}

fn repeated(corpus: &mut Corpus) {
    let token = Token::es256().mint();
    let same = |name: &str| jwk(name).text("kid", "ec").text("use", "sig");
    for (name, keys, code) in [
        ("same-kind", vec![same("ec"), same("ec-other")], "ambiguous_key"),
        ("same-kind-other-first", vec![same("ec-other"), same("ec")], "ambiguous_key"),
        ("same-key-twice", vec![same("ec"), same("ec")], "accepted"),
        (
            "same-key-twice-and-another",
            vec![same("ec"), same("ec"), same("ec-other")],
            "ambiguous_key",
        ),
        ("other-kind", vec![same("rsa"), same("ec")], "accepted"),
        ("other-curve", vec![same("ec384"), same("ec")], "accepted"),
        ("other-algorithm", vec![same("rsa").text("alg", "RS512"), same("ec")], "accepted"),
        ("other-use", vec![same("ec-other").text("use", "enc"), same("ec")], "accepted"),
        ("one-unusable", vec![same("ec-other").text("x", "AA"), same("ec")], "accepted"),
    ] {
        let set = format!("repeated-{name}");
        corpus.keys(&set, &keys);
        corpus.case(&format!("keys/repeated-{name}"), &["S5"], code).keys(&set).token(&token);
    }
    let by_algorithm = [published("rsa", "RS256"), published("rsa", "PS256")];
    corpus.keys("repeated-per-algorithm", &by_algorithm);
    for alg in ["RS256", "PS256"] {
        corpus
            .case(&format!("keys/repeated-per-algorithm-{alg}"), &["S5"], "accepted")
            .about("the same key twice, once for each algorithm")
            .keys("repeated-per-algorithm")
            .token(Token::new("rsa", alg).mint());
    }
}

/// Members that have no say.
fn extras(corpus: &mut Corpus) {
    let token = Token::es256().mint();
    for (name, key) in [
        ("x5c-of-another-key", published("ec", "ES256").raw("x5c", r#"["MIIBIjANBgkq"]"#)),
        ("x5c-text", published("ec", "ES256").text("x5c", "MIIBIjANBgkq")),
        ("x5u", published("ec", "ES256").text("x5u", "https://attacker.example/c")),
        ("ext-false", published("ec", "ES256").raw("ext", "false")),
        ("ext-text", published("ec", "ES256").text("ext", "no")),
        ("unknown-members", published("ec", "ES256").raw("exp", "1").raw("revoked", "{}")),
        ("foreign-issuer-member", published("ec", "ES256").text("issuer", "https://other.example")),
    ] {
        expect(corpus, name, &["S4", "S26"], "accepted", &key, &token);
    }
}
