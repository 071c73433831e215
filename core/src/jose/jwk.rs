//! A JSON Web Key (RFC 7517, section 4) that verifies signatures.

use super::{Algorithm, KeyRules, KeyUse, PublicKey, base64url_encode, thumbprint};
use crate::json::strict;
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::{Map, Value};

/// Longest `kid`.
pub const MAX_KEY_ID_BYTES: usize = 1024;

/// Members that only private or secret keys have (RFC 7518, sections 6.2.2, 6.3.2 and 6.4.1; RFC 9964).
const PRIVATE_MEMBERS: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/// A public key that may verify signatures.
///
/// Its numbers, `key_ops` and `alg` are checked. Its `use` is checked when a key is selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwk {
    key: PublicKey,
    key_id: Option<String>,
    algorithm: Option<Algorithm>,
    algorithm_name: Option<&'static str>,
    key_use: KeyUse,
    issuer: Option<String>,
    cloud_instance_name: Option<String>,
    x5t: Option<String>,
    thumbprint: [u8; 32],
}

impl Jwk {
    /// Reads a key document.
    ///
    /// # Errors
    /// `malformed` when it is not a JSON object without duplicate members, `key_rejected` with the reason
    /// when the key may not be used.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        match strict::parse(bytes) {
            Ok(Value::Object(members)) => Self::read(&members, KeyRules::default()),
            _ => Err(Error::new(Code::Malformed, "the key is not a JSON object")),
        }
    }

    /// Reads a key from the members of its object. Private members make it unusable and are not kept.
    ///
    /// # Errors
    /// `key_rejected` with the reason.
    pub fn read(members: &Map<String, Value>, rules: KeyRules) -> Result<Self, Error> {
        read(members, rules).map_err(|reason| {
            Error::new(Code::KeyRejected, format!("the key is refused: {reason}"))
        })
    }

    /// Makes a key for signatures (`use`) of its numbers, under the same rules as from JSON.
    ///
    /// # Errors
    /// `key_rejected` with the reason.
    pub fn new(
        key: &PublicKey,
        key_id: Option<&str>,
        algorithm: Option<Algorithm>,
    ) -> Result<Self, Error> {
        let alg = algorithm.map(Algorithm::name).filter(|_| !key.names_algorithm());
        let optional = [("use", KeyUse::Signature.name()), ("kid", key_id), ("alg", alg)];
        let optional = optional
            .into_iter()
            .filter_map(|(name, value)| value.map(|value| (name, String::from(value))));
        let members: Map<String, Value> = key
            .members()
            .into_iter()
            .chain(optional)
            .map(|(name, value)| (String::from(name), Value::String(value)))
            .collect();
        Self::read(&members, KeyRules::default())
    }

    /// The same key under another name.
    #[must_use]
    pub fn with_key_id(mut self, key_id: impl Into<String>) -> Self {
        self.key_id = Some(key_id.into());
        self
    }

    /// The same key, for one algorithm only.
    ///
    /// # Errors
    /// `key_rejected` when the algorithm is for another type of key.
    pub fn with_algorithm(mut self, algorithm: Algorithm) -> Result<Self, Error> {
        if !self.key.fits(algorithm) {
            return Err(Error::new(Code::KeyRejected, "the algorithm is for another type of key"));
        }
        self.algorithm = Some(algorithm);
        self.algorithm_name = Some(algorithm.name());
        Ok(self)
    }

    /// The same key, named by its thumbprint (RFC 7638).
    #[must_use]
    pub fn named_by_thumbprint(mut self) -> Self {
        self.key_id = Some(base64url_encode(&self.thumbprint));
        self
    }

    /// The numbers of the key.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// `kid`
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// The `kid` alone.
    pub(super) fn into_key_id(self) -> Option<String> {
        self.key_id
    }

    /// `alg`: the only algorithm of the key, if it names one.
    #[must_use]
    pub fn algorithm(&self) -> Option<Algorithm> {
        self.algorithm
    }

    /// `alg` as the key names it. Ed25519 has two names, and a token has to use that of the key.
    #[must_use]
    pub fn algorithm_name(&self) -> Option<&'static str> {
        self.algorithm_name
    }

    /// `use`
    #[must_use]
    pub fn key_use(&self) -> KeyUse {
        self.key_use
    }

    /// `issuer`: the issuer whose tokens the key signs, in Entra's key sets. It can be a template.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// `cloud_instance_name`: the cloud whose tokens the key signs, in Entra's key sets.
    #[must_use]
    pub fn cloud_instance_name(&self) -> Option<&str> {
        self.cloud_instance_name.as_deref()
    }

    /// `x5t`: SHA-1 thumbprint of the key's certificate. It selects a key and proves nothing.
    #[must_use]
    pub fn x5t(&self) -> Option<&str> {
        self.x5t.as_deref()
    }

    /// Whether the key may be used with an algorithm.
    #[must_use]
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        self.key.fits(algorithm) && self.algorithm.is_none_or(|own| own == algorithm)
    }

    /// Whether this is the same key under the same name, for tokens of the same issuer.
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        self.thumbprint == other.thumbprint
            && self.key_id == other.key_id
            && self.issuer == other.issuer
            && self.cloud_instance_name == other.cloud_instance_name
    }

    /// SHA-256 thumbprint (RFC 7638).
    #[must_use]
    pub fn thumbprint(&self) -> &[u8; 32] {
        &self.thumbprint
    }

    /// The thumbprint as a URI (RFC 9278).
    #[must_use]
    pub fn thumbprint_uri(&self) -> String {
        thumbprint::uri(&self.thumbprint)
    }

    /// The key as JSON with the members that are used, in a fixed order.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let optional = [
            ("use", self.key_use.name()),
            ("kid", self.key_id()),
            ("alg", self.algorithm_name.filter(|_| !self.key.names_algorithm())),
            ("issuer", self.issuer()),
            ("cloud_instance_name", self.cloud_instance_name()),
            ("x5t", self.x5t()),
        ];
        let mut members = serializer.serialize_map(None)?;
        for (name, value) in self.key.members() {
            members.serialize_entry(name, &value)?;
        }
        for (name, value) in optional {
            if let Some(value) = value {
                members.serialize_entry(name, value)?;
            }
        }
        members.end()
    }
}

