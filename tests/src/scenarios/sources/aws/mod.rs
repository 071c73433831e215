//! AWS: `GetWebIdentityToken`, developer identities of Cognito, the token file of IRSA, and where their credentials come from.

mod configurations;
mod credentials;
mod instance_metadata;

use super::{config, exchange, request};
use crate::Recorder;
use crate::recorder::START;
use serde_json::{Value, json};
use workload_identity_core::jose::base64url_encode;

const AUDIENCE: &str = "api://AzureADTokenExchange";

const POOL: &str = "eu-west-1:11111111-2222-3333-4444-555555555555";

const XML: &str = "content-type: text/xml";

pub(super) fn all() -> Vec<Recorder> {
    let mut all = vec![environment_keys(), configured(), refusals(), answers(), cognito(), irsa()];
    for theme in [configurations::all(), credentials::all(), instance_metadata::all()] {
        all.extend(theme);
    }
    all
}

fn with_environment(source: Value, environment: Value) -> Value {
    config(json!({"source": source, "environment": environment}))
}

/// A configuration whose environment decides.
fn detected(environment: Value) -> Value {
    json!({"tenant_id": crate::scenarios::TENANT, "client_id": crate::scenarios::CLIENT, "environment": environment})
}

fn keys() -> Value {
    json!({
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        "AWS_SESSION_TOKEN": "IQoJb3JpZ2luX2VjEXAMPLE"
    })
}

/// The answer of AWS to callers who ask for JSON.
fn token_for(audience: &str) -> Value {
    let token = aws_token(audience, START / 1000 + 300);
    json!({"GetWebIdentityTokenResponse": {
        "GetWebIdentityTokenResult": {"WebIdentityToken": token, "Expiration": 1_767_225_900.0},
        "ResponseMetadata": {"RequestId": "r-1"}
    }})
}

fn aws_token(audience: &str, expires: i64) -> String {
    let claims = json!({
        "iss": "https://00000000-1111-2222-3333-444444444444.tokens.sts.global.api.aws",
        "sub": "arn:aws:iam::123456789012:role/app",
        "aud": audience,
        "exp": expires,
        "https://sts.amazonaws.com/": {"aws_account": "123456789012", "source_region": "eu-west-1"}
    });
    let part = |value: Value| base64url_encode(value.to_string().as_bytes());
    format!("{}.{}.c2lnbmF0dXJl", part(json!({"alg": "RS256", "kid": "RSA_0"})), part(claims))
}

fn issued(token: &str, expiration: &str) -> Value {
    json!({
        "AccessKeyId": "ASIAEXAMPLE",
        "SecretAccessKey": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        token: "IQoJb3JpZ2luX2VjEXAMPLE",
        "Expiration": expiration
    })
}

fn id(step: &Value) -> u64 {
    step["effect"]["id"].as_u64().expect("an id")
}

/// The next effect, which is a request to this address.
fn asks(r: &mut Recorder, t: u64, url: &str) -> Value {
    let step = r.poll(t, "perform");
    assert_eq!(step["effect"]["url"], url, "{step}");
    step
}

/// The signed request for a token and the exchange.
fn signed(r: &mut Recorder, t: u64, url: &str) {
    let step = asks(r, t, url);
    let headers = &step["effect"]["headers"];
    assert!(
        headers["authorization"]
            .as_str()
            .is_some_and(|text| text.starts_with("AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE/"))
    );
    assert_eq!(headers["x-amz-security-token"], "IQoJb3JpZ2luX2VjEXAMPLE");
    r.http(id(&step), 200, token_for(AUDIENCE));
    exchange(r, t, "token-1");
}

fn after_pause(r: &mut Recorder, t: u64) {
    let step = r.poll(t, "perform");
    let pause = step["effect"]["until"].as_i64().expect("until") - r.now();
    r.wait(pause);
    r.resolve(id(&step), "elapsed", 0, "", b"");
}

fn environment_keys() -> Recorder {
    let mut r = Recorder::new(
        "environment-aws",
        "Variables with an access key, as Lambda sets them: the request is signed, a throttled one again.",
        detected(keys()),
    );
    let t = r.begin(request());
    let step = asks(&mut r, t, "https://sts.eu-west-1.amazonaws.com/");
    assert_eq!(
        step["effect"]["body"],
        "Action=GetWebIdentityToken&Version=2011-06-15&Audience.member.1=api%3A%2F%2FAzureADTokenExchange&SigningAlgorithm=RS256"
    );
    r.resolve(
        id(&step),
        "http",
        400,
        XML,
        b"<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>",
    );
    after_pause(&mut r, t);
    signed(&mut r, t, "https://sts.eu-west-1.amazonaws.com/");
    r
}

fn configured() -> Recorder {
    let mut r = Recorder::new(
        "source-aws",
        "Everything is configured: the audience, a region of another partition, the duration, tags and credentials.",
        config(json!({"source": {
            "kind": "aws",
            "audience": "api://AzureADTokenExchangeChina",
            "region": "cn-north-1",
            "signing_algorithm": "RS256",
            "duration_seconds": 900,
            "tags": {"team": "a b", "app": "x"},
            "credentials": {"access_key_id": "AKIDEXAMPLE", "secret_access_key": "key"}
        }})),
    );
    let t = r.begin(request());
    let step = asks(&mut r, t, "https://sts.cn-north-1.amazonaws.com.cn/");
    assert!(step["effect"]["body"].as_str().is_some_and(|body| body.ends_with(
        "&DurationSeconds=900&Tags.member.1.Key=app&Tags.member.1.Value=x&Tags.member.2.Key=team&Tags.member.2.Value=a+b"
    )));
    r.http(id(&step), 200, token_for("api://AzureADTokenExchangeChina"));
    exchange(&mut r, t, "token-1");
    r
}

