//! The result of all providers, reached through the import of a key set as for a token.

use workload_identity_core::Code;
use workload_identity_core::crypto::{KeySet, Provider, RustCrypto};
use workload_identity_core::jose::{Algorithm, Jwk, Jwks, KeyRules};
use workload_identity_crypto_native::AwsLc;

/// Every provider that verifies by itself.
pub(crate) const PROVIDERS: [(&str, &dyn Provider); 2] =
    [("aws-lc-rs", &AwsLc), ("RustCrypto", &RustCrypto)];

/// A key as every provider prepared it.
pub(crate) struct Key(Vec<(&'static str, KeySet)>);

impl Key {
    /// Imports a JWK document.
    pub(crate) fn import(jwk: &str) -> Self {
        Self::import_with(jwk, KeyRules::default())
    }

    /// Imports a JWK document under other rules.
    pub(crate) fn import_with(jwk: &str, rules: KeyRules) -> Self {
        let document = format!(r#"{{"keys":[{jwk}]}}"#);
        let set = Jwks::parse_with(document.as_bytes(), rules).expect("a key set");
        assert_eq!(set.keys().len() + set.unusable().len(), 1);
        Self(PROVIDERS.map(|(name, provider)| (name, KeySet::import(set.clone(), provider))).into())
    }

    /// Imports a key that was read already.
    pub(crate) fn of(jwk: &Jwk) -> Self {
        Self::import(&jwk.to_json())
    }

    /// Returns whether the key can be used; all providers have to agree.
    pub(crate) fn is_usable(&self) -> bool {
        agreed(self.0.iter().map(|(name, set)| (*name, set.jwks().keys().len() == 1)))
    }

    /// Verifies a signature with every provider; all have to agree. An unusable key gives its own error.
    pub(crate) fn verify(
        &self,
        algorithm: Algorithm,
        input: &[u8],
        signature: &[u8],
    ) -> Result<(), Code> {
        agreed(self.0.iter().map(|(name, set)| {
            let result = match set.jwks().unusable().first() {
                Some(unusable) => Err(unusable.error.code),
                None => set.verify(0, algorithm, input, signature).map_err(|error| error.code),
            };
            (*name, result)
        }))
    }
}

fn agreed<T: PartialEq + std::fmt::Debug>(results: impl Iterator<Item = (&'static str, T)>) -> T {
    let mut results: Vec<_> = results.collect();
    let (first, result) = results.remove(0);
    for (name, other) in results {
        assert_eq!(result, other, "{first} and {name} differ");
    }
    result
}
