//! The compact form of a signed token (RFC 7515, section 3.1; RFC 7519, section 7.2).

use super::claims::{ClaimMembers, Claims};
use super::header::HeaderMembers;
use super::{Header, RegisteredClaims, base64url_decode};
use crate::json::JsonError;
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// Longest token that is read, unless more is allowed.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// Longest decoded header.
pub const MAX_HEADER_BYTES: usize = 8 * 1024;

/// Limits on the form of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest token, in bytes.
    pub max_bytes: usize,
    /// The parts may be padded with `=`, as AWS load balancers do against RFC 7515, section 2.
    pub padding: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: MAX_TOKEN_BYTES, padding: false }
    }
}

/// A signed token split into its parts, with its header read. Nothing is verified.
///
/// Payload and signature are decoded on request, so that a token which is refused for its header costs no more.
pub struct CompactJwt<'t> {
    header: Header,
    payload: &'t str,
    signature: &'t str,
    signing_input: &'t [u8],
    limits: Limits,
    padded: bool,
}

impl<'t> CompactJwt<'t> {
    /// Splits a token and reads its header.
    ///
    /// # Errors
    /// `too_large`, `encrypted_unsupported` (five parts), `crit_unsupported`, `alg_not_allowed` (an unsecured
    /// token) or `malformed`; never with text of the token.
    ///
    /// ```
    /// use workload_identity_core::{Code, jose::CompactJwt};
    /// assert_eq!(CompactJwt::parse("a.b").map(|_| ()).map_err(|e| e.code), Err(Code::Malformed));
    /// ```
    pub fn parse(token: &'t str) -> Result<Self, Error> {
        Self::parse_within(token.as_bytes(), Limits::default())
    }

    /// As [`Self::parse`], within other limits. A token that is not ASCII is `malformed`.
    pub(crate) fn parse_within(token: &'t [u8], limits: Limits) -> Result<Self, Error> {
        Self::parse_parts(token, limits).map_err(|error| explain(token, error))
    }

    fn parse_parts(token: &'t [u8], limits: Limits) -> Result<Self, Error> {
        let [header, payload, signature] = split(token, limits.max_bytes)?;
        let header = Header::new(header_members(header, limits)?)?;
        if signature.is_empty() {
            return Err(if header.algorithm_name.eq_ignore_ascii_case("none") {
                Error::new(Code::AlgNotAllowed, "the token is not signed")
            } else {
                malformed("the token's signature is empty")
            });
        }
        let signed = token.len().saturating_sub(signature.len() + 1);
        let signing_input = token.get(..signed).unwrap_or(token);
        let padded = limits.padding && token.contains(&b'=');
        Ok(Self { header, payload, signature, signing_input, limits, padded })
    }

    /// The protected header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Whether a part of the token is padded with `=`.
    pub(crate) fn is_padded(&self) -> bool {
        self.padded
    }

    /// Decodes the payload as signed: JSON text of one object, whose registered claims have the right types.
    ///
    /// # Errors
    /// `malformed` or `claim_type`; never with text of the token.
    pub fn payload(&self) -> Result<String, Error> {
        self.claims().map(|(payload, _)| payload)
    }

    /// Decodes the payload and reads its registered claims.
    ///
    /// # Errors
    /// As for [`Self::payload`].
    pub fn registered_claims(&self) -> Result<RegisteredClaims, Error> {
        self.claims().map(|(_, claims)| claims.registered)
    }

    /// Decodes the payload and reads its claims.
    pub(crate) fn claims(&self) -> Result<(String, Claims), Error> {
        read_payload(self.payload, self.limits)
    }

    /// What the signature covers: header and payload as they stand in the token.
    #[must_use]
    pub fn signing_input(&self) -> &'t [u8] {
        self.signing_input
    }

    /// Decodes the signature.
    ///
    /// # Errors
    /// `malformed`
    pub fn signature(&self) -> Result<Vec<u8>, Error> {
        // It ends the token, so that what stands behind the token is in it.
        decode(self.signature, self.limits)
            .map_err(|error| explain(self.signature.as_bytes(), error))
    }

    pub(crate) fn into_header(self) -> Header {
        self.header
    }
}

