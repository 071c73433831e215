//! AWS: `GetWebIdentityToken`, developer identities of Cognito, the token file of IRSA, and where their credentials come from.

use super::{config, exchange, request};
use crate::Recorder;
use crate::recorder::START;
use serde_json::{Value, json};
use workload_identity_core::jose::base64url_encode;

const AUDIENCE: &str = "api://AzureADTokenExchange";
const POOL: &str = "eu-west-1:11111111-2222-3333-4444-555555555555";
const XML: &str = "content-type: text/xml";

pub(super) fn all() -> Vec<Recorder> {
    vec![
        environment_keys(),
        configured(),
        expired_keys(),
        web_identity(),
        web_identity_failures(),
        shared_file(),
        shared_file_failures(),
        container(),
        pod_identity(),
        container_failures(),
        instance(),
        instance_failures(),
        no_region(),
        refusals(),
        answers(),
        cognito(),
        irsa(),
        Recorder::refused(
            "config-aws-half",
            "Only one of the two variables of an access key is set.",
            with_environment(json!({"kind": "aws"}), json!({"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE"})),
            "environment_incomplete",
        ),
        Recorder::refused(
            "config-aws-line-break",
            "A session token with a line break cannot be a header.",
            with_environment(
                json!({"kind": "aws"}),
                json!({"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "key", "AWS_SESSION_TOKEN": "a\nb"}),
            ),
            "config_invalid",
        ),
        Recorder::refused(
            "config-aws-metadata-address",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI names the instance metadata service.",
            with_environment(
                json!({"kind": "aws"}),
                json!({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.169.254/latest/meta-data/"}),
            ),
            "config_invalid",
        ),
        Recorder::refused(
            "config-aws-foreign-address",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT names another machine.",
            with_environment(
                json!({"kind": "aws"}),
                json!({"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://metadata.example/"}),
            ),
            "config_invalid",
        ),
        Recorder::refused(
            "config-aws-region",
            "A region that would be a part of another host name.",
            with_environment(
                json!({"kind": "aws"}),
                json!({"AWS_REGION": "eu-west-1.evil.example/", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "key"}),
            ),
            "config_invalid",
        ),
        Recorder::refused(
            "config-aws-nowhere",
            "There is no place where credentials could be.",
            with_environment(
                json!({"kind": "aws", "region": "eu-west-1"}),
                json!({"AWS_EC2_METADATA_DISABLED": "true"}),
            ),
            "environment_incomplete",
        ),
        Recorder::refused(
            "config-aws-cognito-pool",
            "An identity pool's id without its region.",
            config(json!({"source": {
                "kind": "aws_cognito",
                "identity_pool_id": "11111111-2222-3333-4444-555555555555",
                "logins": {"login.example": "app"}
            }})),
            "config_invalid",
        ),
    ]
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

fn credentials(token: &str, expiration: &str) -> Value {
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

fn expired_keys() -> Recorder {
    let mut environment = keys();
    environment["AWS_CREDENTIAL_EXPIRATION"] = "2026-01-01T00:05:00Z".into();
    let mut r = Recorder::new(
        "source-aws-expired-keys",
        "Credentials of the environment are not used after their end.",
        with_environment(json!({"kind": "aws"}), environment),
    );
    r.wait(300_000);
    let t = r.begin(request());
    let step = r.poll(t, "perform");
    assert_eq!(step["effect"]["kind"], "sleep");
    r.resolve(id(&step), "elapsed", 0, "", b"");
    r.fail(t, "credentials_expired");
    r.end(t);
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

fn pod_token(r: &mut Recorder, t: u64) -> Value {
    let e = r.perform(t, "read_file");
    let token = crate::workload_token("system:serviceaccount:default:app", START / 1000 + 3600);
    r.resolve(e, "file", 0, "", token.as_bytes());
    asks(r, t, "https://sts.eu-west-1.amazonaws.com/")
}

fn web_identity() -> Recorder {
    let mut r = Recorder::new(
        "source-aws-web-identity",
        "A pod's own token becomes credentials of its role, with an answer in XML and in JSON. The token is in no URL.",
        with_environment(json!({"kind": "aws"}), pod()),
    );
    let t = r.begin(request());
    let step = pod_token(&mut r, t);
    assert!(step["effect"]["headers"]["authorization"].is_null());
    r.resolve(
        id(&step),
        "http",
        200,
        XML,
        b"<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY</SecretAccessKey><SessionToken>IQoJb3JpZ2luX2VjEXAMPLE</SessionToken><Expiration>2026-01-01T01:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>",
    );
    signed(&mut r, t, "https://sts.eu-west-1.amazonaws.com/");
    let t = r.begin(json!({"scopes": [super::super::SCOPE], "context": "other"}));
    let step = pod_token(&mut r, t);
    let mut issued = credentials("SessionToken", "");
    issued["Expiration"] = json!(1_767_229_200.0);
    r.http(
        id(&step),
        200,
        json!({"AssumeRoleWithWebIdentityResponse": {"AssumeRoleWithWebIdentityResult": {"Credentials": issued}}}),
    );
    signed(&mut r, t, "https://sts.eu-west-1.amazonaws.com/");
    r
}

fn web_identity_failures() -> Recorder {
    let mut r = Recorder::new(
        "source-aws-web-identity-failures",
        "The pod's token is missing, refused, or its role's credentials have expired.",
        with_environment(json!({"kind": "aws"}), pod()),
    );
    let t = r.begin(request());
    loop {
        let step = r.poll(t, "perform");
        if step["effect"]["kind"] == "sleep" {
            r.wait(100);
            r.resolve(id(&step), "elapsed", 0, "", b"");
            continue;
        }
        r.resolve(id(&step), "failed", 0, "not_found", b"");
        if r.peek_is_fail(t) {
            break;
        }
    }
    r.fail(t, "token_file_missing");
    r.end(t);
    let error = |code: &str| json!({"Error": {"Code": code, "Message": "m", "Type": "Sender"}, "RequestId": "r"});
    for (status, body, code) in [
        (403, error("AccessDenied"), "source_rejected"),
        (403, error("IDPRejectedClaim"), "source_rejected"),
        (400, error("ExpiredTokenException"), "credentials_expired"),
        (200, credentials("SessionToken", "2026-01-01T00:00:00Z"), "credentials_expired"),
        (200, credentials("Token", "2026-01-01T01:00:00Z"), "source_response_invalid"),
        (200, credentials("SessionToken", "soon"), "source_response_invalid"),
        (302, json!({}), "source_rejected"),
    ] {
        let t = r.begin(request());
        let step = pod_token(&mut r, t);
        r.http(id(&step), status, body);
        r.fail(t, code);
        r.end(t);
    }
    // AWS may not have read the issuer's keys yet.
    let t = r.begin(request());
    let step = pod_token(&mut r, t);
    r.http(id(&step), 400, error("InvalidIdentityToken"));
    after_pause(&mut r, t);
    let step = pod_token(&mut r, t);
    r.http(id(&step), 200, credentials("SessionToken", "2026-01-01T01:00:00Z"));
    signed(&mut r, t, "https://sts.eu-west-1.amazonaws.com/");
    r
}

const SHARED: &str = "[default]\naws_access_key_id = AKIDOTHER\naws_secret_access_key = other\n\n[work]\naws_access_key_id = ASIAEXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\naws_session_token = IQoJb3JpZ2luX2VjEXAMPLE\n";

fn shared_file() -> Recorder {
    let mut r = Recorder::new(
        "source-aws-shared-file",
        "The profile's region is in ~/.aws/config, its access key in ~/.aws/credentials.",
        with_environment(
            json!({"kind": "aws"}),
            json!({"HOME": "/home/app", "AWS_PROFILE": "work"}),
        ),
    );
    let t = r.begin(request());
    let step = r.poll(t, "perform");
    assert_eq!(step["effect"]["path"], "/home/app/.aws/config");
    r.resolve(
        id(&step),
        "file",
        0,
        "",
        b"[default]\nregion = us-east-1\n[profile work]\nregion = eu-west-1\n",
    );
    let step = r.poll(t, "perform");
    assert_eq!(step["effect"]["path"], "/home/app/.aws/credentials");
    r.resolve(id(&step), "file", 0, "", SHARED.as_bytes());
    signed(&mut r, t, "https://sts.eu-west-1.amazonaws.com/");
    r
}

fn shared_file_failures() -> Recorder {
    let mut r = Recorder::new(
        "source-aws-shared-file-failures",
        "The profile of AWS_PROFILE cannot be used.",
        with_environment(
            json!({"kind": "aws"}),
            json!({"AWS_SHARED_CREDENTIALS_FILE": "/keys", "AWS_PROFILE": "work", "AWS_REGION": "eu-west-1"}),
        ),
    );
    let expired = format!("{SHARED}expiration = 2026-01-01T00:00:00Z\n");
    for (kind, head, body, code) in [
        ("failed", "not_found", "", "environment_incomplete"),
        ("failed", "denied", "", "token_file_denied"),
        ("file", "", "", "environment_incomplete"),
        ("file", "", "[work]\nsso_session = s\n", "environment_incomplete"),
        (
            "file",
            "",
            "[work]\naws_access_key_id = A\naws_secret_access_key = b c\n",
            "config_invalid",
        ),
        ("file", "", &expired, "credentials_expired"),
    ] {
        let t = r.begin(request());
        let e = r.perform(t, "read_file");
        r.resolve(e, kind, 0, head, body.as_bytes());
        r.fail(t, code);
        r.end(t);
    }
    let t = r.begin(request());
    let e = r.perform(t, "read_file");
    r.resolve(e, "file", 0, "", SHARED.as_bytes());
    signed(&mut r, t, "https://sts.eu-west-1.amazonaws.com/");
    r
}

fn container() -> Recorder {
    let mut r = Recorder::new(
        "environment-aws-container",
        "Amazon ECS: a path of the task's credentials endpoint.",
        detected(json!({
            "AWS_REGION": "eu-west-1",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/11111111-2222-3333-4444-555555555555"
        })),
    );
    let t = r.begin(request());
    let step =
        asks(&mut r, t, "http://169.254.170.2/v2/credentials/11111111-2222-3333-4444-555555555555");
    assert_eq!(step["effect"]["direct"], true);
    let mut issued = credentials("Token", "2026-01-01T01:00:00Z");
    issued["RoleArn"] = "arn:aws:iam::123456789012:role/app".into();
    r.http(id(&step), 200, issued);
    signed(&mut r, t, "https://sts.eu-west-1.amazonaws.com/");
    r
}

fn pod_identity_environment() -> Value {
    json!({
        "AWS_REGION": "eu-west-1",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token"
    })
}

fn pod_identity() -> Recorder {
    let mut r = Recorder::new(
        "environment-aws-pod-identity",
        "EKS Pod Identity: the pod's token authorizes the request to the agent on the node.",
        detected(pod_identity_environment()),
    );
    let t = r.begin(request());
    let e = r.perform(t, "read_file");
    r.resolve(e, "file", 0, "", b"pod-token\n");
    let step = asks(&mut r, t, "http://169.254.170.23/v1/credentials");
    assert_eq!(step["effect"]["headers"]["authorization"], "pod-token");
    r.http(id(&step), 200, credentials("Token", "2026-01-01T01:00:00Z"));
    signed(&mut r, t, "https://sts.eu-west-1.amazonaws.com/");
    r
}

fn container_failures() -> Recorder {
    let mut r = Recorder::new(
        "source-aws-container-failures",
        "The credentials endpoint refuses, redirects, or answers with something else.",
        with_environment(json!({"kind": "aws"}), pod_identity_environment()),
    );
    let expired = credentials("Token", "2026-01-01T00:00:00Z").to_string();
    let line_break =
        credentials("Token", "2026-01-01T01:00:00Z").to_string().replace("IQoJ", "IQ\\noJ");
    let large = " ".repeat(64 * 1024 + 1);
    for (status, head, body, code) in [
        (
            400,
            "",
            r#"{"code":"AccessDeniedException","message":"no association"}"#,
            "source_rejected",
        ),
        (404, "", "", "source_rejected"),
        (302, "location: https://evil.example", "", "source_rejected"),
        (200, "", "<html><body>sign in</body></html>", "source_response_invalid"),
        (200, "", r#"{"AccessKeyId":"ASIAEXAMPLE"}"#, "source_response_invalid"),
        (
            200,
            "",
            r#"{"AccessKeyId":1,"SecretAccessKey":true,"Token":[]}"#,
            "source_response_invalid",
        ),
        (200, "", "[]", "source_response_invalid"),
        (200, "", "", "source_response_invalid"),
        (200, "", &line_break, "source_response_invalid"),
        (200, "", &large, "source_response_invalid"),
        (200, "", &expired, "credentials_expired"),
    ] {
        let t = r.begin(request());
        let e = r.perform(t, "read_file");
        r.resolve(e, "file", 0, "", b"pod-token");
        let e = r.perform(t, "http");
        r.resolve(e, "http", status, head, body.as_bytes());
        r.fail(t, code);
        r.end(t);
    }
    let t = r.begin(request());
    let e = r.perform(t, "read_file");
    r.resolve(e, "file", 0, "", b"a\nb");
    r.fail(t, "token_file_unreadable");
    r.end(t);
    r
}

fn instance_environment() -> Value {
    json!({"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://[fd00:ec2::254]/"})
}

fn metadata_token(r: &mut Recorder, t: u64) {
    let step = asks(r, t, "http://[fd00:ec2::254]/latest/api/token");
    assert_eq!(step["effect"]["method"], "PUT");
    assert_eq!(step["effect"]["direct"], true);
    r.resolve(id(&step), "http", 200, "", b"metadata-token");
}

fn metadata_region(r: &mut Recorder, t: u64) {
    metadata_token(r, t);
    let step = asks(r, t, "http://[fd00:ec2::254]/latest/meta-data/placement/region");
    assert_eq!(step["effect"]["headers"]["x-aws-ec2-metadata-token"], "metadata-token");
    r.resolve(id(&step), "http", 200, "", b"eu-west-1");
}

fn metadata_role(r: &mut Recorder, t: u64) -> Value {
    metadata_region(r, t);
    let step = asks(r, t, "http://[fd00:ec2::254]/latest/meta-data/iam/security-credentials/");
    r.resolve(id(&step), "http", 200, "", b"app-role");
    asks(r, t, "http://[fd00:ec2::254]/latest/meta-data/iam/security-credentials/app-role")
}

fn instance() -> Recorder {
    let mut r = Recorder::new(
        "source-aws-instance",
        "Amazon EC2: one session token for region, role and credentials (IMDSv2).",
        with_environment(json!({"kind": "aws"}), instance_environment()),
    );
    let t = r.begin(request());
    let step = metadata_role(&mut r, t);
    let mut issued = credentials("Token", "2026-01-01T06:00:00Z");
    issued["Code"] = "Success".into();
    issued["Type"] = "AWS-HMAC".into();
    r.http(id(&step), 200, issued);
    signed(&mut r, t, "https://sts.eu-west-1.amazonaws.com/");
    r
}

fn instance_failures() -> Recorder {
    let mut r = Recorder::new(
        "source-aws-instance-failures",
        "The metadata service refuses, has no role, or answers with something else.",
        with_environment(json!({"kind": "aws"}), instance_environment()),
    );
    for (status, body, code) in [
        (403, "", "source_rejected"),
        (302, "", "source_rejected"),
        (200, "", "source_response_invalid"),
        (200, "<html>\n</html> a", "source_response_invalid"),
    ] {
        let t = r.begin(request());
        let e = r.perform(t, "http");
        r.resolve(e, "http", status, "location: https://evil.example", body.as_bytes());
        if code == "source_response_invalid" && body.starts_with('<') {
            // Any visible text is a session token; the region is not.
            let e = r.perform(t, "http");
            r.resolve(e, "http", 200, "", body.as_bytes());
        }
        r.fail(t, code);
        r.end(t);
    }
    for (status, body, code) in [
        (404, "", "source_rejected"),
        (200, "../../secrets", "source_response_invalid"),
        (200, "", "source_response_invalid"),
    ] {
        let t = r.begin(request());
        metadata_region(&mut r, t);
        let e = r.perform(t, "http");
        r.resolve(e, "http", status, "", body.as_bytes());
        r.fail(t, code);
        r.end(t);
    }
    for (body, code) in [
        (
            json!({"Code": "AssumeRoleUnauthorizedAccess", "Message": "EC2 cannot assume the role"}),
            "source_rejected",
        ),
        (json!({"Code": "Success"}), "source_response_invalid"),
        (credentials("Token", "2025-12-31T23:59:59Z"), "credentials_expired"),
    ] {
        let t = r.begin(request());
        let step = metadata_role(&mut r, t);
        r.http(id(&step), 200, body);
        r.fail(t, code);
        r.end(t);
    }
    // A session token that is not accepted any more is replaced.
    let t = r.begin(request());
    let step = metadata_role(&mut r, t);
    r.resolve(id(&step), "http", 401, "", b"");
    after_pause(&mut r, t);
    let step = metadata_role(&mut r, t);
    r.http(id(&step), 200, credentials("Token", "2026-01-01T06:00:00Z"));
    signed(&mut r, t, "https://sts.eu-west-1.amazonaws.com/");
    r
}

fn no_region() -> Recorder {
    let mut r = Recorder::new(
        "source-aws-no-region",
        "A machine that is not on AWS: no file, and nobody answers for metadata.",
        with_environment(json!({"kind": "aws"}), json!({"HOME": "/home/app"})),
    );
    let t = r.begin(request());
    let e = r.perform(t, "read_file");
    r.resolve(e, "failed", 0, "not_found", b"");
    let step = asks(&mut r, t, "http://169.254.169.254/latest/api/token");
    assert_eq!(step["effect"]["timeout_ms"], 1000);
    r.resolve(id(&step), "failed", 0, "timeout", b"");
    r.fail(t, "environment_incomplete");
    r.end(t);
    r
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
        let t = r.begin(json!({"scopes": [super::super::SCOPE], "context": name}));
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
    let t = r.begin(json!({"scopes": [super::super::SCOPE], "context": "wrong pool"}));
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
