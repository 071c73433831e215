//! Whether a token can match any federated identity credential at all, before it is exchanged.

use super::{
    MAX_ISSUER_KEYS, MAX_VALUE_CHARACTERS, Platform, Subject, TokenClaims, advice, decision,
    metadata, platform, shown,
};
use crate::Error;
use crate::entra::CLOUDS;
use crate::http::{AddressPolicy, PrivateAddresses, Refusal};
use crate::jose::Algorithm;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::Serialize;

/// What a token says about itself, and what hinders its exchange. Nothing is verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Preflight {
    /// `alg`
    pub algorithm: Option<String>,
    /// `iss`
    pub issuer: Option<String>,
    /// `sub`
    pub subject: Option<String>,
    /// `aud`
    pub audience: Vec<String>,
    /// Seconds from `iat` (or `nbf`) to `exp`.
    pub lifetime_s: Option<i64>,
    /// Whether Entra can accept the token.
    pub entra: EntraPreflight,
}

/// What hinders an exchange at Entra.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EntraPreflight {
    /// Whether some credential can match tokens like this one.
    pub possible: bool,
    /// What to know before a credential is written.
    pub problems: Vec<Problem>,
}

/// A problem of a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// A stable word.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

/// The problems as they are found.
#[derive(Default)]
struct Problems {
    found: Vec<Problem>,
    lasting: bool,
}

impl Problems {
    /// A problem with which no credential can match.
    fn never(&mut self, code: &'static str, message: impl Into<String>) {
        self.lasting = true;
        self.note(code, message);
    }

    /// A problem that a credential or the configuration of the source can solve.
    fn note(&mut self, code: &'static str, message: impl Into<String>) {
        self.found.push(Problem { code, message: message.into() });
    }
}

/// Examines a token. `keys` is the issuer's key set document, if it is known.
///
/// # Errors
/// `malformed` or `too_large` when `keys` is no key set.
pub fn preflight(claims: &TokenClaims, keys: Option<&[u8]>) -> Result<Preflight, Error> {
    let mut problems = Problems::default();
    of_header(claims, &mut problems);
    of_issuer(claims, &mut problems);
    of_subject(claims, &mut problems);
    of_audience(claims, &mut problems);
    if let Some(keys) = keys {
        of_keys(claims, keys, &mut problems)?;
    }
    let start = claims.issued_at.or(claims.not_before);
    let lifetime = claims.expires.zip(start).map(|(end, start)| end.since(start) / 1000);
    if lifetime.is_some_and(|seconds| seconds <= 0) {
        problems.never(
            "lifetime_empty",
            "the token ends (`exp`) before it begins (`iat`), so it is never valid; correct the issuer's clock or lifetime",
        );
    }
    Ok(Preflight {
        algorithm: claims.header.as_ref().and_then(|header| header.algorithm.clone()),
        issuer: claims.issuer.clone(),
        subject: claims.subject.clone(),
        audience: claims.audience.clone(),
        lifetime_s: lifetime,
        entra: EntraPreflight { possible: !problems.lasting, problems: problems.found },
    })
}

fn of_header(claims: &TokenClaims, problems: &mut Problems) {
    let Some(header) = &claims.header else { return };
    if let Some(defect) = &header.defect {
        problems.never("not_a_signed_token", defect.message.clone());
    }
    let algorithm = header.algorithm.as_deref().unwrap_or("none");
    if algorithm != Algorithm::Rs256.name() {
        problems.never(
            "algorithm_not_rs256",
            format!("the token is signed with {}, and Entra takes RS256 only; have the issuer sign with an RSA key (SPIRE: `jwt_key_type = \"rsa-2048\"`; AWS: `SigningAlgorithm=RS256`)", shown(algorithm)),
        );
    }
    if decision::check_header(claims) == Err(decision::Refusal::TYPE) {
        problems.never("type_not_jwt", "the token's `typ` is not `JWT`, which Entra refuses");
    }
}

fn of_issuer(claims: &TokenClaims, problems: &mut Problems) {
    let Some(issuer) = value("issuer", claims.issuer.as_deref(), problems) else { return };
    if issuer.trim() != issuer {
        problems.never(
            "issuer_white_space",
            "the issuer begins or ends with white space, which blocks every exchange",
        );
        return;
    }
    let subject = claims.subject.as_deref().unwrap_or_default();
    if platform::is_entra_issuer(issuer) {
        if !decision::is_federated(claims, subject) {
            problems.never(
                "entra_issued",
                "Entra issued the token; as assertions it takes of its own tokens only those of managed identities and of Azure DevOps",
            );
        }
        return;
    }
    let public = AddressPolicy { private: PrivateAddresses::Deny, allow_loopback_http: false };
    if let Err(refusal) = public.parse(issuer) {
        // The options that the refusal names are not Entra's.
        let reason = match refusal {
            Refusal::Insecure | Refusal::LoopbackHttp => String::from("uses http"),
            Refusal::Denied => "is of a private network or of this machine".into(),
            other => format!("{other}"),
        };
        problems.never(
            "private_issuer",
            format!("Entra must be able to fetch the issuer's documents from the Internet over https: `{}` {reason}", shown(issuer)),
        );
    }
}