/// The parts are secret together, so only the header is shown.
impl fmt::Debug for CompactJwt<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CompactJwt").field("header", &self.header).finish_non_exhaustive()
    }
}

/// Decodes a header and reads its members.
pub(super) fn header_members(part: &str, limits: Limits) -> Result<HeaderMembers, Error> {
    let bytes = decode(part, limits)?;
    if bytes.len() > MAX_HEADER_BYTES {
        return Err(Error::new(Code::TooLarge, "the token's header is longer than 8 KiB"));
    }
    HeaderMembers::read(&utf8(bytes, "header")?).map_err(|fault| refused(fault, "header"))
}

/// Decodes a payload and reads its claims.
pub(super) fn read_payload(part: &str, limits: Limits) -> Result<(String, Claims), Error> {
    let payload = utf8(decode(part, limits)?, "payload")?;
    let claims = read_claims(&payload)?;
    Ok((payload, claims))
}

/// Reads the claims of a decoded payload.
///
/// # Errors
/// `malformed` or `claim_type`; never with text of the payload.
pub(crate) fn read_claims(payload: &str) -> Result<Claims, Error> {
    Claims::new(ClaimMembers::read(payload).map_err(|fault| refused(fault, "payload"))?)
}

fn utf8(bytes: Vec<u8>, part: &str) -> Result<String, Error> {
    String::from_utf8(bytes).map_err(|_| malformed(format!("the token's {part} is not UTF-8")))
}

/// Splits a token into its three parts, without an allocation however many dots there are.
pub(super) fn split(token: &[u8], max_bytes: usize) -> Result<[&str; 3], Error> {
    if token.len() > max_bytes {
        return Err(Error::new(
            Code::TooLarge,
            "the token is longer than is allowed (16 KiB unless configured)",
        ));
    }
    let token = core::str::from_utf8(token).map_err(|_| malformed("the token is not UTF-8"))?;
    let mut parts = token.split('.');
    let mut next = || parts.next();
    match [next(), next(), next(), next(), next(), next()] {
        [Some(header), Some(payload), Some(signature), None, ..] => {
            Ok([header, payload, signature])
        }
        [.., Some(_), None] => Err(Error::new(
            Code::EncryptedUnsupported,
            "the token is encrypted; only signed tokens can be checked",
        )),
        _ => Err(malformed("the token does not have three parts")),
    }
}

pub(super) fn decode(part: &str, limits: Limits) -> Result<Vec<u8>, Error> {
    let unpadded = if limits.padding && part.len().is_multiple_of(4) {
        part.strip_suffix("==").or_else(|| part.strip_suffix("=")).unwrap_or(part)
    } else {
        part
    };
    base64url_decode(unpadded)
        .ok_or_else(|| malformed("a part of the token is not base64url without padding"))
}

/// Says what stands around a token that is malformed for that reason.
pub(super) fn explain(token: &[u8], error: Error) -> Error {
    let starts = |prefix: &str| {
        let start = token.get(..prefix.len()).unwrap_or_default();
        start.eq_ignore_ascii_case(prefix.as_bytes())
    };
    let found = match (token.first(), token.last()) {
        _ if error.code != Code::Malformed => return error,
        _ if starts("Bearer ") => "begins with `Bearer `: pass what follows it",
        _ if starts("Authorization:") => {
            "begins with the name of a header: pass what follows `Bearer `"
        }
        _ if starts("\u{feff}") => {
            "begins with a byte order mark: read the file as `utf-8-sig`, or remove the mark"
        }
        (Some(b'"' | b'\''), _) | (_, Some(b'"' | b'\'')) => {
            "stands in quotation marks: pass it without them"
        }
        (Some(first), Some(last)) if first.is_ascii_whitespace() || last.is_ascii_whitespace() => {
            "has white space around it: remove that"
        }
        _ => return error,
    };
    malformed(format!("the token {found}"))
}

