//! Trust: any claims, credentials and expressions. Nothing panics, every answer is strict JSON, advice is plain ASCII, and the
//! verdict is consistent with its fields.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use workload_identity_core::json;
use workload_identity_core::trust::{
    Credential, Expression, MAX_EXPRESSION_CHARACTERS, Subject, TokenClaims, evaluate,
    read_credentials,
};
use workload_identity_core::wire::trust;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    raw: &'a [u8],
    issuer: &'a str,
    subject: &'a str,
    audience: &'a str,
    credentials: Vec<AnyCredential<'a>>,
}

#[derive(Arbitrary, Debug)]
enum AnyCredential<'a> {
    /// As the token, but for one value.
    Near {
        value: u8,
        text: &'a str,
    },
    Exact {
        issuer: &'a str,
        subject: &'a str,
        audience: &'a str,
    },
    Flexible {
        platform: u8,
        expression: &'a str,
    },
    /// A pattern in a well-formed expression.
    Pattern {
        platform: u8,
        pattern: &'a str,
    },
}

const ISSUERS: [&str; 4] = [
    "https://token.actions.githubusercontent.com",
    "https://gitlab.com",
    "https://app.terraform.io",
    "https://issuer.example",
];

fuzz_target!(|input: Input<'_>| {
    for face in
        [trust::explain, trust::preflight, trust::subject, trust::expression, trust::credentials]
    {
        let answer = face(input.raw).unwrap_or_else(|error| error);
        json::parse(answer.as_bytes()).expect("an answer is strict JSON");
    }
    let _ = read_credentials(input.raw);
    if let Some(subject) = Subject::parse(input.subject) {
        assert!(subject.parts.iter().all(|(name, _)| !name.is_empty()));
    }
    let claims = TokenClaims::of(input.issuer, input.subject, [input.audience]);
    let credentials: Vec<Credential> =
        input.credentials.iter().take(20).map(|any| any.credential(&input)).collect();
    let verdict = evaluate(&claims, &credentials);
    let accepting = verdict.credentials.iter().filter(|credential| credential.accepted).count();
    assert!(!verdict.accepted || accepting > 0);
    assert_eq!(verdict.accepted, verdict.aadsts.is_none());
    for credential in &verdict.credentials {
        for field in &credential.fields {
            assert_eq!(field.equal, field.difference.is_none());
            let length = field.presented.as_deref().unwrap_or_default().chars().count();
            assert!(field.position.is_none_or(|position| position <= length));
        }
    }
    for line in &verdict.fix {
        assert!(line.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{line:?}");
    }
});

impl AnyCredential<'_> {
    fn credential(&self, input: &Input<'_>) -> Credential {
        let issuer = |platform: u8| ISSUERS[usize::from(platform) % ISSUERS.len()];
        match self {
            Self::Near { value: 0, text } => Credential::exact(text, input.subject, input.audience),
            Self::Near { value: 1, text } => Credential::exact(input.issuer, text, input.audience),
            Self::Near { text, .. } => Credential::exact(input.issuer, input.subject, text),
            Self::Exact { issuer, subject, audience } => {
                Credential::exact(issuer, subject, audience)
            }
            Self::Flexible { platform, expression } => {
                if let Err(error) = Expression::parse(expression) {
                    let length = expression.chars().count();
                    assert!(error.position <= length.min(MAX_EXPRESSION_CHARACTERS));
                }
                Credential::flexible(issuer(*platform), expression, input.audience)
            }
            Self::Pattern { platform, pattern } => {
                let value = pattern.replace('\'', "''");
                let expression = format!("claims['sub'] matches '{value}'");
                Credential::flexible(issuer(*platform), &expression, input.audience)
            }
        }
    }
}
