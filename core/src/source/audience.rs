//! The audience that a platform is asked for, and whether its token is for it.

use super::{SourceError, SourceResult};
use crate::entra::Cloud;
use crate::jose::UnverifiedClaims;
use crate::redact::{MAX_DETAIL, redact};
use crate::{Code, Error};
use alloc::format;

/// The audience to ask for: the source's own, else that of the authority's cloud, else that of the public cloud.
pub(super) fn wanted<'a>(own: Option<&'a str>, of_cloud: Option<&'a str>) -> &'a str {
    own.or(of_cloud).unwrap_or(Cloud::PUBLIC.exchange_audience)
}

/// Returns a result whose token, if it is one, is for the audience: see [`is_for`].
pub(super) fn checked(
    result: SourceResult,
    audience: &str,
    platform: &str,
) -> Result<SourceResult, SourceError> {
    if let SourceResult::Assertion(token) = &result {
        is_for(token.expose(), audience, platform)?;
    }
    Ok(result)
}

/// Checks that a token does not name other audiences only. One without audience is left to the token service, and a text that is
/// no JWT to the check of every assertion's form.
///
/// # Errors
/// `source_audience_mismatch`: the platform ignored the audience, and no credential for it would accept the token.
pub(super) fn is_for(token: &str, audience: &str, platform: &str) -> Result<(), Error> {
    let Ok(claims) = UnverifiedClaims::peek(token) else { return Ok(()) };
    let Some(other) = claims.audience.first() else { return Ok(()) };
    if claims.audience.iter().any(|known| known == audience) {
        return Ok(());
    }
    let message = format!(
        "{platform} was asked for a token for the audience `{}` and gave one for `{}`; check what answers at its address",
        redact(audience, MAX_DETAIL),
        redact(other, MAX_DETAIL)
    );
    Err(Error::new(Code::SourceAudienceMismatch, message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::base64url_encode;

    #[test]
    fn the_audience_is_one_of_the_tokens() {
        let token = |claims: &str| {
            let part = |text: &str| base64url_encode(text.as_bytes());
            format!("{}.{}.c2ln", part(r#"{"alg":"RS256"}"#), part(claims))
        };
        for (claims, accepted) in [
            (r#"{"aud":"a"}"#, true),
            (r#"{"aud":["b","a"]}"#, true),
            (r#"{"aud":"A"}"#, false),
            (r#"{"aud":["b"]}"#, false),
            (r#"{"aud":[]}"#, true),
            ("{}", true),
        ] {
            assert_eq!(is_for(&token(claims), "a", "P").is_ok(), accepted, "{claims}");
        }
        assert!(is_for("no token", "a", "P").is_ok());
    }
}