fn pod() -> Value {
    json!({
        "AWS_REGION": "eu-west-1",
        "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/app",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
        "AWS_ROLE_SESSION_NAME": "app"
    })
}

fn refusals() -> Recorder {
    let mut r = Recorder::new(
        "source-aws-refusals",
        "What STS refuses, and what has to be changed.",
        with_environment(json!({"kind": "aws"}), keys()),
    );
    for (status, name, code) in [
        (403, "OutboundWebIdentityFederationDisabledException", "source_rejected"),
        (403, "SessionDurationEscalationException", "source_rejected"),
        (400, "JWTPayloadSizeExceededException", "source_rejected"),
        (403, "AccessDenied", "source_rejected"),
        (403, "InvalidClientTokenId", "source_rejected"),
        (403, "SignatureDoesNotMatch", "source_rejected"),
        (403, "RegionDisabledException", "source_rejected"),
        (403, "ExpiredToken", "credentials_expired"),
        (400, "NewException", "source_rejected"),
    ] {
        let t = r.begin(request());
        let e = r.perform(t, "http");
        let body = format!(
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>{name}</Code><Message>m</Message></Error><RequestId>r</RequestId></ErrorResponse>"
        );
        r.resolve(e, "http", status, XML, body.as_bytes());
        r.fail(t, code);
        r.end(t);
    }
    r
}

fn answers() -> Recorder {
    let mut r = Recorder::new(
        "source-aws-answers",
        "Answers of STS that are no token for this exchange.",
        with_environment(json!({"kind": "aws"}), keys()),
    );
    let token =
        |text: &str| json!({"GetWebIdentityTokenResult": {"WebIdentityToken": text}}).to_string();
    let other = token(&aws_token("https://other.example", START / 1000 + 300));
    let expired = token(&aws_token(AUDIENCE, START / 1000 - 61));
    let large = "a".repeat(1024 * 1024);
    for (status, body, code) in [
        (200, "<html><body>sign in</body></html>", "source_response_invalid"),
        (200, "{}", "source_response_invalid"),
        (200, "[]", "source_response_invalid"),
        (200, r#"{"WebIdentityToken":{"a":1}}"#, "source_response_invalid"),
        (200, "<a><WebIdentityToken/></a>", "source_response_invalid"),
        (200, &token("not.a.jwt"), "source_response_invalid"),
        (200, &large[..64 * 1024 + 1], "source_response_invalid"),
        (200, &other, "source_audience_mismatch"),
        (200, &expired, "assertion_expired"),
        (302, "", "source_rejected"),
    ] {
        let t = r.begin(request());
        let e = r.perform(t, "http");
        r.resolve(e, "http", status, "location: https://evil.example", body.as_bytes());
        r.fail(t, code);
        r.end(t);
    }
    let t = r.begin(request());
    let e = r.perform(t, "http");
    r.resolve(e, "failed", 0, "unreadable", b"brotli");
    r.fail(t, "source_response_invalid");
    r.end(t);
    let t = r.begin(request());
    signed(&mut r, t, "https://sts.eu-west-1.amazonaws.com/");
    r
}

fn cognito() -> Recorder {
    let mut r = Recorder::new(
        "source-aws-cognito",
        "A developer identity of Cognito; the audience is the identity pool's id.",
        with_environment(
            json!({"kind": "aws_cognito", "identity_pool_id": POOL, "logins": {"login.example": "app"}, "duration_seconds": 900}),
            keys(),
        ),
    );
    let url = "https://cognito-identity.eu-west-1.amazonaws.com/";
    let t = r.begin(request());
    let step = asks(&mut r, t, url);
    let headers = &step["effect"]["headers"];
    assert_eq!(
        headers["x-amz-target"],
        "AWSCognitoIdentityService.GetOpenIdTokenForDeveloperIdentity"
    );
    assert_eq!(
        step["effect"]["body"],
        format!(
            r#"{{"IdentityPoolId":"{POOL}","Logins":{{"login.example":"app"}},"TokenDuration":900}}"#
        )
    );
    for (status, name, code) in [
        (400, "NotAuthorizedException", "source_rejected"),
        (400, "ResourceNotFoundException", "source_rejected"),
    ] {
        let t = r.begin(json!({"scopes": [crate::scenarios::SCOPE], "context": name}));
        let e = r.perform(t, "http");
        r.http(e, status, json!({"__type": name, "message": "m"}));
        r.fail(t, code);
        r.end(t);
    }
    r.http(
        id(&step),
        200,
        json!({"IdentityId": POOL, "Token": aws_token(POOL, START / 1000 + 900)}),
    );
    exchange(&mut r, t, "token-1");
    let t = r.begin(json!({"scopes": [crate::scenarios::SCOPE], "context": "wrong pool"}));
    let e = r.perform(t, "http");
    r.http(e, 200, json!({"IdentityId": POOL, "Token": aws_token("other", START / 1000 + 900)}));
    r.fail(t, "source_audience_mismatch");
    r.end(t);
    r
}

fn irsa() -> Recorder {
    let mut environment = pod();
    if let Some(variables) = environment.as_object_mut() {
        variables.remove("AWS_ROLE_ARN");
    }
    let mut r = Recorder::new(
        "environment-aws-irsa",
        "The token file of IAM roles for service accounts.",
        detected(environment),
    );
    let t = r.begin(request());
    let step = r.poll(t, "perform");
    assert_eq!(step["effect"]["path"], "/var/run/secrets/eks.amazonaws.com/serviceaccount/token");
    let token = crate::workload_token("system:serviceaccount:default:app", START / 1000 + 3600);
    r.resolve(id(&step), "file", 0, "", token.as_bytes());
    exchange(&mut r, t, "token-1");
    r
}
