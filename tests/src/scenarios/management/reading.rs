//! Reads: lists of one page and of several, one credential, versions with expressions.

use super::*;

pub(super) fn all() -> Vec<Recorder> {
    vec![listed(), paged(), got(), with_expressions(), of_a_managed_identity(), identities()]
}

fn listed() -> Recorder {
    let mut r = Recorder::manager(
        "manager-list",
        "The access token is asked for, then the list. Values are data: they may hold control characters.",
        app(),
    );
    let t = r.begin(json!({"operation": "list"}));
    let step = r.poll(t, "perform");
    assert_eq!(
        step["effect"]["payload"],
        json!({"scopes": ["https://graph.microsoft.com/.default"]})
    );
    r.authorized(t);
    let mut odd = stored("main", "a\u{1b}[2Jb\u{202e}");
    odd["description"] = json!("text");
    r.lists(t, GRAPH, &[odd, stored("pull", "s2")]);
    let mut first = shown("main", "a\u{1b}[2Jb\u{202e}");
    first["description"] = json!("text");
    r.gives(t, json!({"credentials": [first, shown("pull", "s2")]}));
    r
}

fn paged() -> Recorder {
    let mut r = Recorder::manager(
        "manager-pages",
        "A list of several pages. Links to another host, to a page that was read, and without end are refused.",
        app(),
    );
    let link = |query: &str| format!("{GRAPH}?$skiptoken={query}");
    let t = r.begin(json!({"operation": "list"}));
    r.authorized(t);
    let (e, _) = r.sends(t, "GET", GRAPH);
    r.http(e, 200, json!({"value": [stored("one", "s1")], "@odata.nextLink": link("2")}));
    r.lists(t, &link("2"), &[stored("two", "s2")]);
    r.gives(t, json!({"credentials": [shown("one", "s1"), shown("two", "s2")]}));
    for (bad, word) in [
        ("https://graph.microsoft.com.evil.example/v1.0/x".to_string(), "another host"),
        ("http://graph.microsoft.com/v1.0/x".to_string(), "cannot be used"),
        ("https://graph.microsoft.com:8443/v1.0/x".to_string(), "another host"),
        ("//evil.example/x".to_string(), "cannot be used"),
        ("https://169.254.169.254/x".to_string(), "cannot be used"),
        (link("loop"), "read before"),
    ] {
        let t = r.begin(json!({"operation": "list"}));
        r.authorized(t);
        let (e, _) = r.sends(t, "GET", GRAPH);
        r.http(e, 200, json!({"value": [], "@odata.nextLink": bad}));
        if word == "read before" {
            let (e, _) = r.sends(t, "GET", &bad);
            r.http(e, 200, json!({"value": [], "@odata.nextLink": bad}));
        }
        let error = r.refuses(t, "response_invalid");
        assert!(error["message"].as_str().is_some_and(|text| text.contains(word)), "{error}");
    }
    let t = r.begin(json!({"operation": "list"}));
    r.authorized(t);
    let (mut e, _) = r.sends(t, "GET", GRAPH);
    for number in 1..40 {
        r.http(e, 200, json!({"value": [], "@odata.nextLink": link(&number.to_string())}));
        e = r.sends(t, "GET", &link(&number.to_string())).0;
    }
    r.http(e, 200, json!({"value": [], "@odata.nextLink": link("40")}));
    r.refuses(t, "response_invalid");
    let t = r.begin(json!({"operation": "list"}));
    r.authorized(t);
    let (e, _) = r.sends(t, "GET", GRAPH);
    let many: Vec<Value> = (0..201).map(|number| stored(&format!("c-{number}"), "s")).collect();
    r.http(e, 200, page(&many));
    r.refuses(t, "response_invalid");
    r
}

