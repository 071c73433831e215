//! Query options of Microsoft Graph: `$top`, `$skiptoken`, `$filter`, `$select`, `$count`.

use super::path::quoted;
use crate::directory::FederatedCredential;
use crate::management::failure::Failure;
use crate::request::{Request, query_fields};

/// The members that `$select` can name.
const MEMBERS: [&str; 7] =
    ["id", "name", "issuer", "subject", "audiences", "description", "claimsMatchingExpression"];
const PAGE: usize = 100;
const MAX_PAGE: usize = 999;

/// The options of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) top: Option<usize>,
    pub(super) continuation: Option<String>,
    pub(super) count: bool,
    /// The members to show; all without.
    pub(super) select: Option<Vec<String>>,
    equal: Vec<(Property, String)>,
}

/// What a filter can compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Property {
    Name,
    Subject,
}

impl Options {
    pub(super) fn read(request: &Request) -> Result<Self, Failure> {
        let mut options = Self::default();
        for (name, value) in query_fields(request) {
            match name.as_str() {
                "$top" => options.top = Some(top(&value)?),
                "$skiptoken" => options.continuation = Some(value),
                "$count" => options.count = value == "true",
                "$select" => options.select = Some(select(&value)?),
                "$filter" => options.equal = filter(&value)?,
                option if option.starts_with('$') => {
                    return Err(unsupported(&format!("Query option '{option}' is not supported.")));
                }
                _ => {}
            }
        }
        Ok(options)
    }

    /// The size of a page.
    pub(super) fn size(&self) -> usize {
        self.top.unwrap_or(PAGE)
    }

    pub(super) fn accepts(&self, known: &FederatedCredential) -> bool {
        self.equal.iter().all(|(property, value)| match property {
            Property::Name => known.name() == value,
            Property::Subject => known.credential.subject() == Some(value),
        })
    }

    /// Whether a member is shown.
    pub(super) fn shows(&self, member: &str) -> bool {
        let listed = |names: &Vec<String>| names.iter().any(|name| name == member);
        self.select.as_ref().is_none_or(listed)
    }
}

fn top(value: &str) -> Result<usize, Failure> {
    value.parse().ok().filter(|size| (1..=MAX_PAGE).contains(size)).ok_or_else(|| {
        let message =
            format!("Invalid page size specified: '{value}'. Must be between 1 and 999 inclusive.");
        Failure::new(400, "Request_BadRequest", message)
    })
}

fn select(value: &str) -> Result<Vec<String>, Failure> {
    let names: Vec<String> = value.split(',').map(|name| name.trim().to_owned()).collect();
    match names.iter().find(|name| !MEMBERS.contains(&name.as_str())) {
        None => Ok(names),
        Some(unknown) => Err(Failure::new(
            400,
            "BadRequest",
            format!(
                "Could not find a property named '{unknown}' on type 'microsoft.graph.federatedIdentityCredential'."
            ),
        )),
    }
}

/// Comparisons `name eq 'text'` or `subject eq 'text'`, joined by `and`.
fn filter(text: &str) -> Result<Vec<(Property, String)>, Failure> {
    let invalid = || Failure::new(400, "BadRequest", "Invalid filter clause.");
    let mut comparisons = Vec::new();
    let mut rest = text.trim();
    loop {
        let (name, comparison) = rest.split_once(char::is_whitespace).ok_or_else(invalid)?;
        let property = match name {
            "name" => Property::Name,
            "subject" => Property::Subject,
            _ => return Err(unsupported("Unsupported or invalid query filter clause specified.")),
        };
        let literal = comparison
            .trim_start()
            .strip_prefix("eq ")
            .ok_or_else(|| unsupported("Unsupported or invalid query filter clause specified."))?;
        let literal = literal.trim_start();
        let end = literal_end(literal).ok_or_else(invalid)?;
        let (literal, next) = literal.split_at(end);
        comparisons.push((property, quoted(literal).ok_or_else(invalid)?));
        if next.trim().is_empty() {
            return Ok(comparisons);
        }
        rest = next.trim_start().strip_prefix("and ").ok_or_else(invalid)?.trim_start();
    }
}

/// Where a text in quotation marks at the beginning ends.
fn literal_end(text: &str) -> Option<usize> {
    let mut marks = text.match_indices('\'').map(|(index, _)| index).peekable();
    if marks.next()? != 0 {
        return None;
    }
    loop {
        let mark = marks.next()?;
        // A doubled mark is part of the text.
        if marks.next_if_eq(&(mark + 1)).is_none() {
            return Some(mark + 1);
        }
    }
}

fn unsupported(message: &str) -> Failure {
    Failure::new(400, "Request_UnsupportedQuery", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Options, &'static str> {
        let request = http::Request::get(format!("/x?{query}")).body(Vec::new()).expect("one");
        Options::read(&request).map_err(|failure| failure.code)
    }

    #[test]
    fn options_are_read() {
        let options =
            read("$top=5&%24skiptoken=abc&$count=true&$select=id,name&x=y").expect("read");
        assert_eq!(options.size(), 5);
        assert_eq!(options.continuation.as_deref(), Some("abc"));
        assert!(options.count && options.shows("id") && !options.shows("issuer"));
        assert_eq!(read("").expect("read"), Options::default());
    }

    #[test]
    fn filters_compare_names_and_subjects() {
        for (text, wanted) in [
            ("subject eq 'a:b'", vec![(Property::Subject, "a:b")]),
            ("name  eq  'it''s'", vec![(Property::Name, "it's")]),
            (
                "subject eq 'a and b' and name eq ''",
                vec![(Property::Subject, "a and b"), (Property::Name, "")],
            ),
        ] {
            let wanted: Vec<_> = wanted.into_iter().map(|(p, text)| (p, text.to_owned())).collect();
            assert_eq!(filter(text), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn other_options_are_refused() {
        for (query, code) in [
            ("$top=0", "Request_BadRequest"),
            ("$top=1000", "Request_BadRequest"),
            ("$top=x", "Request_BadRequest"),
            ("$orderby=name", "Request_UnsupportedQuery"),
            ("$select=id,keys", "BadRequest"),
            ("$filter=", "BadRequest"),
            ("$filter=issuer%20eq%20'a'", "Request_UnsupportedQuery"),
            ("$filter=subject%20ne%20'a'", "Request_UnsupportedQuery"),
            ("$filter=subject%20eq%20'a", "BadRequest"),
            ("$filter=subject%20eq%20a", "BadRequest"),
            ("$filter=subject%20eq%20'a'%20or%20name%20eq%20'b'", "BadRequest"),
        ] {
            assert_eq!(read(query), Err(code), "{query}");
        }
    }
}