/// Returns whether the members of a key are also those of a private or secret key.
pub(crate) fn has_private_members(members: &Map<String, Value>) -> bool {
    PRIVATE_MEMBERS.iter().any(|name| member(members, name).is_some())
}

fn read(members: &Map<String, Value>, rules: KeyRules) -> Result<Jwk, &'static str> {
    if has_private_members(members) {
        return Err("it carries private or secret material");
    }
    let algorithm_name = text(members, "alg", "`alg` is not a string")?;
    let algorithm = match algorithm_name {
        None => None,
        Some(name) => {
            Some(Algorithm::from_name(name).ok_or("it is for an algorithm that is not supported")?)
        }
    };
    let key = PublicKey::read(members, algorithm, rules)?;
    if algorithm.is_some_and(|algorithm| !key.fits(algorithm)) {
        return Err("its `alg` is for another type of key");
    }
    let key_use = KeyUse::from_name(text(members, "use", "`use` is not a string")?);
    check_operations(members, key_use)?;
    let key_id = text(members, "kid", "`kid` is not a string")?;
    if key_id.is_some_and(|key_id| key_id.len() > MAX_KEY_ID_BYTES) {
        return Err("its `kid` is longer than 1 KiB");
    }
    let owned = |name, fault| text(members, name, fault).map(|text| text.map(String::from));
    Ok(Jwk {
        thumbprint: thumbprint::thumbprint(&key),
        key,
        key_id: key_id.map(String::from),
        algorithm,
        algorithm_name: match algorithm_name {
            // RFC 9864, section 2.2; the other name is RFC 8037's.
            Some("Ed25519") => Some("Ed25519"),
            _ => algorithm.map(Algorithm::name),
        },
        key_use,
        issuer: owned("issuer", "`issuer` is not a string")?,
        cloud_instance_name: owned("cloud_instance_name", "`cloud_instance_name` is not a string")?,
        x5t: owned("x5t", "`x5t` is not a string")?,
    })
}

/// `key_ops` (RFC 7517, section 4.3): strings without repetition, `verify` among them, nothing that contradicts `use`.
fn check_operations(members: &Map<String, Value>, key_use: KeyUse) -> Result<(), &'static str> {
    let Some(operations) = member(members, "key_ops") else { return Ok(()) };
    let operations: Vec<&str> = operations
        .as_array()
        .and_then(|operations| operations.iter().map(Value::as_str).collect())
        .ok_or("`key_ops` is not a list of strings")?;
    let repeated = operations.iter().enumerate().any(|(index, operation)| {
        operations.iter().take(index).any(|earlier| earlier == operation)
    });
    let for_signatures = operations.iter().all(|operation| matches!(*operation, "verify" | "sign"));
    if repeated {
        Err("`key_ops` names an operation twice")
    } else if !operations.contains(&"verify") {
        Err("it is not for verifying (`key_ops`)")
    } else if key_use == KeyUse::Other || (key_use != KeyUse::Unstated && !for_signatures) {
        Err("`key_ops` contradicts `use`")
    } else {
        Ok(())
    }
}

/// A member that is not `null`: some issuers write all members that they know.
fn member<'m>(members: &'m Map<String, Value>, name: &str) -> Option<&'m Value> {
    members.get(name).filter(|value| !value.is_null())
}

fn text<'m>(
    members: &'m Map<String, Value>,
    name: &str,
    fault: &'static str,
) -> Result<Option<&'m str>, &'static str> {
    match member(members, name) {
        None => Ok(None),
        Some(value) => value.as_str().map(Some).ok_or(fault),
    }
}

#[cfg(test)]
mod tests;
