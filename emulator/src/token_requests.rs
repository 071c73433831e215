//! The log of token requests, which tests count and compare.

use crate::request::{Fields, Request};
use serde_json::{Value, json};
use std::collections::VecDeque;

/// Requests kept in full.
const KEPT: usize = 64;

/// A token request as received.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenRequest {
    /// Path and query.
    pub path_and_query: String,
    /// Headers in their order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Decoded form fields in their order, including the assertion.
    pub fields: Vec<(String, String)>,
}

impl std::fmt::Debug for TokenRequest {
    /// Shows only the names of fields, because the assertion is a credential.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.fields.iter().map(|(name, _)| name.as_str()).collect();
        formatter
            .debug_struct("TokenRequest")
            .field("path_and_query", &self.path_and_query)
            .field("fields", &names)
            .finish_non_exhaustive()
    }
}

/// The number of token requests, and the last ones in full.
#[derive(Default)]
pub(crate) struct TokenRequests {
    count: u64,
    last: VecDeque<TokenRequest>,
}

impl TokenRequests {
    pub(crate) fn record(&mut self, request: &Request, fields: &Fields) {
        self.count += 1;
        if self.last.len() == KEPT {
            self.last.pop_front();
        }
        let target = request.uri().path_and_query();
        self.last.push_back(TokenRequest {
            path_and_query: target.map(ToString::to_string).unwrap_or_default(),
            headers: request
                .headers()
                .iter()
                .map(|(name, value)| {
                    let value = String::from_utf8_lossy(value.as_bytes());
                    (name.as_str().to_owned(), value.into_owned())
                })
                .collect(),
            fields: fields.clone(),
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
    pub(crate) fn count_document(&self) -> Value {
        json!({ "token_requests": self.count })
    }

    /// The last requests, oldest first.
    pub(crate) fn document(&self) -> Value {
        let requests: Vec<Value> = self.last.iter().map(TokenRequest::document).collect();
        json!({ "token_requests": self.count, "requests": requests })
    }
}

impl TokenRequest {
    fn document(&self) -> Value {
        let pairs = |pairs: &Fields| -> Vec<Value> {
            pairs.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
        };
        json!({
            "path_and_query": self.path_and_query,
            "headers": pairs(&self.headers),
            "fields": pairs(&self.fields),
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
            let request = http::Request::post(format!("/{number}")).header("X-A", "b");
            let request = request.body(Vec::new()).expect("a request");
            requests.record(&request, &vec![("scope".to_owned(), "s".to_owned())]);
        }
        assert_eq!(requests.count(), 100);
        let paths: Vec<&str> = requests.last().map(|r| r.path_and_query.as_str()).collect();
        assert_eq!((paths.len(), paths.first(), paths.last()), (64, Some(&"/36"), Some(&"/99")));
        assert_eq!(requests.count_document(), json!({ "token_requests": 100 }));
        let last = &requests.document()["requests"][63];
        assert_eq!(last["headers"], json!([{ "name": "x-a", "value": "b" }]));
        requests.reset();
        assert_eq!(requests.count(), 0);
    }
}
