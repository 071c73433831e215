//! Region and credentials of an instance (IMDSv2), and a machine that has neither.

use super::super::request;
use super::{after_pause, asks, id, issued, signed, with_environment};
use crate::Recorder;
use serde_json::{Value, json};

pub(super) fn all() -> Vec<Recorder> {
    vec![instance(), instance_failures(), no_region()]
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
    let mut answer = issued("Token", "2026-01-01T06:00:00Z");
    answer["Code"] = "Success".into();
    answer["Type"] = "AWS-HMAC".into();
    r.http(id(&step), 200, answer);
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
        (issued("Token", "2025-12-31T23:59:59Z"), "credentials_expired"),
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
    r.http(id(&step), 200, issued("Token", "2026-01-01T06:00:00Z"));
    signed(&mut r, t, "https://sts.eu-west-1.amazonaws.com/");
    r
}

fn no_region() -> Recorder {
    let mut r = Recorder::new(
        "source-aws-no-region",
        "A machine that is not on AWS: no file, and nobody answers for metadata.",
        with_environment(json!({"kind": "aws"}), json!({"HOME": "/app-home"})),
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
