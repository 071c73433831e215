//! AKS identity bindings: token requests go to a token proxy with certificate authorities of its own.

use crate::Recorder;
use crate::scenarios::{CLIENT, TENANT, assertion, config, issued, jwt, request};
use serde_json::{Value, json};

const PEM: &str = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
const CA_FILE: &str = "/var/run/secrets/azure/ca/ca.crt";

pub(super) fn all() -> Vec<Recorder> {
    let mut all =
        vec![from_file(), named(), rotation(), no_file(), given(), not_asked_for(), unsupported()];
    all.extend(refused());
    all
}

fn variables() -> Value {
    json!({
        "AZURE_TENANT_ID": TENANT,
        "AZURE_CLIENT_ID": CLIENT,
        "AZURE_FEDERATED_TOKEN_FILE": "/var/run/secrets/azure/wi/token/azure-identity-token",
        "AZURE_KUBERNETES_TOKEN_PROXY": "https://proxy.example:6443/base/",
        "AZURE_KUBERNETES_SNI_NAME": "binding.ests.aks",
        "AZURE_KUBERNETES_CA_FILE": CA_FILE,
    })
}

fn token_file(r: &mut Recorder, t: u64) {
    let e = r.perform(t, "read_file");
    r.resolve(e, "file", 0, "", jwt().as_bytes());
}

fn ca_file(r: &mut Recorder, t: u64) -> u64 {
    let step = r.poll(t, "perform");
    assert_eq!(step["effect"]["path"], CA_FILE, "{step}");
    step["effect"]["id"].as_u64().expect("id")
}

fn posted(r: &mut Recorder, t: u64, ca: &str) -> u64 {
    let step = r.poll(t, "perform");
    let effect = &step["effect"];
    assert_eq!(
        effect["url"],
        format!("https://proxy.example:6443/base/{TENANT}/oauth2/v2.0/token"),
        "{step}"
    );
    assert_eq!(effect["server_name"], "binding.ests.aks");
    assert_eq!(effect["ca"], ca);
    effect["id"].as_u64().expect("id")
}

fn from_file() -> Recorder {
    let mut r = Recorder::new(
        "token-proxy",
        "In a pod with an identity binding the token request goes to the token proxy, also when it is retried; the file of certificate authorities is read each time.",
        json!({"environment": variables()}),
    );
    let t = r.begin(request());
    token_file(&mut r, t);
    let e = ca_file(&mut r, t);
    r.resolve(e, "file", 0, "", PEM.as_bytes());
    let e = posted(&mut r, t, PEM);
    r.resolve(e, "http", 503, "", b"");
    let step = r.poll(t, "perform");
    let pause = step["effect"]["until"].as_i64().expect("until") - r.now();
    r.wait(pause);
    r.resolve(step["effect"]["id"].as_u64().expect("id"), "elapsed", 0, "", b"");
    let e = ca_file(&mut r, t);
    r.resolve(e, "file", 0, "", PEM.as_bytes());
    let e = posted(&mut r, t, PEM);
    r.http(e, 200, issued("token-1", 3599));
    r.done(t, "token-1");
    r.end(t);
    r
}

fn named() -> Recorder {
    let mut r = Recorder::new(
        "token-proxy-named",
        "The source `file` without a path is the pod's token, so its token requests go to the token proxy, too.",
        json!({"source": {"kind": "file"}, "environment": variables()}),
    );
    let t = r.begin(request());
    token_file(&mut r, t);
    let e = ca_file(&mut r, t);
    r.resolve(e, "file", 0, "", PEM.as_bytes());
    let e = posted(&mut r, t, PEM);
    r.http(e, 200, issued("token-1", 3599));
    r.done(t, "token-1");
    r.end(t);
    r
}

fn rotation() -> Recorder {
    let mut r = Recorder::new(
        "token-proxy-rotation",
        "A file that is empty, cut off or gone while it is replaced leaves the earlier authorities in use; new ones are used at once.",
        json!({"environment": variables()}),
    );
    let new = PEM.replace("MAA=", "MAE=");
    let half = &PEM.as_bytes()[..PEM.len() / 2];
    let reads: [(&str, &str, &[u8], &str); 6] = [
        ("file", "", PEM.as_bytes(), PEM),
        ("file", "", b"", PEM),
        ("file", "", half, PEM),
        ("failed", "not_found", b"", PEM),
        ("file", "", new.as_bytes(), &new),
        ("failed", "denied", b"", &new),
    ];
    for (index, (kind, head, body, ca)) in reads.into_iter().enumerate() {
        let t = r.begin(json!({"scopes": [format!("https://{index}.example/.default")]}));
        if index == 0 {
            token_file(&mut r, t);
        }
        let e = ca_file(&mut r, t);
        r.resolve(e, kind, 0, head, body);
        let e = posted(&mut r, t, ca);
        r.http(e, 200, issued("token-1", 3599));
        r.done(t, "token-1");
        r.end(t);
    }
    r
}

