//! A record of token requests, so that tests can count and compare them.

use crate::message::Request;
use std::collections::VecDeque;
use workload_identity_core::json::object;

/// Requests that are kept in full.
const KEPT: usize = 64;

/// One token request as it came in.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenRequest {
    /// Path and query.
    pub path_and_query: String,
    /// Headers in their order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Decoded form fields in their order, the assertion included.
    pub fields: Vec<(String, String)>,
}

impl std::fmt::Debug for TokenRequest {
    /// The assertion is a credential; names suffice for a log.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.fields.iter().map(|(name, _)| name.as_str()).collect();
        formatter
            .debug_struct("TokenRequest")
            .field("path_and_query", &self.path_and_query)
            .field("fields", &names)
            .finish_non_exhaustive()
    }
}

/// All token requests: their number, and the last ones in full.
#[derive(Default)]
pub(crate) struct TokenRequests {
    count: u64,
    last: VecDeque<TokenRequest>,
}

impl TokenRequests {
    pub(crate) fn record(&mut self, request: &Request, fields: &[(String, String)]) {
        self.count += 1;
        if self.last.len() == KEPT {
            self.last.pop_front();
        }
        self.last.push_back(TokenRequest {
            path_and_query: request.path_and_query.clone(),
            headers: request
                .headers
                .iter()
                .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
                .collect(),
            fields: fields.to_vec(),
        });
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn last(&self) -> impl Iterator<Item = &TokenRequest> {
        self.last.iter()
    }

    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }

    /// `{"token_requests":N}`
    pub(crate) fn count_document(&self) -> String {
        object(|o| {
            o.integer("token_requests", i64::try_from(self.count).unwrap_or(i64::MAX));
        })
    }

    /// The last requests, oldest first.
    pub(crate) fn document(&self) -> String {
        object(|o| {
            o.integer("token_requests", i64::try_from(self.count).unwrap_or(i64::MAX));
            o.objects("requests", &self.last, |request, o| {
                o.text("path_and_query", &request.path_and_query)
                    .objects("headers", &request.headers, |(name, value), o| {
                        o.text("name", name).text("value", value);
                    })
                    .objects("fields", &request.fields, |(name, value), o| {
                        o.text("name", name).text("value", value);
                    });
            });
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_all_and_keeps_the_last() {
        let mut requests = TokenRequests::default();
        for number in 0..100 {
            let request = Request::form(&format!("/{number}"), "").with_header("X-A", "b");
            requests.record(&request, &[("scope".to_owned(), "s".to_owned())]);
        }
        assert_eq!(requests.count(), 100);
        let paths: Vec<&str> = requests.last().map(|r| r.path_and_query.as_str()).collect();
        assert_eq!((paths.len(), paths.first(), paths.last()), (64, Some(&"/36"), Some(&"/99")));
        assert_eq!(requests.count_document(), r#"{"token_requests":100}"#);
        assert!(requests.document().contains(r#"{"name":"x-a","value":"b"}"#));
        requests.reset();
        assert_eq!(requests.count(), 0);
    }
}
