//! AWS: the places of credentials, the signatures, and the tokens of STS and Cognito.

use crate::fixture::{Fixture, Response, WithHeader, claims, json, request};
use workload_identity_emulator::{Platform, PlatformSetup};

const IMDS: &str = "/platforms/aws/imds/latest";
const TTL: &str = "x-aws-ec2-metadata-token-ttl-seconds";
const ROLE_ARN: &str = "arn:aws:iam::123456789012:role/workload";

fn aws() -> (Fixture, PlatformSetup) {
    let mut fixture = Fixture::new();
    let platform = Platform::named("aws").expect("a platform");
    fixture.emulator.trust_platform(platform).expect("trust");
    let setup = fixture.emulator.platform_setup(platform, "/folder", fixture.now).expect("a setup");
    (fixture, setup)
}

fn body(response: &Response) -> String {
    String::from_utf8(response.body.clone()).expect("text")
}

fn sts(fixture: &mut Fixture, form: &str, authorization: &str) -> Response {
    let mut request = request("POST", "/platforms/aws/sts/")
        .with_header("content-type", "application/x-www-form-urlencoded")
        .with_header("authorization", authorization);
    *request.body_mut() = form.as_bytes().to_vec();
    fixture.send(&request)
}

#[test]
fn the_instance_gives_credentials_for_a_session_token_only() {
    let (mut fixture, _) = aws();
    let path = format!("{IMDS}/meta-data/iam/security-credentials/");
    assert_eq!(fixture.get(&path).status, 401);
    let put = |ttl: &str| request("PUT", &format!("{IMDS}/api/token")).with_header(TTL, ttl);
    assert_eq!(fixture.send(&put("0")).status, 400);
    assert_eq!(fixture.send(&put("60").with_header("x-forwarded-for", "1.2.3.4")).status, 403);
    assert_eq!(fixture.get(&format!("{IMDS}/api/token")).status, 405);
    let token = body(&fixture.send(&put("300")));
    let get = |path: &str| request("GET", path).with_header("x-aws-ec2-metadata-token", &token);
    assert_eq!(body(&fixture.send(&get(&path))), "workload");
    let credentials = json(&fixture.send(&get(&format!("{path}workload"))));
    assert_eq!(credentials["Code"], "Success");
    assert_eq!(fixture.send(&get(&format!("{path}other"))).status, 404);
    let region = fixture.send(&get(&format!("{IMDS}/meta-data/placement/region")));
    assert_eq!(body(&region), "eu-west-1");
}

#[test]
fn pod_identity_needs_the_pods_token() {
    let (mut fixture, setup) = aws();
    let path = "/platforms/aws/pod-identity/v1/credentials";
    let get = |token: &str| request("GET", path).with_header("authorization", token);
    assert_eq!(fixture.get(path).status, 400);
    assert_eq!(fixture.send(&get("other")).status, 400);
    let (_, token) = &setup.files[0];
    assert_eq!(json(&fixture.send(&get(token)))["RoleArn"], ROLE_ARN);
}

#[test]
fn requests_without_a_good_signature_are_refused_as_sts_does() {
    let (mut fixture, _) = aws();
    let form =
        "Action=GetWebIdentityToken&Version=2011-06-15&Audience.member.1=a&SigningAlgorithm=RS256";
    for (authorization, code) in [
        ("", "MissingAuthenticationToken"),
        ("AWS4-HMAC-SHA256 Credential=A", "IncompleteSignature"),
        (
            "AWS4-HMAC-SHA256 Credential=A/20261122/eu-west-1/sts/aws4_request, SignedHeaders=host;x-amz-date, Signature=00",
            "InvalidClientTokenId",
        ),
    ] {
        let response = sts(&mut fixture, form, authorization);
        assert_eq!(response.status, 403);
        assert!(body(&response).contains(&format!("<Code>{code}</Code>")), "{}", body(&response));
    }
    assert_eq!(sts(&mut fixture, "Action=Other", "").status, 400);
}

#[test]
fn a_pods_token_becomes_credentials_of_its_role() {
    let (mut fixture, setup) = aws();
    let (_, token) = &setup.files[1];
    assert_eq!(claims(token)["aud"][0], "sts.amazonaws.com");
    let form = |role: &str, token: &str| {
        format!(
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn={role}&RoleSessionName=app&WebIdentityToken={token}"
        )
    };
    let response = sts(&mut fixture, &form(ROLE_ARN, token), "");
    assert_eq!(response.status, 200);
    assert!(body(&response).contains("<SessionToken>"), "{}", body(&response));
    let foreign = fixture.github_token();
    for (role, token, status, code) in [
        ("arn:aws:iam::123456789012:role/other", token.as_str(), 403, "AccessDenied"),
        (ROLE_ARN, &foreign, 400, "InvalidIdentityToken"),
        (ROLE_ARN, "no.to.ken", 400, "InvalidIdentityToken"),
    ] {
        let response = sts(&mut fixture, &form(role, token), "");
        assert_eq!(response.status, status);
        assert!(body(&response).contains(code), "{}", body(&response));
    }
}
