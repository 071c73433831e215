//! Flexible credentials at the token endpoint.

use crate::fixture::{AUDIENCE, Fixture, NOW, aadsts, text};
use crate::issuer::Token;
use workload_identity_emulator::Credential;

#[test]
fn expressions_accept_jobs_of_the_emulator() {
    let mut fixture = Fixture::with(|settings| settings.trust_own_issuers = false);
    let issuer = fixture.emulator.github_issuer();
    let expression = "claims['sub'] matches 'repo:octo-org/*:ref:refs/heads/?ain'";
    let credential = Credential::flexible(&issuer, expression, AUDIENCE);
    fixture.emulator.trust(credential).expect("trusted");
    let token = fixture.github_token();
    assert_eq!(fixture.exchange(&token).status, 200);
    let mut job = fixture.emulator.settings().github_job.clone();
    job.git_ref = "refs/heads/dev".to_owned();
    let other = fixture.emulator.github_token(&job, Some(AUDIENCE), fixture.now).expect("a token");
    assert_eq!(aadsts(&fixture.exchange(&other)), 7_002_131);
}

#[test]
fn expressions_have_their_issuers_and_claims() {
    let external = "https://idp.example/realm".to_owned();
    for (issuer, expression, number) in [
        (None, "claims['actor'] eq 'octocat'", 700_237),
        (Some(external), "claims['sub'] matches '*'", 7_002_241),
    ] {
        let mut fixture = Fixture::with(|settings| settings.trust_own_issuers = false);
        let own = fixture.emulator.github_issuer();
        let token = match &issuer {
            None => fixture.github_token(),
            Some(_) => Token::new(NOW).sign(),
        };
        let issuer = issuer.unwrap_or(own);
        let credential = Credential::flexible(&issuer, expression, AUDIENCE);
        fixture.emulator.trust(credential).expect("trusted");
        let response = fixture.exchange(&token);
        assert_eq!(aadsts(&response), number);
        assert!(text(&response, "error_description").contains(&issuer));
    }
}
