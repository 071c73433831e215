//! The header that was read last: the tokens of a key share theirs, octet for octet.

use super::Header;
use alloc::sync::Arc;
use alloc::vec::Vec;
use workload_identity_text::same;

/// Longest header that is remembered, encoded.
const MAX_TEXT_BYTES: usize = 1024;

/// A header beside the text that it was read from.
#[derive(Debug, Default)]
pub(crate) struct LastHeader(Option<(Vec<u8>, Arc<Header>)>);

impl LastHeader {
    /// The header of that text, if it was the last one.
    pub(super) fn find(&self, text: &[u8]) -> Option<Arc<Header>> {
        let (known, header) = self.0.as_ref()?;
        same(known, text).then(|| Arc::clone(header))
    }

    pub(super) fn keep(&mut self, text: &[u8], header: &Arc<Header>) {
        if text.len() <= MAX_TEXT_BYTES {
            self.0 = Some((text.to_vec(), Arc::clone(header)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::{Limits, Opened, attach, signing_input};

    fn read(last: &mut LastHeader, header: &str) -> Result<Arc<Header>, crate::Code> {
        let token = attach(&signing_input(header, "{}"), b"signature");
        let opened = Opened::read(token.as_bytes(), Limits::default(), Some(last));
        opened.map(|opened| opened.header).map_err(|error| error.code)
    }

    #[test]
    fn only_the_same_text_has_the_same_header() {
        let mut last = LastHeader::default();
        let one = read(&mut last, r#"{"alg":"ES256","kid":"a"}"#).unwrap();
        assert!(Arc::ptr_eq(&one, &read(&mut last, r#"{"alg":"ES256","kid":"a"}"#).unwrap()));
        assert!(read(&mut last, r#"{"alg":"ES256","kid":"a","crit":[]}"#).is_err());
        assert!(Arc::ptr_eq(&one, &read(&mut last, r#"{"alg":"ES256","kid":"a"}"#).unwrap()));
        let other = read(&mut last, r#"{"alg":"ES256","kid":"b"}"#).unwrap();
        assert_eq!(other.kid.as_deref(), Some("b"));
        let again = read(&mut last, r#"{"alg":"ES256","kid":"a"}"#).unwrap();
        assert_eq!(one, again);
        let long = "x".repeat(MAX_TEXT_BYTES);
        let long = alloc::format!(r#"{{"alg":"ES256","kid":"{long}"}}"#);
        assert!(read(&mut last, &long).is_ok());
        assert!(
            last.find(long.as_bytes()).is_none()
                && Arc::ptr_eq(&again, &read(&mut last, r#"{"alg":"ES256","kid":"a"}"#).unwrap())
        );
    }
}
