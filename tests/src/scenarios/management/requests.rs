//! Configurations and requests that cannot be used.

use super::refusals::list;
use super::*;

pub(super) fn all() -> Vec<Recorder> {
    let mut all = vec![requests()];
    all.extend(configurations());
    all
}

fn requests() -> Recorder {
    let mut r = Recorder::manager(
        "manager-requests",
        "Requests that are refused before any call, with the member that is wrong.",
        app(),
    );
    let long = "x".repeat(601);
    let with = |member: &str, value: Value| {
        let mut credential = credential("main", "s1");
        credential[member] = value;
        json!({"operation": "create", "credential": credential})
    };
    let mut cases = vec![
        (json!({}), "operation"),
        (json!({"operation": "rename"}), "operation"),
        (json!({"operation": "list", "name": "x"}), "operation"),
        (json!({"operation": "get"}), "name"),
        (json!({"operation": "delete", "name": "a/../../x"}), "name"),
        (json!({"operation": "create"}), "credential"),
        (json!({"operation": "create", "credential": []}), "credential"),
        (json!({"operation": "apply"}), "credentials"),
        (json!({"operation": "apply", "credentials": {}}), "credentials"),
        (json!({"operation": "plan", "credentials": ["x"]}), "credentials[0]"),
        (json!({"operation": "list", "prune": true}), "prune"),
        (json!({"operation": "list", "colour": 1}), "colour"),
        (
            json!({"operation": "plan", "credentials": [credential("a-1", "s"), credential("a-1", "t")]}),
            "credentials[1].name",
        ),
        (
            json!({"operation": "plan", "credentials": [credential("a-1", "s"), credential("b-1", "s")]}),
            "credentials[1]",
        ),
        (json!({"operation": "update", "credential": {"subject": "s"}}), "credential.name"),
        (
            json!({"operation": "update", "credential": {"name": "main", "subject": "s", "expression": "claims['sub'] eq 'a'"}}),
            "credential.subject",
        ),
    ];
    for (member, value) in [
        ("name", json!("ab")),
        ("name", json!("-abc")),
        ("name", json!("a b c")),
        ("name", json!("main\u{1b}[2J")),
        ("name", json!("é-main")),
        ("name", json!("x".repeat(121))),
        ("name", Value::Null),
        ("issuer", json!("")),
        ("issuer", json!(" https://issuer.example")),
        ("issuer", json!(format!("https://{long}"))),
        ("subject", json!("")),
        ("subject", json!(long)),
        ("subject", Value::Null),
        ("audience", json!("")),
        ("audience", json!(long)),
        ("audience", json!(["a", "b"])),
        ("audiences", json!(["a", "b"])),
        ("description", json!(long)),
        ("expression", json!("claims['sub'] eq 'a'")),
    ] {
        cases.push((with(member, value), if member == "expression" { "subject" } else { member }));
    }
    for (request, words) in cases {
        let t = r.begin(request);
        let error = r.refuses(t, "request_invalid");
        assert!(
            error["message"].as_str().is_some_and(|text| text.contains(words)),
            "{words}: {error}"
        );
    }
    let other = "11111111-2222-3333-4444-555555555550";
    for (identity, code, words) in [
        (json!({"app_id": other}), "config_invalid", "another `identity`"),
        (json!({"app_object_id": APP}), "config_invalid", "another `identity`"),
        (json!({"managed_identity": IDENTITY}), "config_invalid", "another `identity`"),
        (json!({"app_id": "my app"}), "request_invalid", "`identity.app_id` is not a GUID"),
        (json!({"app_id": APP, "app_object_id": APP}), "request_invalid", "exactly one of"),
        (json!({"application": APP}), "request_invalid", "application"),
        (json!(APP), "request_invalid", "identity"),
    ] {
        let t = r.begin(json!({"operation": "apply", "credentials": [], "identity": identity}));
        let error = r.refuses(t, code);
        assert!(
            error["message"].as_str().is_some_and(|text| text.contains(words)),
            "{words}: {error}"
        );
    }
    let t = r.begin(json!({"operation": "list", "identity": {"app_id": APP}}));
    r.refuses(t, "request_invalid");
    let many: Vec<Value> =
        (0..21).map(|n| credential(&format!("c-{n}"), &format!("s{n}"))).collect();
    let t = r.begin(json!({"operation": "apply", "credentials": many}));
    r.refuses(t, "credential_limit");
    let flexible =
        json!({"name": "flexible", "issuer": ISSUER, "expression": "claims['sub'] like 'a'"});
    let t = r.begin(json!({"operation": "create", "credential": flexible}));
    r.refuses(t, "request_invalid");
    r
}

