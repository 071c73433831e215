//! Kubernetes' TokenRequest API.

use super::super::{CLIENT, TENANT, config, request};
use super::{exchange, refused};
use crate::Recorder;
use crate::recorder::START;
use serde_json::{Value, json};

const ACCOUNT: &str = "system:serviceaccount:default:app";
const FOLDER: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
const CA: &str = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

pub(super) fn all() -> Vec<Recorder> {
    vec![
        in_cluster(),
        own_account(),
        rotation(),
        refusals(),
        files(),
        kubeconfig(),
        kubeconfig_files(),
        kubeconfig_refusals(),
        environment(),
        configuration("service-account-name", json!({"service_account": "../secrets"})),
        configuration("short-life", json!({"service_account": "app", "expiration_seconds": 599})),
        configuration("namespace-alone", json!({"namespace": "default"})),
        address("metadata", "169.254.169.254", "443"),
        address("path", "10.0.0.1/x", "443"),
        address("newline", "10.0.0.1\nx", "443"),
        address("port", "10.0.0.1", "https"),
    ]
}

fn in_cluster_config(changes: Value) -> Value {
    let mut source = json!({"kind": "kubernetes"});
    if let (Some(source), Value::Object(changes)) = (source.as_object_mut(), changes) {
        source.extend(changes);
    }
    config(json!({"source": source, "environment": {
        "KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"
    }}))
}

/// The credential of the pod itself.
fn own_token() -> String {
    crate::workload_token(ACCOUNT, START / 1000 + 3600)
}

fn file(r: &mut Recorder, t: u64, path: &str, content: &str) {
    let step = r.poll(t, "perform");
    assert_eq!(step["effect"]["kind"], "read_file", "{step}");
    assert_eq!(step["effect"]["path"], path, "{step}");
    r.resolve(step["effect"]["id"].as_u64().expect("id"), "file", 0, "", content.as_bytes());
}

fn answer() -> Value {
    json!({
        "kind": "TokenRequest",
        "apiVersion": "authentication.k8s.io/v1",
        "status": {"token": super::jwt(), "expirationTimestamp": "2026-01-01T01:00:00Z"}
    })
}

fn in_cluster() -> Recorder {
    let mut r = Recorder::new(
        "source-kubernetes",
        "A pod asks its API server for a token of a named service account, with every option.",
        in_cluster_config(json!({
            "service_account": "app",
            "expiration_seconds": 600,
            "bound_object": {"kind": "Pod", "name": "app-0", "uid": "1"}
        })),
    );
    let t = r.begin(request());
    file(&mut r, t, &format!("{FOLDER}/token"), &own_token());
    file(&mut r, t, &format!("{FOLDER}/ca.crt"), CA);
    file(&mut r, t, &format!("{FOLDER}/namespace"), "team");
    let step = r.poll(t, "perform");
    let effect = &step["effect"];
    assert_eq!(
        effect["url"],
        "https://10.0.0.1:443/api/v1/namespaces/team/serviceaccounts/app/token"
    );
    assert_eq!(effect["ca"], CA.trim());
    assert_eq!(effect["direct"], true);
    assert_eq!(
        serde_json::from_str::<Value>(effect["body"].as_str().expect("text")).expect("JSON"),
        json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {
            "audiences": ["api://AzureADTokenExchange"], "expirationSeconds": 600,
            "boundObjectRef": {"kind": "Pod", "apiVersion": "v1", "name": "app-0", "uid": "1"}
        }})
    );
    r.http(effect["id"].as_u64().expect("id"), 201, answer());
    exchange(&mut r, t, "token-1");
    r
}

/// Gets to the request of a pod for its own service account.
fn request_of(r: &mut Recorder, t: u64) -> Value {
    file(r, t, &format!("{FOLDER}/token"), &own_token());
    file(r, t, &format!("{FOLDER}/ca.crt"), CA);
    r.poll(t, "perform")
}

fn own_account() -> Recorder {
    let mut r = Recorder::new(
        "source-kubernetes-own-account",
        "Without a name the token is of the pod's own service account, whose name its token has.",
        in_cluster_config(json!({})),
    );
    let t = r.begin(request());
    let step = request_of(&mut r, t);
    let url = step["effect"]["url"].as_str().expect("a URL");
    assert!(url.ends_with("/namespaces/default/serviceaccounts/app/token"), "{url}");
    r.http(step["effect"]["id"].as_u64().expect("id"), 201, answer());
    exchange(&mut r, t, "token-1");
    r
}

fn rotation() -> Recorder {
    let mut r = Recorder::new(
        "source-kubernetes-rotation",
        "Credential and certificate authority are read again for each request.",
        in_cluster_config(json!({})),
    );
    for (round, token) in ["token-1", "token-2"].into_iter().enumerate() {
        let t = r.begin(json!({"scopes": [super::super::SCOPE], "force_refresh": round > 0}));
        let expires = r.now() / 1000 + 3600;
        let own = crate::workload_token(ACCOUNT, expires);
        file(&mut r, t, &format!("{FOLDER}/token"), &own);
        file(&mut r, t, &format!("{FOLDER}/ca.crt"), &format!("{CA}{round}"));
        let step = r.poll(t, "perform");
        assert_eq!(step["effect"]["headers"]["authorization"], format!("Bearer {own}"));
        assert_eq!(step["effect"]["ca"], format!("{CA}{round}"));
        let body = json!({"status": {"token": own}});
        r.http(step["effect"]["id"].as_u64().expect("id"), 201, body);
        exchange(&mut r, t, token);
        r.wait(3_600_000);
    }
    r
}

