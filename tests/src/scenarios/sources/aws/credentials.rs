//! Credentials of variables, of a pod's role, of the shared file and of a container's endpoint.

use super::super::request;
use super::{XML, after_pause, asks, detected, id, issued, keys, pod, signed, with_environment};
use crate::Recorder;
use crate::recorder::START;
use serde_json::{Value, json};

pub(super) fn all() -> Vec<Recorder> {
    vec![
        expired_keys(),
        web_identity(),
        web_identity_failures(),
        shared_file(),
        shared_file_failures(),
        endpoints(),
        endpoints_of_a_profile(),
        container(),
        pod_identity(),
        container_failures(),
    ]
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
    let t = r.begin(json!({"scopes": [crate::scenarios::SCOPE], "context": "other"}));
    let step = pod_token(&mut r, t);
    let mut answer = issued("SessionToken", "");
    answer["Expiration"] = json!(1_767_229_200.0);
    r.http(
        id(&step),
        200,
        json!({"AssumeRoleWithWebIdentityResponse": {"AssumeRoleWithWebIdentityResult": {"Credentials": answer}}}),
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
        (200, issued("SessionToken", "2026-01-01T00:00:00Z"), "credentials_expired"),
        (200, issued("Token", "2026-01-01T01:00:00Z"), "source_response_invalid"),
        (200, issued("SessionToken", "soon"), "source_response_invalid"),
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
    r.http(id(&step), 200, issued("SessionToken", "2026-01-01T01:00:00Z"));
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
            json!({"HOME": "/app-home", "AWS_PROFILE": "work"}),
        ),
    );
    let t = r.begin(request());
    let step = r.poll(t, "perform");
    assert_eq!(step["effect"]["path"], "/app-home/.aws/config");
    r.resolve(
        id(&step),
        "file",
        0,
        "",
        b"[default]\nregion = us-east-1\n[profile work]\nregion = eu-west-1\n",
    );
    let step = r.poll(t, "perform");
    assert_eq!(step["effect"]["path"], "/app-home/.aws/credentials");
    r.resolve(id(&step), "file", 0, "", SHARED.as_bytes());
    signed(&mut r, t, "https://sts.eu-west-1.amazonaws.com/");
    r
}

fn endpoints() -> Recorder {
    let mut environment = pod();
    environment["AWS_USE_FIPS_ENDPOINT"] = "TRUE".into();
    environment["AWS_USE_DUALSTACK_ENDPOINT"] = "true".into();
    let mut r = Recorder::new(
        "source-aws-endpoints",
        "Both requests to AWS STS go to its validated endpoint with addresses of IPv6.",
        with_environment(json!({"kind": "aws"}), environment),
    );
    let url = "https://sts-fips.eu-west-1.api.aws/";
    let t = r.begin(request());
    let e = r.perform(t, "read_file");
    let token = crate::workload_token("system:serviceaccount:default:app", START / 1000 + 3600);
    r.resolve(e, "file", 0, "", token.as_bytes());
    let step = asks(&mut r, t, url);
    r.http(id(&step), 200, issued("SessionToken", "2026-01-01T01:00:00Z"));
    signed(&mut r, t, url);
    r
}

fn endpoints_of_a_profile() -> Recorder {
    let mut environment = keys();
    environment["AWS_CONFIG_FILE"] = "/config".into();
    environment["AWS_USE_DUALSTACK_ENDPOINT"] = "false".into();
    let mut r = Recorder::new(
        "source-aws-endpoints-profile",
        "The profile asks for validated endpoints; a variable is stronger. Another word, and a file that is not text, are refused.",
        with_environment(json!({"kind": "aws"}), environment),
    );
    let url = "https://sts-fips.eu-west-1.amazonaws.com/";
    let settings = "use_fips_endpoint = true\nuse_dualstack_endpoint = true\n";
    let t = r.begin(request());
    let e = r.perform(t, "read_file");
    r.resolve(e, "file", 0, "", format!("[default]\n{settings}region = us-east-1\n").as_bytes());
    signed(&mut r, t, url);
    for body in ["[default]\nuse_fips_endpoint = on\n".as_bytes(), b"\xff"] {
        let t = r.begin(json!({"scopes": [crate::scenarios::SCOPE], "context": "other"}));
        let e = r.perform(t, "read_file");
        r.resolve(e, "file", 0, "", body);
        r.fail(t, "config_invalid");
        r.end(t);
    }
    let t = r.begin(json!({"scopes": [crate::scenarios::SCOPE], "context": "third"}));
    let e = r.perform(t, "read_file");
    r.resolve(e, "failed", 0, "not_found", b"");
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
    let mut answer = issued("Token", "2026-01-01T01:00:00Z");
    answer["RoleArn"] = "arn:aws:iam::123456789012:role/app".into();
    r.http(id(&step), 200, answer);
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
    r.http(id(&step), 200, issued("Token", "2026-01-01T01:00:00Z"));
    signed(&mut r, t, "https://sts.eu-west-1.amazonaws.com/");
    r
}

fn container_failures() -> Recorder {
    let mut r = Recorder::new(
        "source-aws-container-failures",
        "The credentials endpoint refuses, redirects, or answers with something else.",
        with_environment(json!({"kind": "aws"}), pod_identity_environment()),
    );
    let expired = issued("Token", "2026-01-01T00:00:00Z").to_string();
    let line_break = issued("Token", "2026-01-01T01:00:00Z").to_string().replace("IQoJ", "IQ\\noJ");
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
