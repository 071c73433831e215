//! Claims matching expressions of flexible federated identity credentials ("Flexible federated identity credentials",
//! Entra documentation, language version 1).
//!
//! ```text
//! expression = clause *( " and " clause )
//! clause     = "claims['" name "'] " ( "eq" / "matches" ) " '" value "'"
//! ```
//!
//! A quote inside a value is written twice. In the value of `matches`, `*` stands for any run of characters and `?` for one.

use super::{TokenClaims, difference, pattern};
use crate::verdict::{Difference, Field};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// Longest expression that is read, in characters.
pub const MAX_EXPRESSION_CHARACTERS: usize = 2048;

/// A claims matching expression: all clauses must hold.
///
/// ```
/// use workload_identity_core::trust::{Expression, TokenClaims};
/// let text = "claims['sub'] matches 'repo:octo/app:ref:refs/heads/*' and claims['job_workflow_ref'] eq 'a'";
/// let expression = Expression::parse(text)?;
/// assert_eq!(expression.clauses()[0].claim, "sub");
/// let error = Expression::parse("claims['sub'] equals 'a'").unwrap_err();
/// assert_eq!(error.position, 14);
/// # Ok::<(), workload_identity_core::trust::ExpressionError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    clauses: Vec<Clause>,
}

/// One comparison of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Clause {
    /// The name of the claim.
    pub claim: String,
    /// How it is compared.
    pub operator: Operator,
    /// What it is compared with, its quotes unescaped.
    pub value: String,
}

/// The operator of a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `eq`: the claim equals the value.
    Eq,
    /// `matches`: the claim matches the value as a pattern.
    Matches,
}

/// Why an expression cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExpressionError {
    /// Where, in characters from 0.
    pub position: usize,
    /// What should stand there.
    pub expected: &'static str,
}

impl fmt::Display for ExpressionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "at character {}: expected {}", self.position, self.expected)
    }
}

impl core::error::Error for ExpressionError {}

impl Expression {
    /// Parses an expression.
    ///
    /// # Errors
    /// [`ExpressionError`] with the position.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        if text.chars().nth(MAX_EXPRESSION_CHARACTERS).is_some() {
            return Err(ExpressionError {
                position: MAX_EXPRESSION_CHARACTERS,
                expected: "the end: an expression has at most 2048 characters",
            });
        }
        let mut reader = Reader { rest: text, position: 0 };
        let mut clauses = alloc::vec![reader.clause()?];
        while !reader.rest.is_empty() {
            reader.keyword(&[" and "], "` and ` or the end")?;
            clauses.push(reader.clause()?);
        }
        Ok(Self { clauses })
    }

    /// The clauses, at least one.
    #[must_use]
    pub fn clauses(&self) -> &[Clause] {
        &self.clauses
    }

    /// Whether a token's claims meet all clauses.
    #[must_use]
    pub fn matches(&self, claims: &TokenClaims) -> bool {
        self.failing(claims).is_none()
    }

    /// The first clause that the claims do not meet.
    pub(super) fn failing(&self, claims: &TokenClaims) -> Option<&Clause> {
        let met =
            |clause: &Clause| claims.text(&clause.claim).is_some_and(|text| clause.holds(text));
        self.clauses.iter().find(|clause| !met(clause))
    }
}

impl Clause {
    /// Whether the claim's text meets the clause.
    #[must_use]
    pub fn holds(&self, text: &str) -> bool {
        match self.operator {
            Operator::Eq => self.value == text,
            Operator::Matches => pattern::matches(&self.value, text),
        }
    }

    /// How the text of a claim differs from what the clause admits.
    pub(super) fn difference(&self, text: &str) -> Option<Difference> {
        match self.operator {
            Operator::Eq => difference::classify(Field::Expression, &self.value, text),
            Operator::Matches => difference::classify_pattern(&self.value, text),
        }
    }

    /// The first character of the text that the clause does not admit, counted from 0; the text's length if it ends too
    /// early. Meaningful for a clause that does not hold.
    pub(super) fn mismatch(&self, text: &str) -> usize {
        match self.operator {
            Operator::Eq => difference::first_difference(&self.value, text),
            Operator::Matches => pattern::longest_prefix(&self.value, text),
        }
    }
}

/// The part of an expression that is not read yet.
struct Reader<'t> {
    rest: &'t str,
    position: usize,
}