fn refusals() -> Recorder {
    let mut r = Recorder::new(
        "source-kubernetes-refusals",
        "The API server refuses, redirects, throttles or answers something else; a later good call works.",
        in_cluster_config(json!({})),
    );
    let other = crate::token_for("api://other", ACCOUNT, START / 1000 + 3600);
    let wrong_audience = json!({"status": {"token": other}}).to_string();
    let old = crate::workload_token(ACCOUNT, START / 1000 - 3600);
    let expired = json!({"status": {"token": old}}).to_string();
    let large = format!(r#"{{"status":{{"token":"{}"}}}}"#, "a".repeat(1024 * 1024));
    let large = &large.as_bytes()[..64 * 1024 + 1];
    let cases: [(u32, &str, &[u8], &str); 13] = [
        (401, "", b"{\"kind\":\"Status\"}", "source_rejected"),
        (403, "", b"{\"kind\":\"Status\"}", "source_rejected"),
        (404, "", b"{\"kind\":\"Status\"}", "source_rejected"),
        (422, "", b"{\"kind\":\"Status\"}", "source_rejected"),
        (302, "location: https://evil.example", b"", "source_rejected"),
        (429, "retry-after: 600", b"", "source_unavailable"),
        (503, "", b"", "source_unavailable"),
        (201, "", b"<html>", "source_response_invalid"),
        (201, "", b"{\"status\":{\"token\":7}}", "source_response_invalid"),
        (201, "", b"[]", "source_response_invalid"),
        (201, "", wrong_audience.as_bytes(), "source_audience_mismatch"),
        (201, "", expired.as_bytes(), "assertion_expired"),
        (201, "", large, "source_response_invalid"),
    ];
    let own = own_token();
    for (status, head, body, code) in cases {
        let files: [super::Answer<'_>; 2] =
            [("file", 0, "", own.as_bytes()), ("file", 0, "", own.as_bytes())];
        refused(&mut r, &[files[0], files[1], ("http", status, head, body)], code);
    }
    let files: super::Answer<'_> = ("file", 0, "", own.as_bytes());
    refused(&mut r, &[files, files, ("failed", 0, "tls", b"unknown issuer")], "source_unreachable");
    refused(
        &mut r,
        &[files, files, ("failed", 0, "unsupported", b"no `ca`")],
        "source_unsupported",
    );
    let t = r.begin(request());
    let step = request_of(&mut r, t);
    r.http(step["effect"]["id"].as_u64().expect("id"), 201, answer());
    exchange(&mut r, t, "token-1");
    r
}

fn files() -> Recorder {
    let mut r = Recorder::new(
        "source-kubernetes-files",
        "The pod's files are missing, empty, too large, unreadable or not a header's text.",
        in_cluster_config(json!({})),
    );
    let large = vec![b'a'; 16 * 1024 + 1];
    let cases: [(super::Answer<'_>, &str); 7] = [
        (("failed", 0, "not_found", b""), "token_file_missing"),
        (("failed", 0, "denied", b""), "token_file_denied"),
        (("failed", 0, "unsupported", b""), "source_unsupported"),
        (("failed", 0, "other", b"input/output error"), "token_file_unreadable"),
        (("file", 0, "", b" \n"), "token_file_empty"),
        (("file", 0, "", &large), "token_file_too_large"),
        (("file", 0, "", b"two\nlines"), "token_file_unreadable"),
    ];
    for (answer, code) in cases {
        refused(&mut r, &[answer], code);
    }
    // A credential that names no service account.
    let user = crate::workload_token("user", START / 1000 + 3600);
    let answer: super::Answer<'_> = ("file", 0, "", user.as_bytes());
    refused(&mut r, &[answer, answer], "config_invalid");
    r
}

fn kubeconfig_config(changes: Value) -> Value {
    let mut source =
        json!({"kind": "kubernetes", "kubeconfig": "/etc/kube/config", "service_account": "app"});
    if let (Some(source), Value::Object(changes)) = (source.as_object_mut(), changes) {
        source.extend(changes);
    }
    config(json!({ "source": source }))
}

const KUBECONFIG: &str = "\
apiVersion: v1
kind: Config
current-context: one
contexts:
- name: one
  context: {cluster: c, user: u, namespace: team}
- name: two
  context:
    cluster: d
    user: v
clusters:
- name: c
  cluster:
    server: https://cluster.example:6443
    certificate-authority-data: LS0tLS1CRUdJTi0tLS0tCg==
    tls-server-name: kubernetes
- name: d
  cluster:
    server: https://other.example
    certificate-authority: ca.crt
users:
- name: u
  user: {token: user-token}
- name: v
  user:
    tokenFile: /run/token
";

fn kubeconfig() -> Recorder {
    let mut r = Recorder::new(
        "source-kubernetes-kubeconfig",
        "Server, certificate authority, TLS name, token and namespace of the current context.",
        kubeconfig_config(json!({})),
    );
    let t = r.begin(request());
    file(&mut r, t, "/etc/kube/config", KUBECONFIG);
    let step = r.poll(t, "perform");
    let effect = &step["effect"];
    assert_eq!(
        effect["url"],
        "https://cluster.example:6443/api/v1/namespaces/team/serviceaccounts/app/token"
    );
    assert_eq!(effect["ca"], "-----BEGIN-----\n");
    assert_eq!(effect["server_name"], "kubernetes");
    assert_eq!(effect["headers"]["authorization"], "Bearer user-token");
    r.http(effect["id"].as_u64().expect("id"), 201, answer());
    exchange(&mut r, t, "token-1");
    r
}

fn kubeconfig_files() -> Recorder {
    let mut r = Recorder::new(
        "source-kubernetes-kubeconfig-files",
        "Another context by its name, with a token file and a certificate authority beside the kubeconfig.",
        kubeconfig_config(json!({"context": "two"})),
    );
    let t = r.begin(request());
    file(&mut r, t, "/etc/kube/config", KUBECONFIG);
    file(&mut r, t, "/run/token", "file-token\n");
    file(&mut r, t, "/etc/kube/ca.crt", CA);
    let step = r.poll(t, "perform");
    let effect = &step["effect"];
    assert_eq!(
        effect["url"],
        "https://other.example/api/v1/namespaces/default/serviceaccounts/app/token"
    );
    assert_eq!(effect["headers"]["authorization"], "Bearer file-token");
    r.http(effect["id"].as_u64().expect("id"), 201, answer());
    exchange(&mut r, t, "token-1");
    r
}

fn kubeconfig_refusals() -> Recorder {
    let mut r = Recorder::new(
        "source-kubernetes-kubeconfig-refusals",
        "What a kubeconfig can have that is not used, lacks or hides.",
        kubeconfig_config(json!({})),
    );
    let with = |from: &str, to: &str| KUBECONFIG.replace(from, to);
    let user = "{token: user-token}";
    let server = "https://cluster.example:6443";
    for text in [
        "not: [yaml".into(),
        "- a list".into(),
        "{}".into(),
        with("current-context: one\n", ""),
        with("current-context: one", "current-context: three"),
        with("user: u,", ""),
        with("cluster: c,", "cluster: gone,"),
        with(user, "{exec: {command: aws}}"),
        with(user, "{client-certificate-data: QQ==, client-key-data: QQ==}"),
        with(user, "{auth-provider: {name: gcp}}"),
        with(user, "{username: u, password: p}"),
        with(user, "{}"),
        with(user, "{token: \"two\\nlines\"}"),
        with(server, "http://cluster.example"),
        with(server, "https://169.254.169.254"),
        with(server, "https://metadata.google.internal"),
        with(server, "https://user:password@cluster.example"),
        with(&format!("    server: {server}\n"), ""),
        with("tls-server-name: kubernetes", "insecure-skip-tls-verify: true"),
        with("tls-server-name: kubernetes", "proxy-url: http://proxy.example"),
        with("LS0tLS1CRUdJTi0tLS0tCg==", "?"),
        with("kind: Config", "kind: &a Config\nother: *a"),
    ] {
        refused(&mut r, &[("file", 0, "", text.as_bytes())], "config_invalid");
    }
    refused(&mut r, &[("failed", 0, "not_found", b"")], "token_file_missing");
    r
}

fn environment() -> Recorder {
    let mut r = Recorder::new(
        "environment-kubernetes",
        "In a pod without the variables of another source, its own API server gives the token.",
        json!({
            "tenant_id": TENANT, "client_id": CLIENT,
            "environment": {
                "KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443",
                "KUBECONFIG": "/etc/kube/config"
            },
            "environment_paths": [format!("{FOLDER}/token")]
        }),
    );
    let t = r.begin(request());
    let step = request_of(&mut r, t);
    let url = step["effect"]["url"].as_str().expect("a URL");
    assert!(url.starts_with("https://[fd00::1]:443/api/"), "{url}");
    r.http(step["effect"]["id"].as_u64().expect("id"), 201, answer());
    exchange(&mut r, t, "token-1");
    r
}

fn configuration(name: &'static str, changes: Value) -> Recorder {
    let name = format!("source-kubernetes-refuses-{name}");
    Recorder::refused(
        name.leak(),
        "An option that Kubernetes would refuse.",
        in_cluster_config(changes),
        "config_invalid",
    )
}

fn address(name: &'static str, host: &str, port: &str) -> Recorder {
    let name = format!("source-kubernetes-refuses-{name}");
    Recorder::refused(
        name.leak(),
        "Variables that name no API server.",
        config(json!({"source": {"kind": "kubernetes"}, "environment": {
            "KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port
        }})),
        "config_invalid",
    )
}
