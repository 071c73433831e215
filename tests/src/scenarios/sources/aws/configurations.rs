//! Configurations and environments that are refused at once.

use super::super::config;
use super::with_environment;
use crate::Recorder;
use serde_json::json;

pub(super) fn all() -> Vec<Recorder> {
    vec![
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
            "config-aws-fips-word",
            "AWS_USE_FIPS_ENDPOINT is neither true nor false.",
            with_environment(
                json!({"kind": "aws"}),
                json!({"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "key", "AWS_USE_FIPS_ENDPOINT": "yes"}),
            ),
            "config_invalid",
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
