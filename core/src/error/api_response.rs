//! What an API answers to a caller whose token it does not accept (RFC 6750, section 3).

use super::{Code, Error, Fault};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Longest name of a claim, and longest list of scopes, that a header repeats, in characters.
const MAX_SHOWN: usize = 256;

/// The answer of an API.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiResponse {
    /// HTTP status: 401 for a token that is not valid, 403 for one without the required role or scope, 503 when the
    /// issuer's keys cannot be had, 500 for a defect.
    pub status: u16,
    /// The header `WWW-Authenticate`, with statuses 401 and 403.
    pub www_authenticate: Option<String>,
}

/// What the caller of an API needs for its next attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Challenge {
    /// A token with one of these scopes.
    Scopes(Vec<String>),
    /// A token that is requested with these claims: a claims challenge of Entra, as JSON.
    Claims(String),
}

impl Error {
    /// What an API answers when the verification of a token failed with this error; `None` for other errors.
    #[must_use]
    pub fn api_response(&self) -> Option<ApiResponse> {
        let unavailable = matches!(self.code, Code::KeysUnavailable | Code::KeysExpired);
        if self.check.is_none() && !unavailable {
            return None;
        }
        let status = match (self.code.fault(), self.code) {
            _ if unavailable => 503,
            (Fault::Input, _) if matches!(self.rule, Some("roles" | "scopes")) => 403,
            (Fault::Input, _) => 401,
            (Fault::Transport, _)
            | (_, Code::DeadlineExceeded | Code::TooManyRequests | Code::Cancelled) => 503,
            _ => 500,
        };
        let www_authenticate = matches!(status, 401 | 403).then(|| self.www_authenticate(status));
        Some(ApiResponse { status, www_authenticate })
    }

    fn www_authenticate(&self, status: u16) -> String {
        let error = match (&self.challenge, status) {
            (Some(Challenge::Claims(_)), _) => "insufficient_claims",
            (_, 403) => "insufficient_scope",
            _ => "invalid_token",
        };
        // The table's sentence and not the message, which may name what is configured.
        let mut description = self.code.meaning().trim_end_matches('.').to_string();
        if let Some(claim) = &self.claim {
            description.push_str(": ");
            description.push_str(claim);
        }
        let mut header =
            format!("Bearer error=\"{error}\", error_description=\"{}\"", plain(&description));
        match &self.challenge {
            Some(Challenge::Scopes(scopes)) => {
                let words = scopes.iter().filter(|scope| scope.bytes().all(is_scope_octet));
                let words: Vec<&str> = words.map(String::as_str).collect();
                let scope = words.join(" ");
                if !scope.is_empty() && scope.len() <= MAX_SHOWN {
                    header.push_str(&format!(", scope=\"{scope}\""));
                }
            }
            // Base64 has no character that a quoted string escapes.
            Some(Challenge::Claims(claims)) => {
                header.push_str(&format!(", claims=\"{}\"", STANDARD.encode(claims)));
            }
            None => {}
        }
        header
    }
}

/// The text with the characters that `error_description` may have (RFC 6750, section 3), so that nothing ends the quoted
/// string or the header.
fn plain(text: &str) -> String {
    let plain = |character| match character {
        '"' | '\\' => '\'',
        ' '..='~' => character,
        _ => '?',
    };
    text.chars().take(MAX_SHOWN).map(plain).collect()
}

/// A character of a scope (RFC 6749, section 3.3).
fn is_scope_octet(octet: u8) -> bool {
    octet.is_ascii_graphic() && octet != b'"' && octet != b'\\'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Check;

    fn error(code: Code) -> Error {
        Error::new(code, "secret configuration").in_check(Check::Claims)
    }

    fn header(error: &Error) -> (u16, String) {
        let response = error.api_response().unwrap();
        (response.status, response.www_authenticate.unwrap_or_default())
    }

    #[test]
    fn every_code_has_a_status() {
        for code in Code::ALL {
            let (status, header) = header(&error(*code));
            let expected = match code.fault() {
                Fault::Input => 401,
                Fault::Transport => 503,
                _ if matches!(
                    code.name(),
                    "deadline_exceeded" | "too_many_requests" | "cancelled"
                ) =>
                {
                    503
                }
                _ => 500,
            };
            assert_eq!(status, expected, "{}", code.name());
            assert_eq!(header.starts_with("Bearer error=\"invalid_token\""), status == 401);
            assert!(!header.contains("secret"), "{header}");
            // The sentences of the table need no replacement.
            assert!(plain(code.meaning()) == code.meaning(), "{}", code.name());
        }
        assert_eq!(Error::new(Code::Malformed, "a snapshot").api_response(), None);
        let keys = Error::new(Code::KeysUnavailable, "no").api_response();
        assert_eq!(keys, Some(ApiResponse { status: 503, www_authenticate: None }));
    }

    #[test]
    fn headers_name_claims_and_scopes_and_are_quoted() {
        let mut missing = error(Code::ClaimMismatch);
        missing.claim = Some("a\"b\\c\r\nX: y\u{e9}".into());
        let (status, text) = header(&missing);
        assert_eq!((status, text.matches('"').count()), (401, 4));
        assert!(text.contains(": a'b'c??X: y?\""), "{text}");
        missing.rule = Some("scopes");
        let scopes = ["files.read", "a b", "x\"", "\r\n", "files.write"];
        missing.challenge = Some(Challenge::Scopes(scopes.map(String::from).into()));
        let (status, text) = header(&missing);
        assert_eq!(status, 403);
        assert!(text.starts_with("Bearer error=\"insufficient_scope\", "), "{text}");
        assert!(text.ends_with(", scope=\"files.read files.write\""), "{text}");
        let mut challenged = error(Code::ClaimMissing);
        challenged.challenge = Some(Challenge::Claims("{\"a\":1}".into()));
        let (status, text) = header(&challenged);
        assert_eq!(status, 401);
        assert!(text.starts_with("Bearer error=\"insufficient_claims\", "), "{text}");
        assert!(text.ends_with(", claims=\"eyJhIjoxfQ==\""), "{text}");
    }
}
