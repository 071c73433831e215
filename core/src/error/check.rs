//! The checks of a token, so that an error can name the one that failed.

/// The checks, in the order in which they are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// Size, parts, JSON of header and payload, types of the registered claims, critical extensions.
    Form,
    /// `alg` is one that the policy allows.
    Algorithm,
    /// `iss` (SPIFFE: `sub`) selects a trusted issuer. For Entra this includes the claims about the tenant.
    Issuer,
    /// `typ` and the other members of the header.
    Type,
    /// `aud` contains an accepted audience.
    Audience,
    /// `exp`, `nbf` and `iat`.
    Time,
    /// The token selects exactly one key, which is available and belongs to the issuer.
    Key,
    /// The signature verifies with that key.
    Signature,
    /// The other requirements of the policy on claims.
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

    /// The name in output for people.
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
