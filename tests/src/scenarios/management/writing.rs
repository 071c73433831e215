//! Single writes.

use super::*;

pub(super) fn all() -> Vec<Recorder> {
    vec![created(), create_refused_by_what_is_there(), updated(), upserted(), deleted(), at_arm()]
}

pub(super) fn create() -> Value {
    json!({"operation": "create", "credential": credential("main", "s1")})
}

fn created() -> Recorder {
    let mut r = Recorder::manager(
        "manager-create",
        "A credential is added after a look. One with an expression is added at the preview.",
        app(),
    );
    let t = r.begin(create());
    r.authorized(t).lists(t, GRAPH, &[stored("pull", "s2")]);
    let (e, body) = r.sends(t, "POST", GRAPH);
    assert_eq!(
        body,
        json!({"name": "main", "issuer": ISSUER, "subject": "s1", "audiences": [AUDIENCE]})
    );
    r.http(e, 201, stored("main", "s1"));
    r.gives(t, json!({"credential": shown("main", "s1")}));
    let expression = "claims['sub'] matches 'repo:octo/*'";
    let flexible = json!({"name": "flexible", "issuer": ISSUER, "expression": expression, "audience": "api://mine", "description": "all branches"});
    let t = r.begin(json!({"operation": "create", "credential": flexible}));
    r.authorized(t).lists(t, BETA, &[]);
    let (e, body) = r.sends(t, "POST", BETA);
    let sent = json!({
        "name": "flexible", "issuer": ISSUER, "audiences": ["api://mine"], "description": "all branches",
        "claimsMatchingExpression": {"value": expression, "languageVersion": 1}
    });
    assert_eq!(body, sent);
    r.http(e, 201, sent);
    r.gives(t, json!({"credential": flexible}));
    r
}

fn create_refused_by_what_is_there() -> Recorder {
    let mut r = Recorder::manager(
        "manager-create-conflicts",
        "What is there stands in the way: the name, the issuer and subject under another name, or twenty credentials. Nothing is sent.",
        app(),
    );
    for (there, code, words) in [
        (vec![stored("main", "other")], "credential_conflict", "another subject"),
        (vec![stored("main", "s1")], "credential_conflict", "nothing to do"),
        (vec![stored("older", "s1")], "credential_conflict", "`older`"),
        (
            vec![stored("esc\u{1b}[31m\u{202e}", "s1")],
            "credential_conflict",
            "esc\\u{1b}[31m\\u{202e}",
        ),
        (
            (0..20).map(|number| stored(&format!("c-{number}"), &format!("x{number}"))).collect(),
            "credential_limit",
            "can have 20",
        ),
    ] {
        let t = r.begin(create());
        r.authorized(t).lists(t, GRAPH, &there);
        let error = r.refuses(t, code);
        assert!(error["message"].as_str().is_some_and(|text| text.contains(words)), "{error}");
    }
    r
}

fn updated() -> Recorder {
    let mut r = Recorder::manager(
        "manager-update",
        "Only the members that differ are sent. A change of nothing sends nothing; a subject and an expression replace each other.",
        app(),
    );
    let update = |members: Value| {
        let mut update = json!({"name": "main"});
        super::super::extend(&mut update, members);
        json!({"operation": "update", "credential": update})
    };
    let t = r.begin(update(json!({"subject": "s2", "description": "text"})));
    r.authorized(t).lists(t, GRAPH, &[stored("main", "s1")]);
    let (e, body) = r.sends(t, "PATCH", &format!("{GRAPH}/main"));
    assert_eq!(body, json!({"subject": "s2", "description": "text"}));
    r.resolve(e, "http", 204, "", b"");
    let mut after = shown("main", "s2");
    after["description"] = json!("text");
    r.gives(t, json!({"credential": after}));
    let t = r.begin(update(json!({"subject": "s1", "audience": AUDIENCE})));
    r.authorized(t).lists(t, GRAPH, &[stored("main", "s1")]);
    r.gives(t, json!({"credential": shown("main", "s1")}));
    let t = r.begin(update(json!({"expression": "claims['sub'] eq 'a'"})));
    let mut described = stored("main", "s1");
    described["description"] = json!("text");
    r.authorized(t).lists(t, BETA, &[described]);
    let (e, body) = r.sends(t, "PATCH", &format!("{BETA}/main"));
    assert_eq!(
        body,
        json!({"subject": null, "claimsMatchingExpression": {"value": "claims['sub'] eq 'a'", "languageVersion": 1}})
    );
    r.resolve(e, "http", 204, "", b"");
    r.poll(t, "done");
    r.end(t);
    let t = r.begin(update(json!({"subject": "s2"})));
    r.authorized(t).lists(t, GRAPH, &[stored("main", "s1"), stored("pull", "s2")]);
    r.refuses(t, "credential_conflict");
    let t = r.begin(update(json!({"subject": "s2"})));
    r.authorized(t).lists(t, GRAPH, &[]);
    r.refuses(t, "credential_not_found");
    // Removed between the look and the write.
    let t = r.begin(update(json!({"description": ""})));
    let mut described = stored("main", "s1");
    described["description"] = json!("text");
    r.authorized(t).lists(t, GRAPH, &[described]);
    let (e, body) = r.sends(t, "PATCH", &format!("{GRAPH}/main"));
    assert_eq!(body, json!({"description": null}));
    r.http(e, 404, json!({"error": {"code": "Request_ResourceNotFound", "message": "no"}}));
    r.pauses(t).lists(t, GRAPH, &[]);
    r.refuses(t, "credential_not_found");
    r
}