impl<'t> Reader<'t> {
    fn clause(&mut self) -> Result<Clause, ExpressionError> {
        self.keyword(&["claims["], "`claims['NAME']`")?;
        let claim = self.quoted("a claim's name in single quotes")?;
        if claim.is_empty() {
            return Err(self.error("a claim's name before the quote"));
        }
        self.keyword(&["] "], "`] ` and an operator")?;
        let operator = match self.keyword(&["eq ", "matches "], "`eq` or `matches`, and a blank")? {
            "eq " => Operator::Eq,
            _ => Operator::Matches,
        };
        let value = self.quoted("a value in single quotes")?;
        Ok(Clause { claim, operator, value })
    }

    /// Reads one of some words.
    fn keyword(
        &mut self,
        words: &[&'static str],
        expected: &'static str,
    ) -> Result<&'static str, ExpressionError> {
        for word in words {
            if let Some(rest) = self.rest.strip_prefix(word) {
                self.rest = rest;
                self.position += word.len();
                return Ok(word);
            }
        }
        Err(self.error(expected))
    }

    /// Reads a text in single quotes, in which `''` stands for one quote.
    fn quoted(&mut self, expected: &'static str) -> Result<String, ExpressionError> {
        self.keyword(&["'"], expected)?;
        let mut text = String::new();
        loop {
            let Some((before, after)) = self.rest.split_once('\'') else {
                self.skip(self.rest);
                return Err(self.error("the closing single quote"));
            };
            text.push_str(before);
            self.skip(before);
            self.position += 1;
            self.rest = after;
            match after.strip_prefix('\'') {
                Some(rest) => {
                    text.push('\'');
                    self.position += 1;
                    self.rest = rest;
                }
                None => return Ok(text),
            }
        }
    }

    fn skip(&mut self, text: &'t str) {
        self.position += text.chars().count();
        self.rest = self.rest.strip_prefix(text).unwrap_or_default();
    }

    fn error(&self, expected: &'static str) -> ExpressionError {
        ExpressionError { position: self.position, expected }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    const GOOD: &str =
        "claims['sub'] matches 'repo:octo/*' and claims['job_workflow_ref'] eq 'it''s'";

    #[test]
    fn clauses_are_read() {
        let expression = Expression::parse(GOOD).unwrap();
        let [first, second] = expression.clauses() else { panic!("two clauses") };
        assert_eq!((first.claim.as_str(), first.operator), ("sub", Operator::Matches));
        assert_eq!((second.operator, second.value.as_str()), (Operator::Eq, "it's"));
        let mut claims = TokenClaims::from_payload(
            r#"{"sub":"repo:octo/app:x","job_workflow_ref":"it's","other":1}"#,
        )
        .unwrap();
        assert!(expression.matches(&claims));
        claims.subject = None;
        assert_eq!(expression.failing(&claims), Some(first));
    }

    #[test]
    fn an_expression_cut_off_anywhere_is_an_error() {
        for end in 0..GOOD.len() {
            let text = &GOOD[..end];
            match Expression::parse(text) {
                Ok(expression) => {
                    // The first clause alone; or with the quote of `it''s` cut in two.
                    let whole = text.ends_with("octo/*'") || text.ends_with("'it'");
                    assert!(whole && expression.clauses().len() < 3, "{text}");
                }
                Err(error) => assert!(error.position <= end, "{text}: {error}"),
            }
        }
    }

    #[test]
    fn errors_have_a_position_in_characters() {
        for (text, position) in [
            ("", 0),
            ("sub eq 'a'", 0),
            ("claims[sub] eq 'a'", 7),
            ("claims[''] eq 'a'", 9),
            ("claims['sub']eq 'a'", 12),
            ("claims['süb'] EQ 'a'", 14),
            ("claims['sub'] startswith 'a'", 14),
            ("claims['sub'] eq a", 17),
            ("claims['sub'] eq 'ä", 19),
            ("claims['sub'] eq 'a' or claims['sub'] eq 'b'", 20),
            ("claims['sub'] eq 'a' and ", 25),
            ("claims['sub'] eq 'a' ", 20),
            (" claims['sub'] eq 'a'", 0),
        ] {
            let error = Expression::parse(text).unwrap_err();
            assert_eq!(error.position, position, "{text}: {error}");
        }
        let long = "claims['sub'] eq '".to_string() + &"x".repeat(3000) + "'";
        assert_eq!(Expression::parse(&long).unwrap_err().position, MAX_EXPRESSION_CHARACTERS);
    }
}
