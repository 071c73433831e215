//! The headers of a request.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::{iter, slice};

/// Header names (lower case, unique) and values, in the order in which they are sent.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RequestHeaders(Vec<(Cow<'static, str>, String)>);

/// How the pairs of a header list are borrowed.
type Borrow = for<'a> fn(&'a (Cow<'static, str>, String)) -> (&'a str, &'a str);

impl RequestHeaders {
    /// Adds a header.
    pub fn push(&mut self, (name, value): (impl Into<Cow<'static, str>>, String)) {
        self.0.push((name.into(), value));
    }

    /// The headers in their order.
    pub fn iter(&self) -> iter::Map<slice::Iter<'_, (Cow<'static, str>, String)>, Borrow> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// The value of the header with this lower-case name.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

impl<N: Into<Cow<'static, str>>> FromIterator<(N, String)> for RequestHeaders {
    fn from_iter<I: IntoIterator<Item = (N, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}

impl<N: Into<Cow<'static, str>>> Extend<(N, String)> for RequestHeaders {
    fn extend<I: IntoIterator<Item = (N, String)>>(&mut self, pairs: I) {
        self.0.extend(pairs.into_iter().map(|(name, value)| (name.into(), value)));
    }
}

impl<N: Into<Cow<'static, str>>> From<Vec<(N, String)>> for RequestHeaders {
    fn from(pairs: Vec<(N, String)>) -> Self {
        pairs.into_iter().collect()
    }
}

impl<'a> IntoIterator for &'a RequestHeaders {
    type Item = (&'a str, &'a str);
    type IntoIter = iter::Map<slice::Iter<'a, (Cow<'static, str>, String)>, Borrow>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
