//! The compact form of a signed token (RFC 7515, section 3.1; RFC 7519, section 7.2).

use super::last_header::LastHeader;
use super::{Header, base64url};
use crate::concat::concat;
use crate::json::{JsonError, Object, RawMembers, parse};
use crate::{Code, Error};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use workload_identity_text::dot;

/// Longest token that is looked at, unless more is allowed.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// Longest decoded header.
pub const MAX_HEADER_BYTES: usize = 8 * 1024;
/// Deepest nesting of a header: nothing that headers are known to carry comes near.
const MAX_HEADER_DEPTH: usize = 32;

/// What a token's form may be.
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

/// A token of which only the header has been read.
pub(crate) struct Opened<'t> {
    pub(crate) header: Arc<Header>,
    payload: &'t [u8],
    signature: &'t [u8],
    signing_input: &'t [u8],
    limits: Limits,
    /// A part was padded.
    pub(crate) padded: bool,
}

impl<'t> Opened<'t> {
    /// `last` is of tokens that were read within the same limits.
    pub(crate) fn read(
        token: &'t [u8],
        limits: Limits,
        last: Option<&mut LastHeader>,
    ) -> Result<Self, Error> {
        let [header, payload, signature] = split(token, limits.max_bytes)?;
        let header = match last {
            None => Arc::new(read_header(header, limits)?),
            Some(last) => match last.find(header) {
                Some(known) => known,
                None => {
                    let read = Arc::new(read_header(header, limits)?);
                    last.keep(header, &read);
                    read
                }
            },
        };
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

    /// Decodes the rest; `judge` sees the claims once they are known to be sound.
    pub(crate) fn finish<T>(
        self,
        judge: impl FnOnce(&Header, &RawMembers<'_>) -> Result<T, Error>,
    ) -> Result<(Compact<'t>, T), Error> {
        let payload = decode(self.payload, self.limits)?;
        let payload = String::from_utf8(payload)
            .map_err(|_| malformed("the token's payload is not UTF-8"))?;
        let claims = RawMembers::read_text(&payload).map_err(|fault| refused(fault, "payload"))?;
        let judged = judge(&self.header, &claims)?;
        let signature = decode(self.signature, self.limits)?;
        let signing_input = self.signing_input;
        Ok((Compact { header: self.header, payload, signing_input, signature }, judged))
    }
}

fn read_header(text: &[u8], limits: Limits) -> Result<Header, Error> {
    let bytes = decode(text, limits)?;
    if bytes.len() > MAX_HEADER_BYTES {
        return Err(Error::new(Code::TooLarge, "the token's header is longer than 8 KiB"));
    }
    Header::read(&header_members(&bytes)?)
}

/// A token taken apart, with nothing verified.
pub struct Compact<'t> {
    header: Arc<Header>,
    payload: String,
    signing_input: &'t [u8],
    signature: Vec<u8>,
}

impl<'t> Compact<'t> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// `too_large`, `encrypted_unsupported` (five parts), `crit_unsupported`, `alg_not_allowed` (an unsecured
    /// token) or `malformed`; never with text of the token.
    ///
    /// ```
    /// use workload_identity_core::{Code, jose::Compact};
    /// assert_eq!(Compact::parse("a.b").map(|_| ()).map_err(|e| e.code), Err(Code::Malformed));
    /// ```
    pub fn parse(token: &'t str) -> Result<Self, Error> {
        let (compact, ()) =
            Opened::read(token.as_bytes(), Limits::default(), None)?.finish(|_, _| Ok(()))?;
        Ok(compact)
    }

    /// The protected header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The payload as signed: JSON text of one object.
    #[must_use]
    pub fn payload(&self) -> &str {
        &self.payload
    }

    /// The payload's members as they stand.
    #[must_use]
    pub fn members(&self) -> RawMembers<'_> {
        // It was read already under the same rules.
        RawMembers::read_text(&self.payload).unwrap_or_default()
    }

    /// The payload's members.
    #[must_use]
    pub fn claims(&self) -> Object {
        claims(&self.payload)
    }

    /// What the signature covers: header and payload as they stand in the token.
    #[must_use]
    pub fn signing_input(&self) -> &'t [u8] {
        self.signing_input
    }

    /// The signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    pub(crate) fn into_parts(self) -> (Arc<Header>, String) {
        (self.header, self.payload)
    }
}

/// The parts are secret together, so only the header is shown.
impl fmt::Debug for Compact<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Compact").field("header", &self.header).finish_non_exhaustive()
    }
}

