//! What a key is for (`use`; RFC 7517, section 4.2).

/// A key's `use`. Which of them count is decided at the choice of the key: SPIFFE bundles mark keys by the kind of
/// document they sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyUse {
    /// The key does not say.
    Unstated,
    /// `sig`
    Signature,
    /// `jwt-svid` (SPIFFE JWT-SVID, section 4)
    JwtSvid,
    /// `wit-svid` (SPIFFE WIT-SVID)
    WitSvid,
    /// Anything else, such as `enc` or `x509-svid`.
    Other,
}

impl KeyUse {
    /// The uses of ordinary issuers.
    pub const ORDINARY: &'static [KeyUse] = &[KeyUse::Unstated, KeyUse::Signature];

    /// The use of a `use`; case matters.
    #[must_use]
    pub fn from_name(name: Option<&str>) -> Self {
        match name {
            None => KeyUse::Unstated,
            Some("sig") => KeyUse::Signature,
            Some("jwt-svid") => KeyUse::JwtSvid,
            Some("wit-svid") => KeyUse::WitSvid,
            Some(_) => KeyUse::Other,
        }
    }

    /// The value of `use`; for [`KeyUse::Other`] a word that is read as such.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            KeyUse::Unstated => None,
            KeyUse::Signature => Some("sig"),
            KeyUse::JwtSvid => Some("jwt-svid"),
            KeyUse::WitSvid => Some("wit-svid"),
            KeyUse::Other => Some("other"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for key_use in
            [KeyUse::Unstated, KeyUse::Signature, KeyUse::JwtSvid, KeyUse::WitSvid, KeyUse::Other]
        {
            assert_eq!(KeyUse::from_name(key_use.name()), key_use);
        }
        for name in ["SIG", "enc", "x509-svid", "jwt-SVID", ""] {
            assert_eq!(KeyUse::from_name(Some(name)), KeyUse::Other, "{name}");
        }
    }
}