fn got() -> Recorder {
    let mut r = Recorder::manager(
        "manager-get",
        "One credential by its name. After a 404 the list tells whether the credential or the application is missing.",
        app(),
    );
    let t = r.begin(json!({"operation": "get", "name": "main"}));
    r.authorized(t);
    let (e, _) = r.sends(t, "GET", &format!("{GRAPH}/main"));
    r.http(e, 200, stored("main", "s1"));
    r.gives(t, json!({"credential": shown("main", "s1")}));
    let missing = json!({"error": {"code": "Request_ResourceNotFound", "message": "Resource 'x' does not exist or one of its queried reference-property objects are not present."}});
    for there in [true, false] {
        let t = r.begin(json!({"operation": "get", "name": "q83vEjRWeJA="}));
        r.authorized(t);
        let (e, _) = r.sends(t, "GET", &format!("{GRAPH}/q83vEjRWeJA%3D"));
        r.http(e, 404, missing.clone());
        if there {
            r.lists(t, GRAPH, &[stored("main", "s1")]);
            r.refuses(t, "credential_not_found");
        } else {
            let (e, _) = r.sends(t, "GET", GRAPH);
            r.http(e, 404, missing.clone());
            r.refuses(t, "identity_not_found");
        }
    }
    for name in ["", ".", "..", "a/b", "a\\b", "a\u{1b}"] {
        let t = r.begin(json!({"operation": "get", "name": name}));
        r.refuses(t, "request_invalid");
    }
    r
}

fn with_expressions() -> Recorder {
    let mut r = Recorder::manager(
        "manager-expressions",
        "Version 1.0 shows no expressions: when a credential has no subject, the list is read again from the preview, with all its pages.",
        app(),
    );
    let t = r.begin(json!({"operation": "list"}));
    r.authorized(t);
    let mut hidden = stored("flexible", "");
    hidden["subject"] = Value::Null;
    r.lists(t, GRAPH, &[stored("main", "s1"), hidden.clone()]);
    hidden["claimsMatchingExpression"] =
        json!({"value": "claims['sub'] matches 'repo:octo/*'", "languageVersion": 1});
    r.lists(t, BETA, &[stored("main", "s1"), hidden]);
    let flexible = json!({"name": "flexible", "issuer": ISSUER, "expression": "claims['sub'] matches 'repo:octo/*'", "audience": AUDIENCE, "id": "id-flexible"});
    r.gives(t, json!({"credentials": [shown("main", "s1"), flexible]}));
    r
}

fn of_a_managed_identity() -> Recorder {
    let mut r = Recorder::manager(
        "manager-arm-list",
        "A managed identity's credentials are at ARM, which shows expressions in a preview of its API.",
        managed(),
    );
    let t = r.begin(json!({"operation": "list"}));
    let step = r.poll(t, "perform");
    assert_eq!(
        step["effect"]["payload"],
        json!({"scopes": ["https://management.azure.com/.default"]})
    );
    r.authorized(t);
    let (e, _) = r.sends(t, "GET", &arm("", "2024-11-30"));
    let link = format!("{}&$skiptoken=2", arm("", "2024-11-30"));
    r.http(e, 200, json!({"value": [stored_at_arm("main", "s1")], "nextLink": link}));
    let mut hidden = stored_at_arm("flexible", "");
    r.lists(t, &link, &[hidden.clone()]);
    hidden["properties"]["claimsMatchingExpression"] =
        json!({"value": "claims['sub'] eq 'a'", "languageVersion": 1});
    r.lists(t, &arm("", "2025-01-31-preview"), &[stored_at_arm("main", "s1"), hidden]);
    r.poll(t, "done");
    r.end(t);
    let t = r.begin(json!({"operation": "get", "name": "main"}));
    r.authorized(t);
    let (e, _) = r.sends(t, "GET", &arm("/main", "2024-11-30"));
    r.http(e, 200, stored_at_arm("MAIN", "s1"));
    r.poll(t, "done");
    r.end(t);
    r
}

fn identities() -> Recorder {
    let id = "55555555-5555-5555-5555-555555555555";
    let mut r = Recorder::manager(
        "manager-agent-blueprint",
        "The credentials of an agent identity blueprint, in another cloud, for a tenant.",
        json!({"identity": {"agent_blueprint": id}, "authority_host": "login.microsoftonline.us", "tenant_id": "contoso.com", "graph_version": "beta"}),
    );
    let t = r.begin(json!({"operation": "list"}));
    let step = r.poll(t, "perform");
    assert_eq!(
        step["effect"]["payload"],
        json!({"scopes": ["https://graph.microsoft.us/.default"], "tenant_id": "contoso.com"})
    );
    r.authorized(t);
    let url = format!(
        "https://graph.microsoft.us/beta/applications/{id}/microsoft.graph.agentIdentityBlueprint/federatedIdentityCredentials"
    );
    r.lists(t, &url, &[]);
    r.gives(t, json!({"credentials": []}));
    r
}
