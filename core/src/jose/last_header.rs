//! The header that was read last: the tokens of a key share theirs, octet for octet.

use super::Header;
use alloc::string::String;
use alloc::sync::Arc;

/// Longest header that is remembered, encoded.
const MAX_TEXT_BYTES: usize = 1024;

/// A header beside the text that it was read from.
#[derive(Debug, Default)]
pub(crate) struct LastHeader(Option<(String, Arc<Header>)>);

impl LastHeader {
    /// The header of that text, if it was the last one.
    pub(super) fn find(&self, text: &str) -> Option<Arc<Header>> {
        self.0.as_ref().filter(|(known, _)| known == text).map(|(_, header)| Arc::clone(header))
    }

    pub(super) fn keep(&mut self, text: &str, header: &Arc<Header>) {
        if text.len() <= MAX_TEXT_BYTES {
            self.0 = Some((String::from(text), Arc::clone(header)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::{Limits, Opened, attach, signing_input};

    fn read(last: &mut LastHeader, header: &str) -> Result<Arc<Header>, crate::Code> {
        let token = attach(&signing_input(header, "{}"), b"signature");
        let opened = Opened::read(&token, Limits::default(), Some(last));
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
            last.find(&long).is_none()
                && Arc::ptr_eq(&again, &read(&mut last, r#"{"alg":"ES256","kid":"a"}"#).unwrap())
        );
    }
}