fn no_file() -> Recorder {
    let mut r = Recorder::new(
        "token-proxy-no-file",
        "Without earlier authorities a file that gives none is read again shortly, and then reported; no request is sent.",
        json!({"environment": variables()}),
    );
    let cases: [(&str, &str, &[u8], &str); 6] = [
        ("file", "", b"", "ca_file_unreadable"),
        ("file", "", b"\xff\xfe", "ca_file_unreadable"),
        ("failed", "not_found", b"", "ca_file_unreadable"),
        ("failed", "denied", b"", "ca_file_unreadable"),
        ("failed", "unsupported", b"", "source_unsupported"),
        ("failed", "cancelled", b"", "cancelled"),
    ];
    for (index, (kind, head, body, code)) in cases.into_iter().enumerate() {
        let t = r.begin(request());
        if index == 0 {
            token_file(&mut r, t);
        }
        loop {
            let e = ca_file(&mut r, t);
            r.resolve(e, kind, 0, head, body);
            if r.peek_is_fail(t) {
                break;
            }
            let e = r.perform(t, "sleep");
            r.wait(100);
            r.resolve(e, "elapsed", 0, "", b"");
        }
        r.fail(t, code);
        r.end(t);
    }
    r
}

fn given() -> Recorder {
    let mut environment = variables();
    environment["AZURE_KUBERNETES_CA_FILE"] = Value::Null;
    environment["AZURE_KUBERNETES_CA_DATA"] = PEM.into();
    let mut r = Recorder::new(
        "token-proxy-given",
        "With a configured source the token proxy is used where `token_proxy` asks for it; certificate authorities can be in a variable.",
        config(json!({"token_proxy": true, "environment": environment})),
    );
    let t = r.begin(request());
    assertion(&mut r, t);
    let e = posted(&mut r, t, PEM.trim_ascii());
    r.resolve(e, "failed", 0, "tls", b"self-signed");
    r.fail(t, "network_tls");
    r.end(t);
    r
}

fn not_asked_for() -> Recorder {
    let mut r = Recorder::new(
        "token-proxy-not-asked-for",
        "With a configured source the variables are not used, whatever they are.",
        config(json!({"environment": {"AZURE_KUBERNETES_TOKEN_PROXY": "http://evil.example"}})),
    );
    let t = r.begin(request());
    assertion(&mut r, t);
    let step = r.poll(t, "perform");
    assert_eq!(
        step["effect"]["url"],
        format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token")
    );
    r.http(step["effect"]["id"].as_u64().expect("id"), 200, issued("token-1", 3599));
    r.done(t, "token-1");
    r.end(t);
    r
}

fn unsupported() -> Recorder {
    let mut environment = variables();
    environment["AZURE_KUBERNETES_CA_FILE"] = Value::Null;
    let mut r = Recorder::new(
        "token-proxy-unsupported",
        "A runtime that cannot choose the server name sends nothing.",
        json!({"environment": environment}),
    );
    let t = r.begin(request());
    token_file(&mut r, t);
    let e = r.perform(t, "http");
    r.resolve(e, "failed", 0, "unsupported", b"server_name");
    r.fail(t, "source_unsupported");
    r.end(t);
    r
}

fn refused() -> Vec<Recorder> {
    let with = |name, about, variable: &str, value: &str, code: &str| {
        let mut environment = variables();
        environment[variable] = value.into();
        Recorder::refused(name, about, json!({"environment": environment}), code)
    };
    vec![
        with(
            "token-proxy-two-authorities",
            "Both variables of certificate authorities are set.",
            "AZURE_KUBERNETES_CA_DATA",
            PEM,
            "config_invalid",
        ),
        with(
            "token-proxy-missing",
            "A server name without a token proxy.",
            "AZURE_KUBERNETES_TOKEN_PROXY",
            " ",
            "environment_incomplete",
        ),
        with(
            "token-proxy-http",
            "The token proxy uses http.",
            "AZURE_KUBERNETES_TOKEN_PROXY",
            "http://localhost:8080",
            "config_invalid",
        ),
        with(
            "token-proxy-query",
            "The token proxy has a query.",
            "AZURE_KUBERNETES_TOKEN_PROXY",
            "https://proxy.example/?a=b",
            "config_invalid",
        ),
        with(
            "token-proxy-credentials",
            "The token proxy has credentials.",
            "AZURE_KUBERNETES_TOKEN_PROXY",
            "https://user:password@proxy.example",
            "config_invalid",
        ),
        with(
            "token-proxy-metadata",
            "The token proxy is a metadata service.",
            "AZURE_KUBERNETES_TOKEN_PROXY",
            "https://169.254.169.254",
            "config_invalid",
        ),
        with(
            "token-proxy-server-name",
            "The server name has a line break.",
            "AZURE_KUBERNETES_SNI_NAME",
            "a\nb",
            "config_invalid",
        ),
        Recorder::refused(
            "token-proxy-generic",
            "A generic authority has no token proxy.",
            config(
                json!({"token_proxy": true, "authority": {"token_endpoint": "https://a.example/token"}}),
            ),
            "config_invalid",
        ),
    ]
}