fn of_subject(claims: &TokenClaims, problems: &mut Problems) {
    let Some(subject) = value("subject", claims.subject.as_deref(), problems) else { return };
    let issuer = claims.issuer.as_deref().unwrap_or_default();
    let Some(parsed) = Subject::parse_of(subject, issuer).or_else(|| Subject::parse(subject))
    else {
        return;
    };
    if parsed.form.per_run().next().is_some() {
        problems.never("per_run_subject", advice::per_run(claims));
    }
    if parsed.part("user_id").is_some() {
        problems.note(
            "per_user_subject",
            "the subject has the id of the user who started the job, so each user needs a credential",
        );
    }
}

fn of_audience(claims: &TokenClaims, problems: &mut Problems) {
    let Some(first) = claims.audience.first() else {
        problems.never("audience_missing", "the token has no audience");
        return;
    };
    for audience in &claims.audience {
        value("audience", Some(audience), problems);
    }
    let is_exchange =
        |audience: &String| CLOUDS.iter().any(|cloud| cloud.exchange_audience == audience.as_str());
    if claims.audience.iter().any(is_exchange) {
        return;
    }
    let issuer = claims.issuer.as_deref().unwrap_or_default();
    let remedy = match Platform::of_issuer(issuer) {
        Some(Platform::Modal | Platform::Cognito | Platform::Spacelift) => {
            "the platform fixes it, so write it into the credential"
        }
        Some(Platform::Eks) => {
            "project a second service account token for `api://AzureADTokenExchange`, or write this audience into the credential"
        }
        _ => {
            "request the token for `api://AzureADTokenExchange`, or write this audience into the credential"
        }
    };
    problems.note(
        "foreign_audience",
        format!(
            "the audience `{}` is not that of a token exchange at Entra; {remedy}",
            shown(first)
        ),
    );
}

fn of_keys(claims: &TokenClaims, keys: &[u8], problems: &mut Problems) -> Result<(), Error> {
    let key_id = claims.header.as_ref().and_then(|header| header.key_id.as_deref());
    let listed = metadata::listed(keys, key_id)?;
    if listed.count > MAX_ISSUER_KEYS {
        problems.note(
            "too_many_keys",
            format!(
                "the issuer has {} keys, and Entra keeps the first {MAX_ISSUER_KEYS}",
                listed.count
            ),
        );
    }
    match (listed.signing, key_id) {
        (Some(index), _) if index >= MAX_ISSUER_KEYS => problems.never(
            "signing_key_beyond_100",
            format!("the token's key is number {} of the issuer's, and Entra keeps the first {MAX_ISSUER_KEYS}", index + 1),
        ),
        (None, Some(_)) => problems.note(
            "signing_key_missing",
            "the issuer's key set does not have the token's key; it may have been rotated",
        ),
        _ => {}
    }
    Ok(())
}

