//! The access token of a management call.

use super::call::{Call, Surface};
use crate::entra::access_token_check;
use crate::request::bearer_token;
use workload_identity_core::Code;
use workload_identity_core::jose::UnverifiedClaims;

/// Why a service does not know the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unauthenticated {
    Missing,
    /// The token is for this other resource.
    Audience(String),
    Expired,
    /// The token is no valid token of this tenant.
    Invalid,
}

/// Checks that the call has an access token of this emulator for the service.
pub(super) fn authenticate(surface: Surface, call: &Call<'_>) -> Result<(), Unauthenticated> {
    let token = bearer_token(call.request).filter(|token| !token.is_empty());
    let token = token.ok_or(Unauthenticated::Missing)?;
    let accepts = |audience: &str| surface.audiences().contains(&audience);
    access_token_check::claims(call.settings, call.keys, token, accepts, call.now)
        .map(drop)
        .map_err(|error| match error.code {
            Code::AudienceMismatch => {
                let presented = UnverifiedClaims::peek(token).ok();
                let audience = presented.and_then(|claims| claims.audience.into_iter().next());
                Unauthenticated::Audience(audience.unwrap_or_default())
            }
            Code::Expired => Unauthenticated::Expired,
            _ => Unauthenticated::Invalid,
        })
}