fn refused(fault: JsonError, part: &str) -> Error {
    match fault {
        JsonError::Syntax => malformed(format!("the token's {part} is not a JSON object")),
        fault => malformed(format!("the token's {part} is refused: {}", fault.reason())),
    }
}

fn malformed(message: impl Into<String>) -> Error {
    Error::new(Code::Malformed, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::{attach, base64url_encode, signing_input};
    use alloc::string::ToString;

    const HEADER: &str = r#"{"alg":"ES256","kid":"k","typ":"JWT"}"#;
    const CLAIMS: &str = r#"{"iss":"i"}"#;

    fn token(header: &str, claims: &str) -> String {
        attach(&signing_input(header, claims), b"signature")
    }

    /// Header, payload and signature.
    fn whole(token: &str) -> Result<(Header, String, Vec<u8>), Error> {
        let jwt = CompactJwt::parse(token)?;
        let (payload, signature) = (jwt.payload()?, jwt.signature()?);
        Ok((jwt.into_header(), payload, signature))
    }

    fn code(token: &str) -> Code {
        let error = whole(token).unwrap_err();
        assert!(error.to_string().len() < 512);
        error.code
    }

    #[test]
    fn parts_are_taken_apart() {
        let text = token(HEADER, CLAIMS);
        let jwt = CompactJwt::parse(&text).unwrap();
        assert_eq!(jwt.header().algorithm_name, "ES256");
        assert_eq!(jwt.header().kid.as_deref(), Some("k"));
        assert_eq!(jwt.header().typ.as_deref(), Some("JWT"));
        let (payload, claims) = jwt.claims().unwrap();
        assert_eq!(payload, CLAIMS);
        assert_eq!(claims.registered.issuer.as_deref(), Some("i"));
        assert_eq!(jwt.signing_input(), signing_input(HEADER, CLAIMS).as_bytes());
        assert_eq!(jwt.signature().unwrap(), b"signature");
        assert!(!format!("{jwt:?}").contains(&base64url_encode(CLAIMS.as_bytes())));
    }

    #[test]
    fn what_stands_behind_a_token_is_named() {
        for (behind, word) in [("\n", "white space"), ("\"", "quotation marks")] {
            let error = whole(&(token(HEADER, CLAIMS) + behind)).unwrap_err();
            assert!(error.message.contains(word), "{error}");
        }
    }

    #[test]
    fn only_three_parts_are_a_token() {
        let dots = ".".repeat(MAX_TOKEN_BYTES);
        for text in ["", ".", "..", "...", "a.b", "a.b.c.d", "a.b.c.d.e.f", dots.as_str()] {
            assert_eq!(code(text), Code::Malformed, "{text:.10}");
        }
        assert_eq!(code("a.b.c.d.e"), Code::EncryptedUnsupported);
        assert_eq!(code("...."), Code::EncryptedUnsupported);
        assert_eq!(code(r#"{"payload":"","signatures":[]}"#), Code::Malformed);
    }

    #[test]
    fn size_limits_are_exact() {
        assert_eq!(code(&"a".repeat(MAX_TOKEN_BYTES + 1)), Code::TooLarge);
        assert_eq!(code(&"a".repeat(MAX_TOKEN_BYTES)), Code::Malformed);
        let header = |length: usize| {
            let rest = length - r#"{"alg":"ES256","x":""}"#.len();
            format!(r#"{{"alg":"ES256","x":"{}"}}"#, "x".repeat(rest))
        };
        assert!(whole(&token(&header(MAX_HEADER_BYTES), CLAIMS)).is_ok());
        assert_eq!(code(&token(&header(MAX_HEADER_BYTES + 1), CLAIMS)), Code::TooLarge);
    }

    #[test]
    fn every_other_spelling_is_refused() {
        let good = token(HEADER, CLAIMS);
        assert!(whole(&good).is_ok());
        for (at, part) in good.split('.').enumerate() {
            for wrong in [
                format!("{part}="),
                format!("{part}\n"),
                format!(" {part}"),
                format!("{part}A"),
                format!("+{part}"),
                format!("{part}\u{e9}"),
            ] {
                let mut parts: Vec<&str> = good.split('.').collect();
                parts[at] = &wrong;
                assert_eq!(code(&parts.join(".")), Code::Malformed, "{wrong:?}");
            }
        }
        // The last character of `signature` (9 bytes) carries no spare bits; 8 bytes leave two of them.
        let input = signing_input(HEADER, CLAIMS);
        assert!(whole(&format!("{input}.AAAAAAAAAAA")).is_ok());
        assert_eq!(code(&format!("{input}.AAAAAAAAAAB")), Code::Malformed);
    }

    #[test]
    fn ambiguous_or_broken_json_is_refused() {
        for header in [
            r#"{"alg":"ES256","alg":"none"}"#,
            r#"{"alg":"ES256","\u0061lg":"none"}"#,
            r#"["alg"]"#,
            "{}",
            r#"{"alg":null}"#,
            r#"{"alg":["ES256"]}"#,
            r#"{"alg":"ES256","kid":1}"#,
            r#"{"alg":"ES256","typ":{}}"#,
            r#"{"alg":"ES256","cty":"JWT"}"#,
            "\u{feff}{\"alg\":\"ES256\"}",
            r#"{"alg":"ES256"} x"#,
        ] {
            assert_eq!(code(&token(header, CLAIMS)), Code::Malformed, "{header}");
        }
        for claims in [
            r#"{"aud":"a","aud":"b"}"#,
            r#"{"a":{"b":1,"\u0062":2}}"#,
            "[]",
            "null",
            "",
            "\u{feff}{}",
            &format!("{}1{}", "[".repeat(1000), "]".repeat(1000)),
        ] {
            assert_eq!(code(&token(HEADER, claims)), Code::Malformed, "{claims:.20}");
        }
        let nested = |depth: usize| {
            let lists = ("[".repeat(depth - 1), "]".repeat(depth - 1));
            token(&format!(r#"{{"alg":"ES256","x":{}{}}}"#, lists.0, lists.1), CLAIMS)
        };
        assert!(whole(&nested(crate::jose::header::MAX_HEADER_DEPTH)).is_ok());
        assert_eq!(code(&nested(crate::jose::header::MAX_HEADER_DEPTH + 1)), Code::Malformed);
        let header = base64url_encode(HEADER.as_bytes());
        let not_text = base64url_encode(b"{\"iss\":\"\xff\"}");
        assert_eq!(code(&format!("{header}.{not_text}.AAAA")), Code::Malformed);
        let long_kid = format!(r#"{{"alg":"ES256","kid":"{}"}}"#, "k".repeat(1025));
        assert_eq!(code(&token(&long_kid, CLAIMS)), Code::Malformed);
    }

    #[test]
    fn extensions_are_refused_in_any_shape() {
        for member in [
            r#""crit":[]"#,
            r#""crit":["exp"]"#,
            r#""crit":null"#,
            r#""crit":["b64"],"b64":false"#,
            r#""b64":true"#,
        ] {
            let header = format!(r#"{{"alg":"ES256",{member}}}"#);
            assert_eq!(code(&token(&header, CLAIMS)), Code::CritUnsupported, "{member}");
        }
    }

    #[test]
    fn unsigned_tokens_are_refused() {
        for name in ["none", "None", "NONE", "nOnE"] {
            let input = signing_input(&format!(r#"{{"alg":"{name}"}}"#), CLAIMS);
            assert_eq!(code(&format!("{input}.")), Code::AlgNotAllowed, "{name}");
        }
        assert_eq!(code(&format!("{}.", signing_input(HEADER, CLAIMS))), Code::Malformed);
    }
}