/// The tree of a payload that has been read before.
pub(crate) fn claims(payload: &str) -> Object {
    match parse(payload.as_bytes()) {
        Ok(crate::json::Json::Object(members)) => members,
        _ => Object::new(),
    }
}

/// The three parts; no allocation, however many dots there are.
pub(super) fn split(token: &[u8], max_bytes: usize) -> Result<[&[u8]; 3], Error> {
    if token.len() > max_bytes {
        return Err(Error::new(
            Code::TooLarge,
            "the token is longer than is allowed (16 KiB unless configured)",
        ));
    }
    let cut = |text| {
        let (part, rest) = <[u8]>::split_at_checked(text, dot(text)?)?;
        Some((part, rest.get(1..)?))
    };
    let (header, rest) = cut(token).ok_or_else(not_three)?;
    let (payload, signature) = cut(rest).ok_or_else(not_three)?;
    let Some((_, rest)) = cut(signature) else {
        return Ok([header, payload, signature]);
    };
    match cut(rest) {
        Some((_, last)) if cut(last).is_none() => Err(Error::new(
            Code::EncryptedUnsupported,
            "the token is encrypted; only signed tokens can be checked",
        )),
        _ => Err(not_three()),
    }
}

pub(super) fn decode(part: &[u8], limits: Limits) -> Result<Vec<u8>, Error> {
    let unpadded = if limits.padding && part.len().is_multiple_of(4) {
        part.strip_suffix(b"==").or_else(|| part.strip_suffix(b"=")).unwrap_or(part)
    } else {
        part
    };
    base64url::decode(unpadded)
        .ok_or_else(|| malformed("a part of the token is not base64url without padding"))
}

pub(super) fn members<'b>(bytes: &'b [u8], part: &str) -> Result<RawMembers<'b>, Error> {
    RawMembers::read(bytes).map_err(|fault| refused(fault, part))
}

pub(super) fn header_members(bytes: &[u8]) -> Result<RawMembers<'_>, Error> {
    RawMembers::read_within(bytes, MAX_HEADER_DEPTH).map_err(|fault| refused(fault, "header"))
}

fn refused(fault: JsonError, part: &str) -> Error {
    match fault {
        JsonError::Syntax => malformed(concat(&["the token's ", part, " is not a JSON object"])),
        fault => malformed(concat(&["the token's ", part, " is refused: ", fault.reason()])),
    }
}

fn not_three() -> Error {
    malformed("the token does not have three parts")
}

fn malformed(message: impl Into<String>) -> Error {
    Error::new(Code::Malformed, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::{attach, base64url_encode, signing_input};
    use alloc::format;
    use alloc::string::{String, ToString};

    const HEADER: &str = r#"{"alg":"ES256","kid":"k","typ":"JWT"}"#;
    const CLAIMS: &str = r#"{"iss":"i"}"#;

    fn token(header: &str, claims: &str) -> String {
        attach(&signing_input(header, claims), b"signature")
    }

    fn code(token: &str) -> Code {
        let error = Compact::parse(token).unwrap_err();
        assert!(error.to_string().len() < 512);
        error.code
    }

    #[test]
    fn parts_are_taken_apart() {
        let text = token(HEADER, CLAIMS);
        let compact = Compact::parse(&text).unwrap();
        assert_eq!(compact.header().algorithm_name, "ES256");
        assert_eq!(compact.header().kid.as_deref(), Some("k"));
        assert_eq!(compact.header().typ.as_deref(), Some("JWT"));
        assert_eq!(compact.payload(), CLAIMS);
        assert_eq!(compact.claims().get("iss").and_then(crate::json::Json::as_text), Some("i"));
        assert_eq!(compact.signing_input(), signing_input(HEADER, CLAIMS).as_bytes());
        assert_eq!(compact.signature(), b"signature");
        assert!(!format!("{compact:?}").contains(&base64url_encode(CLAIMS.as_bytes())));
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
        assert!(Compact::parse(&token(&header(MAX_HEADER_BYTES), CLAIMS)).is_ok());
        assert_eq!(code(&token(&header(MAX_HEADER_BYTES + 1), CLAIMS)), Code::TooLarge);
    }

    #[test]
    fn every_other_spelling_is_refused() {
        let good = token(HEADER, CLAIMS);
        assert!(Compact::parse(&good).is_ok());
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
        assert!(Compact::parse(&format!("{input}.AAAAAAAAAAA")).is_ok());
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
        assert!(Compact::parse(&nested(MAX_HEADER_DEPTH)).is_ok());
        assert_eq!(code(&nested(MAX_HEADER_DEPTH + 1)), Code::Malformed);
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
