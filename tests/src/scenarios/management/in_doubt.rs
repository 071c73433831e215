//! Writes whose outcome is not known, or that others stand in the way of.

use super::writing::create;
use super::*;

pub(super) fn all() -> Vec<Recorder> {
    vec![in_doubt(), conflicts(), one_at_a_time(), silent_leader(), etags()]
}

fn in_doubt() -> Recorder {
    let mut r = Recorder::manager(
        "manager-in-doubt",
        "A write without an answer is looked up: it has arrived, or it is sent again. The service refuses the second one if the read was too early.",
        app(),
    );
    let outcomes: [(&str, u32, &str); 5] = [
        ("failed", 0, "timeout"),
        ("failed", 0, "refused"),
        ("http", 500, "content-type: text/html"),
        ("http", 503, "retry-after: 7"),
        ("http", 201, "content-type: text/html"),
    ];
    for (kind, status, head) in outcomes {
        let t = r.begin(create());
        r.authorized(t).lists(t, GRAPH, &[]);
        let (e, _) = r.sends(t, "POST", GRAPH);
        r.resolve(e, kind, status, head, b"<html>");
        r.pauses(t).lists(t, GRAPH, &[stored("main", "s1")]);
        r.gives(t, json!({"credential": shown("main", "s1")}));
    }
    // Not arrived: sent again, and the first one shows only now.
    let t = r.begin(create());
    r.authorized(t).lists(t, GRAPH, &[]);
    let (e, _) = r.sends(t, "POST", GRAPH);
    r.resolve(e, "failed", 0, "timeout", b"");
    r.pauses(t).lists(t, GRAPH, &[]);
    let (e, _) = r.sends(t, "POST", GRAPH);
    r.http(
        e,
        409,
        json!({"error": {"code": "Request_MultipleObjectsWithSameKeyValue", "message": "exists"}}),
    );
    r.pauses(t).lists(t, GRAPH, &[stored("main", "s1")]);
    r.gives(t, json!({"credential": shown("main", "s1")}));
    // Never arrived.
    let t = r.begin(create());
    r.authorized(t).lists(t, GRAPH, &[]);
    for _ in 0..3 {
        let (e, _) = r.sends(t, "POST", GRAPH);
        r.resolve(e, "failed", 0, "timeout", b"no answer");
        r.pauses(t).lists(t, GRAPH, &[]);
    }
    let error = r.refuses(t, "network_timeout");
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("may have been made")));
    // Certainly not sent: no look is needed.
    let t = r.begin(create());
    r.authorized(t).lists(t, GRAPH, &[]);
    let (e, _) = r.sends(t, "POST", GRAPH);
    r.resolve(e, "failed", 0, "dns", b"");
    r.pauses(t);
    let (e, _) = r.sends(t, "POST", GRAPH);
    r.resolve(e, "failed", 0, "tls", b"expired");
    r.refuses(t, "network_tls");
    r
}

fn conflicts() -> Recorder {
    let mut r = Recorder::manager(
        "manager-409",
        "After a 409 the list decides: another credential is in the way, or another change of the identity has to end first.",
        managed(),
    );
    let busy = json!({"error": {"code": "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity", "message": "Too many Federated Identity Credentials are written concurrently."}});
    let (url, list) = (arm("/main", "2024-11-30"), arm("", "2024-11-30"));
    let t = r.begin(create());
    r.authorized(t).lists(t, &list, &[]);
    let (e, _) = r.sends(t, "PUT", &url);
    r.http(e, 409, busy.clone());
    r.pauses(t).lists(t, &list, &[stored_at_arm("other", "s3")]);
    let (e, _) = r.sends(t, "PUT", &url);
    r.http(e, 201, stored_at_arm("main", "s1"));
    r.poll(t, "done");
    r.end(t);
    for there in [stored_at_arm("main", "other"), stored_at_arm("other", "s1")] {
        let t = r.begin(create());
        r.authorized(t).lists(t, &list, &[]);
        let (e, _) = r.sends(t, "PUT", &url);
        r.http(e, 409, busy.clone());
        r.pauses(t).lists(t, &list, &[there]);
        r.refuses(t, "credential_conflict");
    }
    let t = r.begin(json!({"operation": "create", "credential": credential("main", "s1"), "deadline": r.now() + 10_000_000}));
    r.authorized(t).lists(t, &list, &[]);
    for _ in 0..7 {
        let (e, _) = r.sends(t, "PUT", &url);
        r.http(e, 409, busy.clone());
        r.pauses(t).lists(t, &list, &[]);
    }
    r.refuses(t, "credential_conflict");
    // The values are refused, and what is there tells why.
    for (there, code) in [
        (stored_at_arm("other", "s1"), "credential_conflict"),
        (stored_at_arm("other", "s3"), "management_refused"),
    ] {
        let t = r.begin(create());
        r.authorized(t).lists(t, &list, &[]);
        let (e, _) = r.sends(t, "PUT", &url);
        r.http(e, 400, json!({"error": {"code": "BadRequest", "message": "Issuer and subject combination already exists for this Managed Identity."}}));
        r.lists(t, &list, &[there]);
        r.refuses(t, code);
    }
    r
}