/// Checks that a value is there and that a credential can hold it.
fn value<'v>(
    name: &'static str,
    value: Option<&'v str>,
    problems: &mut Problems,
) -> Option<&'v str> {
    let [missing, too_long] = match name {
        "issuer" => ["issuer_missing", "issuer_too_long"],
        "subject" => ["subject_missing", "subject_too_long"],
        _ => ["audience_missing", "audience_too_long"],
    };
    let Some(value) = value.filter(|value| !value.trim().is_empty()) else {
        problems.never(missing, format!("the token has no {name}"));
        return None;
    };
    if value.chars().nth(MAX_VALUE_CHARACTERS).is_some() {
        problems.never(
            too_long,
            format!(
                "the {name} is over {MAX_VALUE_CHARACTERS} characters, which no credential can hold"
            ),
        );
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::{attach, signing_input};
    use alloc::string::ToString;

    fn examine(header: &str, payload: &str, keys: Option<&str>) -> Preflight {
        let token = attach(&signing_input(header, payload), b"signature");
        let claims = TokenClaims::from_token(&token).unwrap();
        preflight(&claims, keys.map(str::as_bytes)).unwrap()
    }

    fn codes(payload: &str) -> (bool, Vec<&'static str>) {
        let entra = examine(r#"{"alg":"RS256","kid":"k"}"#, payload, None).entra;
        (entra.possible, entra.problems.iter().map(|problem| problem.code).collect())
    }

    fn payload(issuer: &str, subject: &str, audience: &str) -> String {
        serde_json::json!({"iss": issuer, "sub": subject, "aud": audience}).to_string()
    }

    const EXCHANGE: &str = "api://AzureADTokenExchange";

    #[test]
    fn a_good_token_has_no_problems() {
        let payload = r#"{"iss":"https://token.actions.githubusercontent.com","sub":"repo:o/a:pull_request","aud":"api://AzureADTokenExchange","iat":100,"exp":400}"#;
        let found = examine(r#"{"alg":"RS256"}"#, payload, None);
        assert_eq!(
            serde_json::to_string(&found).unwrap(),
            r#"{"algorithm":"RS256","issuer":"https://token.actions.githubusercontent.com","subject":"repo:o/a:pull_request","audience":["api://AzureADTokenExchange"],"lifetime_s":300,"entra":{"possible":true,"problems":[]}}"#
        );
    }

    #[test]
    fn what_can_never_match_is_named() {
        let bitbucket =
            "{11111111-2222-3333-4444-555555555555}:{11111111-2222-3333-4444-555555555555}";
        let long = "x".repeat(601);
        for (issuer, subject, audience, possible, code) in [
            (
                "https://agent.buildkite.com",
                "organization:o:pipeline:p:ref:r:commit:c:step:nil",
                EXCHANGE,
                false,
                "per_run_subject",
            ),
            (
                "https://api.bitbucket.org/2.0/workspaces/w/pipelines-config/identity/oidc",
                bitbucket,
                EXCHANGE,
                false,
                "per_run_subject",
            ),
            ("https://oidc.fly.io/o", "o:app:148e12345b7789", EXCHANGE, false, "per_run_subject"),
            ("https://oidc.fly.io/o", "o:app:shop-web-1", EXCHANGE, false, "per_run_subject"),
            ("https://oidc.fly.io/o", "another form", EXCHANGE, false, "per_run_subject"),
            ("https://oidc.modal.com", "another form", EXCHANGE, false, "per_run_subject"),
            (
                "https://api.bitbucket.org/2.0/workspaces/w/pipelines-config/identity/oidc",
                "{w}:{r}:{e}:{s}",
                EXCHANGE,
                false,
                "per_run_subject",
            ),
            ("https://10.0.0.1", "s", EXCHANGE, false, "private_issuer"),
            ("http://issuer.example", "s", EXCHANGE, false, "private_issuer"),
            ("https://kubernetes.default.svc", "s", EXCHANGE, false, "private_issuer"),
            ("https://issuer.example ", "s", EXCHANGE, false, "issuer_white_space"),
            ("https://sts.windows.net/t/", "s", EXCHANGE, false, "entra_issued"),
            ("https://issuer.example", &long, EXCHANGE, false, "subject_too_long"),
            ("https://issuer.example", "s", "other", true, "foreign_audience"),
            ("", "s", EXCHANGE, false, "issuer_missing"),
            ("https://issuer.example", "", EXCHANGE, false, "subject_missing"),
        ] {
            let found = codes(&payload(issuer, subject, audience));
            assert_eq!(found, (possible, alloc::vec![code]), "{issuer} {subject:.40}");
        }
        let ends_first = r#"{"iss":"https://issuer.example","sub":"s","aud":"api://AzureADTokenExchange","iat":100,"exp":100}"#;
        assert_eq!(codes(ends_first), (false, alloc::vec!["lifetime_empty"]));
        assert_eq!(codes("{}").1, ["issuer_missing", "subject_missing", "audience_missing"]);
        let managed = "11111111-2222-3333-4444-555555555555";
        let entra = "https://login.microsoftonline.com/t/v2.0";
        assert_eq!(codes(&payload(entra, managed, EXCHANGE)), (true, Vec::new()));
    }

    #[test]
    fn header_and_keys() {
        let good = payload("https://issuer.example", "s", EXCHANGE);
        let of = |header: &str, keys: Option<&str>| {
            let entra = examine(header, &good, keys).entra;
            (entra.possible, entra.problems.first().map(|problem| problem.code))
        };
        assert_eq!(of(r#"{"alg":"ES256"}"#, None), (false, Some("algorithm_not_rs256")));
        assert_eq!(of(r#"{"alg":"RS256","typ":"at+jwt"}"#, None), (false, Some("type_not_jwt")));
        let set = |count: usize| {
            let keys: Vec<String> = (0..count).map(|key| format!(r#"{{"kid":"{key}"}}"#)).collect();
            format!(r#"{{"keys":[{}]}}"#, keys.join(","))
        };
        let named = |key: usize| format!(r#"{{"alg":"RS256","kid":"{key}"}}"#);
        assert_eq!(of(&named(99), Some(&set(100))), (true, None));
        assert_eq!(of(&named(99), Some(&set(101))), (true, Some("too_many_keys")));
        assert_eq!(of(&named(7), Some(&set(7))), (true, Some("signing_key_missing")));
        let entra = examine(&named(100), &good, Some(&set(101))).entra;
        assert!(!entra.possible);
        assert_eq!(entra.problems.last().map(|last| last.code), Some("signing_key_beyond_100"));
        assert!(preflight(&TokenClaims::default(), Some(b"<html>")).is_err());
    }
}
