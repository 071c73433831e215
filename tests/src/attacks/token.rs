//! A token before it is minted: good unless something is changed.

use super::keys::sign;
use super::members::{Members, base64url};
use super::{AUDIENCE, ISSUER, NOW};

/// A token to be.
#[derive(Clone)]
pub(super) struct Token {
    key: &'static str,
    algorithm: &'static str,
    header: Members,
    claims: Members,
    header_bytes: Option<Vec<u8>>,
    payload_bytes: Option<Vec<u8>>,
}

impl Token {
    /// A good token by a key, whose name is the `kid`.
    pub(super) fn new(key: &'static str, algorithm: &'static str) -> Self {
        let header = Members::default().text("alg", algorithm).text("typ", "JWT").text("kid", key);
        let claims = Members::default()
            .text("iss", ISSUER)
            .text("sub", "workload")
            .text("aud", AUDIENCE)
            .number("iat", NOW)
            .number("exp", NOW + 600);
        Self { key, algorithm, header, claims, header_bytes: None, payload_bytes: None }
    }

    /// The short kind.
    pub(super) fn es256() -> Self {
        Self::new("ec", "ES256")
    }

    pub(super) fn header(mut self, change: impl FnOnce(Members) -> Members) -> Self {
        self.header = change(self.header);
        self
    }

    pub(super) fn claims(mut self, change: impl FnOnce(Members) -> Members) -> Self {
        self.claims = change(self.claims);
        self
    }

    /// Another header, whatever it is.
    pub(super) fn header_bytes(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.header_bytes = Some(bytes.as_ref().to_vec());
        self
    }

    /// Another payload, whatever it is.
    pub(super) fn payload_bytes(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.payload_bytes = Some(bytes.as_ref().to_vec());
        self
    }

    /// Signed by another key than the header says.
    pub(super) fn signed_by(mut self, key: &'static str, algorithm: &'static str) -> Self {
        self.key = key;
        self.algorithm = algorithm;
        self
    }

    /// Header and payload as text.
    pub(super) fn texts(&self) -> (Vec<u8>, Vec<u8>) {
        let text = |bytes: &Option<Vec<u8>>, members: &Members| {
            bytes.clone().unwrap_or_else(|| members.json().into_bytes())
        };
        (text(&self.header_bytes, &self.header), text(&self.payload_bytes, &self.claims))
    }

    /// What is signed.
    pub(super) fn input(&self) -> String {
        let (header, payload) = self.texts();
        format!("{}.{}", base64url(header), base64url(payload))
    }

    /// The token.
    pub(super) fn mint(&self) -> String {
        mint_input(&self.input(), self.key, self.algorithm)
    }

    /// The token with a signature of somebody's own making.
    pub(super) fn with_signature(&self, signature: impl AsRef<[u8]>) -> String {
        format!("{}.{}", self.input(), base64url(signature))
    }
}

/// Signs any text as it stands, so that a wrong spelling is a correctly signed one.
pub(super) fn mint_input(input: &str, key: &str, algorithm: &str) -> String {
    format!("{input}.{}", base64url(sign(key, algorithm, input.as_bytes())))
}
