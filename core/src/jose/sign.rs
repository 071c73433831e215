//! Signing of tokens in compact form (RFC 7515, section 5.1).

use super::Signer;
use super::base64url_encode;
use crate::json::strict;
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// The JWS signing input: header and claims in base64url, separated by a dot.
///
/// For signatures made by a key vault or WebCrypto. [`attach`] completes the token.
#[must_use]
pub fn signing_input(header_json: &str, claims_json: &str) -> String {
    let header = base64url_encode(header_json.as_bytes());
    format!("{header}.{}", base64url_encode(claims_json.as_bytes()))
}

/// Appends the signature to the signing input.
#[must_use]
pub fn attach(signing_input: &str, signature: &[u8]) -> String {
    format!("{signing_input}.{}", base64url_encode(signature))
}

/// Signs claims. The header is `alg`, `typ` (`JWT` unless `header_extra` names another) and `kid`, then the
/// rest of `header_extra`.
///
/// # Errors
/// `claims_invalid` when the claims are not one JSON object without duplicates, `misuse` when
/// `header_extra` sets what the signer decides or asks for an extension, and what the signer reports.
pub fn sign_compact(
    signer: &dyn Signer,
    header_extra: &[(&str, &str)],
    claims_json: &str,
) -> Result<String, Error> {
    if !matches!(strict::parse(claims_json.as_bytes()), Ok(Value::Object(_))) {
        return Err(Error::new(Code::ClaimsInvalid, "the claims to sign are not a JSON object"));
    }
    let reserved = ["alg", "kid", "crit", "b64"];
    let repeated = |index: usize, name: &str| {
        header_extra.iter().take(index).any(|(earlier, _)| *earlier == name)
    };
    if header_extra
        .iter()
        .enumerate()
        .any(|(index, (name, _))| reserved.contains(name) || repeated(index, name))
    {
        return Err(Error::new(
            Code::Misuse,
            "a header member is given twice or belongs to the signer",
        ));
    }
    let typ = header_extra.iter().find(|(name, _)| *name == "typ").map_or("JWT", |(_, typ)| typ);
    let own = [("alg", signer.algorithm().name()), ("typ", typ), ("kid", signer.key_id())];
    let extra = header_extra.iter().copied().filter(|(name, _)| *name != "typ");
    let header: Vec<_> = own.into_iter().chain(extra).collect();
    let header = serde_json::to_string(&Header(&header))
        .map_err(|_| Error::new(Code::Internal, "the header could not be written"))?;
    let input = signing_input(&header, claims_json);
    let signature = signer.sign(input.as_bytes())?;
    Ok(attach(&input, &signature))
}

/// Members in the given order.
struct Header<'a>(&'a [(&'a str, &'a str)]);

impl Serialize for Header<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::{Algorithm, CompactJwt};

    struct Stub;

    impl Signer for Stub {
        fn algorithm(&self) -> Algorithm {
            Algorithm::Ps256
        }

        fn key_id(&self) -> &str {
            "key"
        }

        fn public_jwk(&self) -> String {
            "{}".into()
        }

        fn sign(&self, input: &[u8]) -> Result<Vec<u8>, Error> {
            if input.is_empty() {
                return Err(Error::new(Code::SigningFailed, "nothing to sign"));
            }
            Ok(input.to_vec())
        }
    }

    #[test]
    fn header_names_algorithm_type_and_key() {
        let token = sign_compact(&Stub, &[("x", "y"), ("typ", "at+jwt")], "{}").unwrap();
        let jwt = CompactJwt::parse(&token).unwrap();
        assert_eq!(jwt.signature().unwrap(), jwt.signing_input());
        let header = token.split('.').next().and_then(crate::jose::base64url_decode).unwrap();
        assert_eq!(header, br#"{"alg":"PS256","typ":"at+jwt","kid":"key","x":"y"}"#);
        let token = sign_compact(&Stub, &[], "{}").unwrap();
        assert_eq!(CompactJwt::parse(&token).unwrap().header().typ.as_deref(), Some("JWT"));
    }

    #[test]
    fn callers_cannot_make_a_token_that_we_would_refuse() {
        for claims in ["", "[]", r#"{"a":1,"a":2}"#, "{} x"] {
            assert_eq!(sign_compact(&Stub, &[], claims).unwrap_err().code, Code::ClaimsInvalid);
        }
        for extra in [
            &[("alg", "none")][..],
            &[("kid", "other")],
            &[("crit", "x")],
            &[("b64", "x")],
            &[("x", "1"), ("x", "2")],
            &[("typ", "JWT"), ("typ", "JWT")],
        ] {
            assert_eq!(sign_compact(&Stub, extra, "{}").unwrap_err().code, Code::Misuse);
        }
    }
}
