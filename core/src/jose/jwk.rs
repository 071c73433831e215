//! One JSON Web Key (RFC 7517, section 4; RFC 7518, section 6), public and fit for verifying.

use super::{Algorithm, Curve, Family, base64url_decode, base64url_encode, rsa_key, thumbprint};
use crate::json::{self, Json, Members, Object};
use crate::{Code, Error};
use alloc::string::String;
use alloc::vec::Vec;

/// Members that only private or secret keys have (RFC 7518, sections 6.2.2, 6.3.2 and 6.4.1).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The numbers of a public key, big-endian.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PublicKey {
    /// RSA (RFC 7518, section 6.3.1)
    Rsa {
        /// `n`, odd, 2048 to 8192 bits, no leading zero.
        modulus: Vec<u8>,
        /// `e`, odd, 3 or more, no leading zero.
        exponent: Vec<u8>,
    },
    /// Elliptic curve (RFC 7518, section 6.2.1)
    Ec {
        /// `crv`
        curve: Curve,
        /// `x`, exactly as long as the field.
        x: Vec<u8>,
        /// `y`, exactly as long as the field.
        y: Vec<u8>,
    },
}

impl PublicKey {
    /// Whether an algorithm is for this kind of key, and this curve.
    #[must_use]
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        match (self, algorithm.family()) {
            (PublicKey::Rsa { .. }, Family::RsaPkcs1 | Family::RsaPss) => true,
            (PublicKey::Ec { curve, .. }, Family::Ecdsa(wanted)) => *curve == wanted,
            _ => false,
        }
    }
}

/// A public key that may verify signatures: size, exponent, `use`, `key_ops` and `alg` are checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwk {
    key: PublicKey,
    key_id: Option<String>,
    algorithm: Option<Algorithm>,
    thumbprint: [u8; 32],
}

impl Jwk {
    /// Reads a key document.
    ///
    /// # Errors
    /// `malformed` when it is not a JSON object without duplicate members, `key_rejected` with the reason
    /// when the key may not be used.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        match json::parse(bytes) {
            Ok(Json::Object(members)) => Self::read(&members),
            _ => Err(Error::new(Code::Malformed, "the key is not a JSON object")),
        }
    }

    /// Reads a key from the members of its object.
    ///
    /// # Errors
    /// `key_rejected` with the reason.
    pub fn read(members: &Object) -> Result<Self, Error> {
        read(members).map_err(|reason| {
            Error::new(Code::KeyRejected, alloc::format!("the key is refused: {reason}"))
        })
    }

    /// From numbers, under the same rules as from JSON.
    ///
    /// # Errors
    /// `key_rejected` with the reason.
    pub fn new(
        key: &PublicKey,
        key_id: Option<&str>,
        algorithm: Option<Algorithm>,
    ) -> Result<Self, Error> {
        let members = json::object(|o| {
            write_key(key, o);
            o.text_if("kid", key_id).text_if("alg", algorithm.map(Algorithm::name));
        });
        Self::parse(members.as_bytes())
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
        Ok(self)
    }

    /// The same key, named by its thumbprint (RFC 7638).
    #[must_use]
    pub fn named_by_thumbprint(mut self) -> Self {
        self.key_id = Some(base64url_encode(&self.thumbprint));
        self
    }

    /// The numbers.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// `kid`
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// `alg`: the only algorithm the key is for, if it says so.
    #[must_use]
    pub fn algorithm(&self) -> Option<Algorithm> {
        self.algorithm
    }

    /// Whether the key may be used with an algorithm.
    #[must_use]
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        self.key.fits(algorithm) && self.algorithm.is_none_or(|own| own == algorithm)
    }

    /// SHA-256 thumbprint (RFC 7638): the same for the same key, however it is written.
    #[must_use]
    pub fn thumbprint(&self) -> &[u8; 32] {
        &self.thumbprint
    }

    /// The key as JSON with the members that matter, in a fixed order.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::object(|o| self.write(o))
    }

    /// Writes those members.
    pub fn write(&self, o: &mut Members<'_>) {
        write_key(&self.key, o);
        o.text("use", "sig")
            .text_if("kid", self.key_id())
            .text_if("alg", self.algorithm.map(Algorithm::name));
    }
}

