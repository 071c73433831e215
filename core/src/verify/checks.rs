//! Which check a token fails: for those who explain a refusal.

use super::Verifier;
use super::check::examine;
use crate::{Code, Error, Timestamp};

/// The checks, in the order in which they are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// Size, parts, JSON of header and payload, types of the registered claims, critical extensions.
    Form,
    /// `alg` is one that the policy allows.
    Algorithm,
    /// `iss` (SPIFFE: `sub`) selects an issuer that is trusted, Entra's claims about the tenant with it.
    Issuer,
    /// `typ` and the other members of the header.
    Type,
    /// `aud` names us.
    Audience,
    /// `exp`, `nbf` and `iat`.
    Time,
    /// One key is meant, it is at hand, and it may vouch for the issuer.
    Key,
    /// The signature verifies with it.
    Signature,
    /// Everything else that the policy asks of claims.
    Claims,
}

impl Check {
    /// All of them.
    pub const ALL: [Check; 9] = [
        Check::Form,
        Check::Algorithm,
        Check::Issuer,
        Check::Type,
        Check::Audience,
        Check::Time,
        Check::Key,
        Check::Signature,
        Check::Claims,
    ];

    /// The name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Check::Form => "form",
            Check::Algorithm => "algorithm",
            Check::Issuer => "issuer",
            Check::Type => "type",
            Check::Audience => "audience",
            Check::Time => "time",
            Check::Key => "key",
            Check::Signature => "signature",
            Check::Claims => "claims",
        }
    }
}

impl Verifier {
    /// The check that refused a token, given its refusal. `now` must be that of the refusal.
    #[must_use]
    pub fn failed_check(&self, token: &str, refusal: &Error, now: Timestamp) -> Check {
        let mut reached = Check::Form;
        let examined = examine(token.as_bytes(), self.limits, &self.policies, now, &mut reached);
        match (examined, refusal.code) {
            (Err(error), _) if error.code == Code::AlgNotAllowed => Check::Algorithm,
            (Err(_), _) => reached,
            (Ok(_), Code::SignatureInvalid | Code::ProviderError) => Check::Signature,
            (Ok(_), Code::ClaimMissing | Code::ClaimType | Code::ClaimMismatch | Code::TooOld) => {
                Check::Claims
            }
            (Ok(_), _) => Check::Key,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_in_order() {
        for pair in Check::ALL.windows(2) {
            assert!(matches!(pair, [one, next] if one < next && one.name() != next.name()));
        }
    }
}