fn configurations() -> Vec<Recorder> {
    let identity = json!({"app_id": APP});
    let refused = [
        ("manager-config-identity", "No identity.", json!({})),
        (
            "manager-config-two-identities",
            "Two identities.",
            json!({"identity": {"app_id": APP, "app_object_id": APP}}),
        ),
        (
            "manager-config-guid",
            "An application that is named by another text than its id.",
            json!({"identity": {"app_id": "my app"}}),
        ),
        (
            "manager-config-resource-id",
            "A resource id that leaves its path.",
            json!({"identity": {"managed_identity": format!("{IDENTITY}/../other")}}),
        ),
        (
            "manager-config-http",
            "Access tokens are not sent over http to another machine.",
            json!({"identity": identity, "graph_url": "http://graph.example"}),
        ),
        (
            "manager-config-metadata",
            "Access tokens are not sent to a metadata service.",
            json!({"identity": identity, "graph_url": "https://169.254.169.254"}),
        ),
        (
            "manager-config-version",
            "The address has no version.",
            json!({"identity": identity, "graph_url": "https://graph.example/v1.0/"}),
        ),
        (
            "manager-config-cloud",
            "An authority of no cloud needs the address of the service.",
            json!({"identity": identity, "authority_host": "http://127.0.0.1:8080"}),
        ),
        (
            "manager-config-graph-version",
            "A version that Microsoft Graph does not have.",
            json!({"identity": identity, "graph_version": "v2.0"}),
        ),
        (
            "manager-config-arm-version",
            "A version of Microsoft Graph for a managed identity.",
            json!({"identity": {"managed_identity": IDENTITY}, "graph_version": "beta"}),
        ),
        (
            "manager-config-unknown",
            "An unknown member.",
            json!({"identity": identity, "colour": 1}),
        ),
    ];
    let mut all: Vec<Recorder> = refused
        .into_iter()
        .map(|(name, about, config)| {
            Recorder::manager_refused(name, about, config, "config_invalid")
        })
        .collect();
    let mut r = Recorder::manager(
        "manager-stable-version",
        "A fixed version 1.0 refuses expressions, on this machine, with a scope of its own.",
        json!({"identity": {"app_object_id": APP}, "authority_host": "http://127.0.0.1:8080", "graph_url": "http://127.0.0.1:8080/graph/", "graph_version": "v1.0", "scope": "https://graph.example/.default"}),
    );
    let flexible =
        json!({"name": "flexible", "issuer": ISSUER, "expression": "claims['sub'] eq 'a'"});
    let t = r.begin(json!({"operation": "create", "credential": flexible}));
    r.refuses(t, "request_invalid");
    let t = r.begin(list());
    let step = r.poll(t, "perform");
    assert_eq!(step["effect"]["payload"], json!({"scopes": ["https://graph.example/.default"]}));
    r.authorized(t);
    let url =
        format!("http://127.0.0.1:8080/graph/v1.0/applications/{APP}/federatedIdentityCredentials");
    r.lists(t, &url, &[]);
    r.gives(t, json!({"credentials": []}));
    all.push(r);
    let mut r = Recorder::manager(
        "manager-arm-refusals",
        "Refusals of ARM name the role that is missing; there is no description to store.",
        managed(),
    );
    let described =
        json!({"name": "main", "issuer": ISSUER, "subject": "s1", "description": "text"});
    let t = r.begin(json!({"operation": "create", "credential": described}));
    r.refuses(t, "request_invalid");
    for (status, code, words) in [
        (403, "management_refused", "Managed Identity Contributor"),
        (404, "identity_not_found", "managed_identity"),
    ] {
        let t = r.begin(list());
        r.authorized(t);
        let (e, _) = r.sends(t, "GET", &arm("", "2024-11-30"));
        r.http(e, status, json!({"error": {"code": "AuthorizationFailed", "message": "The client does not have authorization to perform action 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/read'."}}));
        let error = r.refuses(t, code);
        assert!(error["message"].as_str().is_some_and(|text| text.contains(words)), "{error}");
    }
    let t = r.begin(json!({"operation": "plan", "credentials": [credential("a-1", "s"), credential("A-1", "t")]}));
    r.refuses(t, "request_invalid");
    all.push(r);
    all
}