fn write_key(key: &PublicKey, o: &mut Members<'_>) {
    match key {
        PublicKey::Rsa { modulus, exponent } => {
            o.text("kty", "RSA")
                .text("n", &base64url_encode(modulus))
                .text("e", &base64url_encode(exponent));
        }
        PublicKey::Ec { curve, x, y } => {
            o.text("kty", "EC")
                .text("crv", curve.name())
                .text("x", &base64url_encode(x))
                .text("y", &base64url_encode(y));
        }
    }
}

fn read(members: &Object) -> Result<Jwk, &'static str> {
    if PRIVATE_MEMBERS.iter().any(|name| members.contains_key(*name)) {
        return Err("it carries private or secret material");
    }
    let key = match text(members, "kty", "`kty` is not a string")?.ok_or("`kty` is missing")? {
        "RSA" => {
            let (modulus, exponent) = rsa_key::read(number(members, "n")?, number(members, "e")?)?;
            PublicKey::Rsa { modulus, exponent }
        }
        "EC" => {
            let curve = text(members, "crv", "`crv` is not a string")?
                .and_then(Curve::from_name)
                .ok_or("the curve is not supported")?;
            let coordinate = |name: &str| {
                base64url_decode(number(members, name)?)
                    .filter(|bytes| bytes.len() == curve.field_bytes())
                    .ok_or("a coordinate has not the length of the curve's field")
            };
            PublicKey::Ec { curve, x: coordinate("x")?, y: coordinate("y")? }
        }
        _ => return Err("the key type is not supported"),
    };
    let use_ = text(members, "use", "`use` is not a string")?;
    if use_.is_some_and(|use_| use_ != "sig") {
        return Err("it is not for signatures (`use`)");
    }
    check_operations(members, use_.is_some())?;
    let algorithm = match text(members, "alg", "`alg` is not a string")? {
        None => None,
        Some(name) => {
            Some(Algorithm::from_name(name).ok_or("it is for an algorithm that is not supported")?)
        }
    };
    if algorithm.is_some_and(|algorithm| !key.fits(algorithm)) {
        return Err("its `alg` is for another type of key");
    }
    let key_id = text(members, "kid", "`kid` is not a string")?.map(String::from);
    let thumbprint = thumbprint::thumbprint(&key);
    Ok(Jwk { key, key_id, algorithm, thumbprint })
}

/// `key_ops` (RFC 7517, section 4.3): strings without repetition, `verify` among them, nothing that contradicts `use`.
fn check_operations(members: &Object, for_signatures: bool) -> Result<(), &'static str> {
    let Some(operations) = members.get("key_ops") else { return Ok(()) };
    let operations: Vec<&str> = operations
        .as_list()
        .and_then(|items| items.iter().map(Json::as_text).collect())
        .ok_or("`key_ops` is not a list of strings")?;
    let repeated = operations.iter().enumerate().any(|(index, operation)| {
        operations.iter().take(index).any(|earlier| earlier == operation)
    });
    if repeated {
        return Err("`key_ops` names an operation twice");
    }
    if !operations.contains(&"verify") {
        return Err("it is not for verifying (`key_ops`)");
    }
    if for_signatures && operations.iter().any(|operation| !matches!(*operation, "sign" | "verify"))
    {
        return Err("`key_ops` contradicts `use`");
    }
    Ok(())
}

fn number<'m>(members: &'m Object, name: &str) -> Result<&'m str, &'static str> {
    members.get(name).and_then(Json::as_text).ok_or("a number of the key is missing")
}

fn text<'m>(
    members: &'m Object,
    name: &str,
    fault: &'static str,
) -> Result<Option<&'m str>, &'static str> {
    match members.get(name) {
        None => Ok(None),
        Some(value) => value.as_text().map(Some).ok_or(fault),
    }
}

#[cfg(test)]
mod tests;
