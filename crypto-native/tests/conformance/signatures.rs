//! One signer per algorithm, shared by the suite.

use aws_lc_rs::signature::{
    KeyPair as _, ML_DSA_44_SIGNING, ML_DSA_65_SIGNING, ML_DSA_87_SIGNING, PqdsaKeyPair,
};
use std::sync::OnceLock;
use workload_identity_core::Error;
use workload_identity_core::crypto::Signer;
use workload_identity_core::jose::{Algorithm, Curve, Jwk, PublicKey};
use workload_identity_crypto_native::AwsLcSigner;

/// What is signed.
pub(crate) const MESSAGE: &[u8] = b"header.payload";

/// One signer per algorithm; RSA keys of different sizes.
pub(crate) fn signers() -> &'static [Box<dyn Signer>] {
    static SIGNERS: OnceLock<Vec<Box<dyn Signer>>> = OnceLock::new();
    SIGNERS.get_or_init(|| Algorithm::ALL.iter().copied().map(signer).collect())
}

fn signer(algorithm: Algorithm) -> Box<dyn Signer> {
    let ec =
        |curve| Box::new(AwsLcSigner::generate_ec(curve).expect("an EC key")) as Box<dyn Signer>;
    match algorithm {
        Algorithm::Es256 => ec(Curve::P256),
        Algorithm::Es384 => ec(Curve::P384),
        Algorithm::Es512 => ec(Curve::P521),
        Algorithm::Ed25519 => Box::new(AwsLcSigner::generate_ed25519().expect("an Ed25519 key")),
        Algorithm::MlDsa44 | Algorithm::MlDsa65 | Algorithm::MlDsa87 => {
            Box::new(MlDsaSigner::generate(algorithm))
        }
        _ => {
            let bits = if algorithm == Algorithm::Rs512 { 3072 } else { 2048 };
            let signer =
                AwsLcSigner::generate_rsa(bits).and_then(|key| key.with_algorithm(algorithm));
            Box::new(signer.expect("an RSA key"))
        }
    }
}

/// The public key of a signer.
pub(crate) fn public(signer: &dyn Signer) -> Jwk {
    Jwk::parse(signer.public_jwk().as_bytes()).expect("a signer's own key")
}

/// The same numbers without `alg`, so that only the provider stands between key and algorithm.
pub(crate) fn unbound(key: &Jwk) -> Jwk {
    Jwk::new(key.key(), key.key_id(), None)
        .or_else(|_| Jwk::new(key.key(), key.key_id(), key.algorithm()))
        .expect("a checked key")
}

/// ML-DSA signs only here: assertions with it are not offered.
struct MlDsaSigner {
    pair: PqdsaKeyPair,
    public: Jwk,
}

impl MlDsaSigner {
    fn generate(algorithm: Algorithm) -> Self {
        let parameters = match algorithm {
            Algorithm::MlDsa44 => &ML_DSA_44_SIGNING,
            Algorithm::MlDsa65 => &ML_DSA_65_SIGNING,
            _ => &ML_DSA_87_SIGNING,
        };
        let pair = PqdsaKeyPair::generate(parameters).expect("an ML-DSA key");
        let public = PublicKey::Akp { algorithm, public: pair.public_key().as_ref().to_vec() };
        let public = Jwk::new(&public, None, Some(algorithm)).expect("a public key");
        Self { pair, public: public.named_by_thumbprint() }
    }
}

impl Signer for MlDsaSigner {
    fn algorithm(&self) -> Algorithm {
        self.public.algorithm().expect("an AKP key names its algorithm")
    }

    fn key_id(&self) -> &str {
        self.public.key_id().unwrap_or_default()
    }

    fn public_jwk(&self) -> String {
        self.public.to_json()
    }

    fn sign(&self, input: &[u8]) -> Result<Vec<u8>, Error> {
        let mut signature = vec![0; self.pair.algorithm().signature_len()];
        self.pair.sign(input, &mut signature).expect("a signature");
        Ok(signature)
    }
}