fn upserted() -> Recorder {
    let mut r = Recorder::manager(
        "manager-upsert",
        "A credential is created or changed by one request. What is equal already is not sent.",
        app(),
    );
    let upsert =
        |subject: &str| json!({"operation": "upsert", "credential": credential("main", subject)});
    let url = format!("{GRAPH}(name='main')");
    let t = r.begin(upsert("s1"));
    r.authorized(t).lists(t, GRAPH, &[]);
    let step = r.poll(t, "perform");
    assert_eq!(step["effect"]["headers"]["prefer"], "create-if-missing");
    let (e, body) = r.sends(t, "PATCH", &url);
    assert_eq!(body, json!({"issuer": ISSUER, "subject": "s1", "audiences": [AUDIENCE]}));
    r.http(e, 201, stored("main", "s1"));
    r.gives(t, json!({"credential": shown("main", "s1")}));
    let t = r.begin(upsert("s2"));
    r.authorized(t).lists(t, GRAPH, &[stored("main", "s1")]);
    let (e, _) = r.sends(t, "PATCH", &url);
    r.resolve(e, "http", 204, "", b"");
    r.gives(t, json!({"credential": shown("main", "s2")}));
    let t = r.begin(upsert("s2"));
    r.authorized(t).lists(t, GRAPH, &[stored("main", "s2")]);
    r.gives(t, json!({"credential": shown("main", "s2")}));
    let t = r.begin(upsert("s2"));
    r.authorized(t).lists(t, GRAPH, &[stored("other", "s2")]);
    r.refuses(t, "credential_conflict");
    r
}

fn deleted() -> Recorder {
    let mut r = Recorder::manager(
        "manager-delete",
        "A credential is removed without a look. After a 404 the list tells whether there was none, or no application.",
        app(),
    );
    let request = json!({"operation": "delete", "name": "main"});
    let url = format!("{GRAPH}/main");
    let missing = json!({"error": {"code": "Request_ResourceNotFound", "message": "no"}});
    let t = r.begin(request.clone());
    r.authorized(t);
    let (e, _) = r.sends(t, "DELETE", &url);
    r.resolve(e, "http", 204, "", b"");
    r.gives(t, json!({"deleted": true}));
    let t = r.begin(request.clone());
    r.authorized(t);
    let (e, _) = r.sends(t, "DELETE", &url);
    r.http(e, 404, missing.clone());
    // A read that does not show the removal yet changes nothing.
    r.lists(t, GRAPH, &[stored("main", "s1")]);
    r.gives(t, json!({"deleted": false}));
    let t = r.begin(request.clone());
    r.authorized(t);
    let (e, _) = r.sends(t, "DELETE", &url);
    r.http(e, 404, missing.clone());
    let (e, _) = r.sends(t, "GET", GRAPH);
    r.http(e, 404, missing.clone());
    r.refuses(t, "identity_not_found");
    // The answer is lost: the credential is gone by this removal.
    let t = r.begin(request);
    r.authorized(t);
    let (e, _) = r.sends(t, "DELETE", &url);
    r.resolve(e, "failed", 0, "timeout", b"");
    r.pauses(t).lists(t, GRAPH, &[]);
    r.gives(t, json!({"deleted": true}));
    r
}

fn at_arm() -> Recorder {
    let mut r = Recorder::manager(
        "manager-arm-writes",
        "At ARM every write is a PUT of the whole credential. Names are compared without case, and there is no description.",
        managed(),
    );
    let url = arm("/main", "2024-11-30");
    let body = |subject: &str| json!({"properties": {"issuer": ISSUER, "subject": subject, "audiences": [AUDIENCE]}});
    let t = r.begin(create());
    r.authorized(t).lists(t, &arm("", "2024-11-30"), &[]);
    let (e, sent) = r.sends(t, "PUT", &url);
    assert_eq!(sent, body("s1"));
    r.http(e, 201, stored_at_arm("main", "s1"));
    r.poll(t, "done");
    r.end(t);
    for operation in ["update", "upsert"] {
        let t = r.begin(json!({"operation": operation, "credential": credential("main", "s2")}));
        r.authorized(t).lists(t, &arm("", "2024-11-30"), &[stored_at_arm("Main", "s1")]);
        let name = if operation == "update" { "/Main" } else { "/main" };
        let (e, sent) = r.sends(t, "PUT", &arm(name, "2024-11-30"));
        assert_eq!(sent, body("s2"));
        r.http(e, 200, stored_at_arm("Main", "s2"));
        r.poll(t, "done");
        r.end(t);
    }
    let expression =
        json!({"name": "flexible", "issuer": ISSUER, "expression": "claims['sub'] eq 'a'"});
    let t = r.begin(json!({"operation": "create", "credential": expression}));
    r.authorized(t).lists(t, &arm("", "2025-01-31-preview"), &[]);
    let (e, sent) = r.sends(t, "PUT", &arm("/flexible", "2025-01-31-preview"));
    assert_eq!(
        sent["properties"]["claimsMatchingExpression"],
        json!({"value": "claims['sub'] eq 'a'", "languageVersion": 1})
    );
    let mut answer = stored_at_arm("flexible", "");
    answer["properties"] = sent["properties"].clone();
    r.http(e, 201, answer);
    r.poll(t, "done");
    r.end(t);
    for (status, deleted) in [(200, true), (204, false)] {
        let t = r.begin(json!({"operation": "delete", "name": "main"}));
        r.authorized(t);
        let (e, _) = r.sends(t, "DELETE", &url);
        r.resolve(e, "http", status, "", b"");
        r.gives(t, json!({"deleted": deleted}));
    }
    r
}
