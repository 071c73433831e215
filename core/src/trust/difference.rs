//! The class of the difference between an expected and a presented value.

use super::look_alike;
use super::pattern;
use super::platform::{self, Platform};
use super::subject::Subject;
use crate::entra::CLOUDS;
use crate::verdict::{Difference, Field};
use alloc::string::String;

/// Longest value whose spelling is examined, in bytes. Longer ones are different: an expression has at most 2048 characters.
const MAX_SPELLED: usize = 4096;

/// The first character at which two texts differ, counted from 0; `None` if they are equal.
pub(super) fn position(expected: &str, presented: &str) -> Option<usize> {
    (expected != presented).then(|| first_difference(expected, presented))
}

/// The length in characters of what two texts begin with in common.
pub(super) fn first_difference(expected: &str, presented: &str) -> usize {
    expected.chars().zip(presented.chars()).take_while(|(one, other)| one == other).count()
}

/// Returns how two values differ, or `None` if they are equal. The first class of [`Difference::ALL`] that describes it.
pub(super) fn classify(field: Field, expected: &str, presented: &str) -> Option<Difference> {
    classify_by(|one, other| one == other, field, expected, presented)
}

/// As [`classify`], for a claim that should match a pattern.
pub(super) fn classify_pattern(pattern: &str, presented: &str) -> Option<Difference> {
    classify_by(pattern::matches, Field::Expression, pattern, presented)
}

fn classify_by(
    fits: fn(&str, &str) -> bool,
    field: Field,
    expected: &str,
    presented: &str,
) -> Option<Difference> {
    if fits(expected, presented) {
        return None;
    }
    if presented.is_empty() {
        return Some(Difference::Missing);
    }
    let class = of_spelling(fits, expected, presented).or_else(|| match field {
        Field::Issuer => of_issuers(expected, presented),
        Field::Audience => of_audiences(expected, presented),
        Field::Subject | Field::Expression => of_subjects(expected, presented),
    });
    Some(class.unwrap_or(Difference::Different))
}

/// Whether two different values are equal without regard to case.
pub(super) fn is_case_only(expected: &str, presented: &str) -> bool {
    expected != presented && expected.to_lowercase() == presented.to_lowercase()
}

/// The differences that hardly show. Of several at once, the last in the order of the steps is the class.
fn of_spelling(
    fits: fn(&str, &str) -> bool,
    expected: &str,
    presented: &str,
) -> Option<Difference> {
    if expected.len().max(presented.len()) > MAX_SPELLED {
        return None;
    }
    type Undo = fn(&str) -> String;
    let steps: [(Difference, Undo); 5] = [
        (Difference::CaseOnly, |text| text.to_lowercase()),
        (Difference::WhiteSpace, |text| text.split(char::is_whitespace).collect()),
        (Difference::TrailingSlash, |text| text.trim_end_matches('/').into()),
        (Difference::PercentEncoding, |text| text.replace("%3A", ":").replace("%3a", ":")),
        (Difference::LookAlikeUnicode, look_alike::skeleton),
    ];
    let ascii = expected.is_ascii() && presented.is_ascii();
    let steps =
        steps.iter().filter(|(class, _)| !(ascii && *class == Difference::LookAlikeUnicode));
    let alone = |(_, undo): &&(Difference, Undo)| fits(&undo(expected), &undo(presented));
    if let Some((class, _)) = steps.clone().find(alone) {
        return Some(*class);
    }
    let undone = |without: Option<Difference>| {
        let undo_all = |text: &str| {
            let steps = steps.clone().filter(|(class, _)| Some(*class) != without);
            steps.fold(String::from(text), |text, (_, undo)| undo(&text))
        };
        fits(&undo_all(expected), &undo_all(presented))
    };
    if !undone(None) {
        return None;
    }
    let needed = |class: &Difference| !undone(Some(*class));
    steps.clone().map(|(class, _)| *class).rev().find(needed)
}

fn of_issuers(expected: &str, presented: &str) -> Option<Difference> {
    let one = Platform::of_issuer(expected)?;
    let other = Platform::of_issuer(presented)?;
    platform::are_related(one, other).then_some(Difference::IssuerOfSamePlatform)
}

fn of_audiences(expected: &str, presented: &str) -> Option<Difference> {
    let is_exchange = |audience: &str| {
        CLOUDS.iter().any(|cloud| cloud.exchange_audience.eq_ignore_ascii_case(audience))
    };
    (is_exchange(expected) && is_exchange(presented)).then_some(Difference::AudienceOfAnotherCloud)
}

fn of_subjects(expected: &str, presented: &str) -> Option<Difference> {
    let presented = Subject::parse(presented)?;
    let of_run = presented.form.per_run().next().map(|_| Difference::PerRunSubject);
    let Some(expected) = Subject::parse(expected) else { return of_run };
    if expected.form.platform != presented.form.platform {
        return of_run;
    }
    if expected.form.generation != presented.form.generation && expected.may_be_same(&presented) {
        return match presented.form.platform {
            Platform::Github => Some(Difference::GithubImmutableSubject),
            Platform::Gitlab => Some(Difference::GitlabProjectIdSubject),
            Platform::AzureDevops => Some(Difference::AzureDevopsSubject),
            _ => of_run,
        };
    }
    let same_project = expected.is_same_project(&presented);
    let context = same_project && expected.context() != presented.context();
    of_run.or_else(|| context.then_some(Difference::JobContext))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(field: Field, expected: &str, presented: &str) -> &'static str {
        let forth = classify(field, expected, presented).map_or("equal", Difference::name);
        let back = classify(field, presented, expected).map_or("equal", Difference::name);
        if !presented.is_empty() && !matches!(forth, "per_run_subject") {
            assert_eq!(forth, back, "{expected} {presented}");
        }
        forth
    }

    #[test]
    fn spelling() {
        for (expected, presented, wanted) in [
            ("a", "a", "equal"),
            ("a", "", "missing"),
            ("Ab", "aB", "case_only"),
            ("STRASSE", "Strasse", "case_only"),
            ("a", "a ", "white_space"),
            ("a", "\ta\u{a0}", "white_space"),
            ("a", "a/", "trailing_slash"),
            ("A", "a/", "trailing_slash"),
            ("a b", "A b /", "trailing_slash"),
            ("a:b", "a%3Ab", "percent_encoding"),
            ("paypal", "p\u{430}yp\u{430}l", "look_alike_unicode"),
            ("a-b", "a\u{2010}b", "look_alike_unicode"),
            ("ab", "a\u{200b}b", "look_alike_unicode"),
            ("caf\u{e9}", "cafe\u{301}", "look_alike_unicode"),
            ("ab", "\u{ff41}b", "look_alike_unicode"),
            ("app1", "appl", "different"),
        ] {
            assert_eq!(
                class(Field::Audience, expected, presented),
                wanted,
                "{expected} {presented}"
            );
        }
    }

    #[test]
    fn positions_count_characters() {
        assert_eq!(position("äöü", "äöx"), Some(2));
        assert_eq!(position("ab", "abc"), Some(2));
        assert_eq!(position("ab", "ab"), None);
    }
}