fn one_at_a_time() -> Recorder {
    let mut r = Recorder::manager(
        "manager-one-at-a-time",
        "Requests that write wait for each other; reads do not. A caller that gives up or whose time is over makes way for the next.",
        app(),
    );
    let first = r.begin(create());
    let second = r.begin(json!({"operation": "delete", "name": "pull"}));
    let third =
        r.begin(json!({"operation": "delete", "name": "tags", "deadline": r.now() + 5_000}));
    let read = r.begin(json!({"operation": "list"}));
    r.authorized(first);
    r.poll(second, "wait");
    r.poll(third, "wait");
    r.authorized(read).lists(read, GRAPH, &[]);
    r.gives(read, json!({"credentials": []}));
    r.lists(first, GRAPH, &[]);
    let (e, _) = r.sends(first, "POST", GRAPH);
    assert_ne!(r.http(e, 201, stored("main", "s1")), 0);
    r.gives(first, json!({"credential": shown("main", "s1")}));
    r.authorized(second);
    r.poll(third, "wait");
    let (e, _) = r.sends(second, "DELETE", &format!("{GRAPH}/pull"));
    // The second caller goes, and its answer with it.
    assert_ne!(r.end(second), 0);
    assert_eq!(r.resolve(e, "http", 204, "", b""), 0);
    r.authorized(third);
    r.sends(third, "DELETE", &format!("{GRAPH}/tags"));
    let fourth = r.begin(json!({"operation": "delete", "name": "main"}));
    r.poll(fourth, "wait");
    r.wait(5_000);
    let error = r.fail(third, "deadline_exceeded");
    assert!(error["error"]["retryable"].as_bool().unwrap_or_default());
    assert_ne!(r.end(third), 0);
    r.authorized(fourth);
    // The host cancels the request for the one that leads.
    let (e, _) = r.sends(fourth, "DELETE", &format!("{GRAPH}/main"));
    let fifth =
        r.begin(json!({"operation": "delete", "name": "pull", "deadline": r.now() + 1_000}));
    r.poll(fifth, "wait");
    assert_ne!(r.resolve(e, "failed", 0, "cancelled", b""), 0);
    r.refuses(fourth, "cancelled");
    r.authorized(fifth);
    let sixth = r.begin(json!({"operation": "delete", "name": "x-1", "deadline": r.now() + 1_000}));
    r.poll(sixth, "wait");
    r.wait(1_000);
    r.refuses(sixth, "deadline_exceeded");
    r.refuses(fifth, "deadline_exceeded");
    r
}

fn silent_leader() -> Recorder {
    let mut r = Recorder::manager(
        "manager-silent-leader",
        "A leader falls silent while its write is under way. The one that takes over does not send it again: it looks whether it has arrived.",
        app(),
    );
    let first = r.begin(create());
    let second = r.begin(json!({"operation": "delete", "name": "pull"}));
    r.authorized(first).lists(first, GRAPH, &[]);
    let (stale, _) = r.sends(first, "POST", GRAPH);
    r.poll(second, "wait");
    r.wait(40_000);
    r.pauses(second).lists(second, GRAPH, &[stored("main", "s1")]);
    assert_eq!(r.http(stale, 201, stored("main", "s1")), 0);
    r.gives(first, json!({"credential": shown("main", "s1")}));
    r.authorized(second);
    let (e, _) = r.sends(second, "DELETE", &format!("{GRAPH}/pull"));
    r.resolve(e, "http", 204, "", b"");
    r.gives(second, json!({"deleted": true}));
    r
}

fn etags() -> Recorder {
    let mut r = Recorder::manager(
        "manager-etags",
        "Where the service gives an ETag, a write is for that version alone; 412 leads to another look.",
        app(),
    );
    let with = |etag: &str, subject: &str| {
        let mut stored = stored("main", subject);
        stored["@odata.etag"] = json!(etag);
        stored
    };
    let t =
        r.begin(json!({"operation": "update", "credential": {"name": "main", "subject": "s3"}}));
    r.authorized(t).lists(t, GRAPH, &[with("W/\"1\"", "s1")]);
    for etag in ["W/\"1\"", "W/\"2\""] {
        let step = r.poll(t, "perform");
        assert_eq!(step["effect"]["headers"]["if-match"], etag);
        let (e, body) = r.sends(t, "PATCH", &format!("{GRAPH}/main"));
        assert_eq!(body, json!({"subject": "s3"}));
        if etag == "W/\"1\"" {
            r.http(e, 412, json!({"error": {"code": "PreconditionFailed", "message": "changed"}}));
            r.pauses(t).lists(t, GRAPH, &[with("W/\"2\"", "s2")]);
        } else {
            r.resolve(e, "http", 204, "", b"");
        }
    }
    r.gives(t, json!({"credential": shown("main", "s3")}));
    // What cannot stand in a header is left out.
    let t =
        r.begin(json!({"operation": "update", "credential": {"name": "main", "subject": "s4"}}));
    r.authorized(t).lists(t, GRAPH, &[with("a\r\nx: y", "s1")]);
    let step = r.poll(t, "perform");
    assert!(step["effect"]["headers"].get("if-match").is_none());
    r.end(t);
    r
}
