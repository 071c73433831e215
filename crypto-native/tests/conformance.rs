//! One suite for every provider: the same answers, whoever computes.

use std::sync::OnceLock;
use workload_identity_core::Code;
use workload_identity_core::crypto::{Provider, RustCrypto, Signer};
use workload_identity_core::jose::{Algorithm, Curve, Jwk, PublicKey};
use workload_identity_crypto_native::{AwsLc, EcSigner, RsaSigner};

const MESSAGE: &[u8] = b"header.payload";

/// One signer per algorithm. RSA keys of different sizes, one of them shared by two algorithms.
fn signers() -> &'static [Box<dyn Signer>] {
    static SIGNERS: OnceLock<Vec<Box<dyn Signer>>> = OnceLock::new();
    SIGNERS.get_or_init(|| {
        let rsa = |bits, algorithm| {
            let signer = RsaSigner::generate(bits).and_then(|key| key.with_algorithm(algorithm));
            Box::new(signer.expect("an RSA key")) as Box<dyn Signer>
        };
        let ec =
            |curve| Box::new(EcSigner::generate_on(curve).expect("an EC key")) as Box<dyn Signer>;
        vec![
            rsa(2048, Algorithm::Rs256),
            rsa(2048, Algorithm::Rs384),
            rsa(3072, Algorithm::Rs512),
            rsa(2048, Algorithm::Ps256),
            rsa(2048, Algorithm::Ps384),
            rsa(2048, Algorithm::Ps512),
            ec(Curve::P256),
            ec(Curve::P384),
        ]
    })
}

fn public(signer: &dyn Signer) -> Jwk {
    Jwk::parse(signer.public_jwk().as_bytes()).expect("a signer's own key")
}

/// The same numbers without `alg`, so that only the provider stands between key and algorithm.
fn unbound(key: &Jwk) -> Jwk {
    Jwk::new(key.key(), key.key_id(), None).expect("a checked key")
}

fn conformance(provider: &dyn Provider) {
    round_trips(provider);
    changed_input_and_signatures(provider);
    keys_and_algorithms_do_not_mix(provider);
    lengths(provider);
    halves_out_of_range(provider);
    points_off_the_curve(provider);
    signing_with_small_exponent_is_no_shortcut(provider);
}

fn round_trips(provider: &dyn Provider) {
    for signer in signers() {
        for message in [MESSAGE, b"", &[0; 10_000]] {
            let signature = signer.sign(message).expect("a signature");
            // Twice: the second time with the key prepared.
            for _ in 0..2 {
                provider
                    .verify(signer.algorithm(), &public(&**signer), message, &signature)
                    .unwrap_or_else(|error| panic!("{}: {error}", signer.algorithm().name()));
            }
        }
    }
}

fn refuse(
    provider: &dyn Provider,
    algorithm: Algorithm,
    key: &Jwk,
    message: &[u8],
    signature: &[u8],
    code: Code,
) {
    let error = provider
        .verify(algorithm, key, message, signature)
        .expect_err("a signature that must not verify");
    assert_eq!(error.code, code, "{}", algorithm.name());
}

fn changed_input_and_signatures(provider: &dyn Provider) {
    for signer in signers() {
        let (algorithm, key) = (signer.algorithm(), public(&**signer));
        let signature = signer.sign(MESSAGE).expect("a signature");
        for message in [&b"header.payloae"[..], b"header.payload ", b""] {
            refuse(provider, algorithm, &key, message, &signature, Code::SignatureInvalid);
        }
        for at in [0, 1, signature.len() / 2, signature.len() - 1] {
            let mut changed = signature.clone();
            changed[at] ^= 0x40;
            refuse(provider, algorithm, &key, MESSAGE, &changed, Code::SignatureInvalid);
        }
    }
}

fn keys_and_algorithms_do_not_mix(provider: &dyn Provider) {
    for signer in signers() {
        let signature = signer.sign(MESSAGE).expect("a signature");
        let bound = public(&**signer);
        for algorithm in Algorithm::ALL.iter().copied().filter(|a| *a != signer.algorithm()) {
            refuse(provider, algorithm, &bound, MESSAGE, &signature, Code::KeyRejected);
            let free = unbound(&bound);
            let code =
                if free.fits(algorithm) { Code::SignatureInvalid } else { Code::KeyRejected };
            refuse(provider, algorithm, &free, MESSAGE, &signature, code);
        }
        for other in signers().iter().filter(|other| other.key_id() != signer.key_id()) {
            let free = unbound(&public(&**other));
            let code = if free.fits(signer.algorithm()) {
                Code::SignatureInvalid
            } else {
                Code::KeyRejected
            };
            refuse(provider, signer.algorithm(), &free, MESSAGE, &signature, code);
        }
    }
}

fn lengths(provider: &dyn Provider) {
    for signer in signers() {
        let (algorithm, key) = (signer.algorithm(), public(&**signer));
        let signature = signer.sign(MESSAGE).expect("a signature");
        let longer = [&signature[..], &[0]].concat();
        let shifted = [&[0], &signature[..]].concat();
        for wrong in
            [&[][..], &signature[1..], &signature[..signature.len() - 1], &longer, &shifted]
        {
            refuse(provider, algorithm, &key, MESSAGE, wrong, Code::SignatureInvalid);
        }
    }
}

fn halves_out_of_range(provider: &dyn Provider) {
    for signer in signers() {
        let key = public(&**signer);
        let PublicKey::Ec { curve, .. } = key.key() else { continue };
        let signature = signer.sign(MESSAGE).expect("a signature");
        let (r, s) = signature.split_at(curve.field_bytes());
        let zero = vec![0; curve.field_bytes()];
        let order = curve.order().to_vec();
        for wrong in [&zero, &order, &vec![0xff; curve.field_bytes()]] {
            for signature in
                [[wrong, s].concat(), [r, wrong].concat(), [&wrong[..], wrong].concat()]
            {
                refuse(
                    provider,
                    signer.algorithm(),
                    &key,
                    MESSAGE,
                    &signature,
                    Code::SignatureInvalid,
                );
            }
        }
    }
}

fn points_off_the_curve(provider: &dyn Provider) {
    for (curve, algorithm) in [(Curve::P256, Algorithm::Es256), (Curve::P384, Algorithm::Es384)] {
        let length = curve.field_bytes();
        for fill in [0, 1, 0x7f] {
            let key = PublicKey::Ec { curve, x: vec![fill; length], y: vec![fill; length] };
            let key = Jwk::new(&key, None, None).expect("the form is right");
            refuse(provider, algorithm, &key, MESSAGE, &vec![1; 2 * length], Code::KeyRejected);
        }
    }
}

/// With e = 3 a forger needs a cube root only if padding is checked loosely (CVE-2006-4339).
fn signing_with_small_exponent_is_no_shortcut(provider: &dyn Provider) {
    let mut modulus = vec![0xff; 256];
    modulus[255] = 0xfd;
    let key = PublicKey::Rsa { modulus, exponent: vec![3] };
    let key = Jwk::new(&key, None, None).expect("e = 3 is allowed");
    for fill in [0, 1, 2, 0xff] {
        let mut signature = vec![0; 256];
        signature[255] = fill;
        refuse(provider, Algorithm::Rs256, &key, MESSAGE, &signature, Code::SignatureInvalid);
    }
}

#[test]
fn aws_lc_conforms() {
    conformance(&AwsLc);
}

#[test]
fn rustcrypto_conforms() {
    conformance(&RustCrypto);
}
