//! Instants at the boundary, to the millisecond.

use super::{Corpus, NOW, Token};
use serde_json::json;

pub(super) fn add(corpus: &mut Corpus) {
    expiry(corpus);
    beginnings(corpus);
    age(corpus);
}

fn with(claim: &str, seconds: i64) -> String {
    Token::es256().claims(|claims| claims.number("iat", NOW - 1).number(claim, seconds)).mint()
}

/// RFC 7519, section 4.1.4: on or after `exp` the token must not be accepted.
fn expiry(corpus: &mut Corpus) {
    let token = with("exp", NOW);
    for (name, leeway, millis, code) in [
        ("no-leeway-before", 0, -1, "accepted"),
        ("no-leeway-at", 0, 0, "expired"),
        ("leeway-60-before", 60, 59_999, "accepted"),
        ("leeway-60-at", 60, 60_000, "expired"),
        ("leeway-300-before", 300, 299_999, "accepted"),
        ("leeway-300-at", 300, 300_000, "expired"),
    ] {
        corpus
            .case(&format!("time/exp-{name}"), &["S12"], code)
            .options(json!({ "leeway_seconds": leeway }))
            .now(NOW * 1000 + millis)
            .token(&token);
    }
    for (name, millis, code) in [("before", 59_999, "accepted"), ("at", 60_000, "expired")] {
        corpus
            .case(&format!("time/exp-usual-leeway-{name}"), &["S12"], code)
            .now(NOW * 1000 + millis)
            .token(&token);
    }
    let fraction = Token::es256().claims(|claims| claims.raw("exp", &format!("{NOW}.5"))).mint();
    for (name, millis, code) in [("before", 499, "accepted"), ("at", 500, "expired")] {
        corpus
            .case(&format!("time/exp-fraction-{name}"), &["S12"], code)
            .options(json!({ "leeway_seconds": 0 }))
            .now(NOW * 1000 + millis)
            .token(&fraction);
    }
    corpus.case("time/exp-1970", &["S12"], "expired").token(with("exp", 0));
    corpus
        .case("time/exp-in-milliseconds", &["S12"], "accepted")
        .about(
            "far in the future, but a number of seconds all the same; `max_age_seconds` bounds it",
        )
        .token(with("exp", (NOW + 600) * 1000));
    corpus
        .case("time/exp-before-iat", &["S12"], "accepted")
        .about("within the leeway both hold")
        .token(Token::es256().claims(|c| c.number("iat", NOW + 30).number("exp", NOW - 30)).mint());
}

fn beginnings(corpus: &mut Corpus) {
    for (claim, code) in [("nbf", "not_yet_valid"), ("iat", "issued_in_future")] {
        for (name, seconds, result) in [
            ("leeway-at", 60, "accepted"),
            ("leeway-after", 61, code),
            ("tomorrow", 86_400, code),
            ("yesterday", -86_400, "accepted"),
        ] {
            corpus
                .case(&format!("time/{claim}-{name}"), &["S12"], result)
                .token(with(claim, NOW + seconds));
        }
        let token = with(claim, NOW);
        for (name, millis, result) in [("at", 0, "accepted"), ("before", -1, code)] {
            corpus
                .case(&format!("time/{claim}-no-leeway-{name}"), &["S12"], result)
                .options(json!({ "leeway_seconds": 0 }))
                .now(NOW * 1000 + millis)
                .token(&token);
        }
    }
    let both =
        Token::es256().claims(|claims| claims.number("nbf", NOW + 900).number("exp", NOW - 900));
    corpus.case("time/exp-before-nbf", &["S12"], "expired").token(both.mint());
}

fn age(corpus: &mut Corpus) {
    let hour = json!({ "max_age_seconds": 3600 });
    for (name, issued, code) in [
        ("at", NOW - 3660, "accepted"),
        ("after", NOW - 3661, "too_old"),
        ("week", NOW - 7 * 86_400, "too_old"),
        ("now", NOW, "accepted"),
        ("future", NOW + 61, "issued_in_future"),
    ] {
        corpus
            .case(&format!("time/max-age-{name}"), &["S12"], code)
            .issuer(hour.clone())
            .token(with("iat", issued));
    }
    corpus
        .case("time/max-age-without-iat", &["S26"], "claim_missing")
        .issuer(hour)
        .token(Token::es256().claims(|claims| claims.without("iat")).mint());
    corpus
        .case("time/a-week-old-without-max-age", &["S12"], "accepted")
        .token(with("iat", NOW - 7 * 86_400));
}
