//! Plans and their application.

use super::*;

pub(super) fn all() -> Vec<Recorder> {
    vec![
        applied(),
        whose_file(),
        plans_that_cannot_be(),
        exchanged(),
        broken_off(),
        disturbed(),
        not_shown_yet(),
        out_of_time(),
        rejected(),
    ]
}

/// An apply of credentials with these names and subjects.
fn apply(credentials: &[(&str, &str)]) -> Value {
    let wanted: Vec<Value> =
        credentials.iter().map(|(name, subject)| credential(name, subject)).collect();
    json!({"operation": "apply", "credentials": wanted})
}

/// What became of each change.
fn outcomes(step: &Value) -> Vec<(&str, &str)> {
    let changes = step["value"]["changes"].as_array().expect("a list");
    changes
        .iter()
        .map(|change| {
            (
                change["name"].as_str().expect("a name"),
                change["outcome"].as_str().expect("an outcome"),
            )
        })
        .collect()
}

impl Recorder {
    /// Makes the next write, which must be this one.
    fn writes(&mut self, ticket: u64, method: &str, item: &str) -> &mut Self {
        let (effect, _) = self.sends(ticket, method, &format!("{GRAPH}{item}"));
        self.resolve(effect, "http", 204, "", b"");
        self
    }
}

fn applied() -> Recorder {
    let mut r = Recorder::manager(
        "manager-apply",
        "What differs is removed, changed and added, in this order; a read at the end shows what was wanted. The second time nothing changes.",
        app(),
    );
    let wanted = json!([credential("main", "new"), credential("tags", "s3")]);
    let there = [stored("main", "old"), stored("other", "s4")];
    let t = r.begin(json!({"operation": "plan", "credentials": wanted}));
    r.authorized(t).lists(t, GRAPH, &there);
    let plan = json!({
        "changes": [
            {"action": "update", "name": "main", "before": shown("main", "old"), "after": shown("main", "new"), "differs": ["subject"]},
            {"action": "add", "name": "tags", "after": {"name": "tags", "issuer": ISSUER, "subject": "s3", "audience": AUDIENCE}}
        ],
        "unmanaged": ["other"],
        "unchanged": 0
    });
    r.gives(t, plan);
    let t = r.begin(json!({"operation": "apply", "credentials": wanted, "prune": true}));
    r.authorized(t).lists(t, GRAPH, &there);
    let (e, _) = r.sends(t, "DELETE", &format!("{GRAPH}/other"));
    r.resolve(e, "http", 204, "", b"");
    let (e, body) = r.sends(t, "PATCH", &format!("{GRAPH}/main"));
    assert_eq!(body, json!({"subject": "new"}));
    r.resolve(e, "http", 204, "", b"");
    let (e, _) = r.sends(t, "POST", GRAPH);
    r.http(e, 201, stored("tags", "s3"));
    let after = [stored("main", "new"), stored("tags", "s3")];
    r.lists(t, GRAPH, &after);
    let step = r.poll(t, "done");
    assert_eq!(step["value"]["complete"], true);
    assert!(
        step["value"]["changes"]
            .as_array()
            .is_some_and(|all| all.iter().all(|change| change["outcome"] == "done"))
    );
    r.end(t);
    let t = r.begin(json!({"operation": "apply", "credentials": wanted, "prune": true}));
    r.authorized(t).lists(t, GRAPH, &after);
    r.gives(t, json!({"changes": [], "unmanaged": [], "unchanged": 2, "complete": true}));
    r
}

fn whose_file() -> Recorder {
    let mut r = Recorder::manager(
        "manager-apply-identity",
        "A request that names the identity in another spelling; another identity is refused before any call.",
        managed(),
    );
    let spelled = IDENTITY.to_ascii_lowercase();
    let list = arm("", "2024-11-30");
    for operation in ["plan", "apply"] {
        let request = |id: &str| json!({"operation": operation, "credentials": [], "identity": {"managed_identity": id}});
        let t = r.begin(request(&spelled));
        r.authorized(t).lists(t, &list, &[]);
        r.end(t);
        let t = r.begin(request(&format!("{IDENTITY}-2")));
        r.refuses(t, "config_invalid");
    }
    r
}

fn plans_that_cannot_be() -> Recorder {
    let mut r = Recorder::manager(
        "manager-plan-refused",
        "No service would store the result: a credential that stays has the same issuer and subject, or there would be too many.",
        app(),
    );
    for (prune, there, code) in [
        (false, vec![stored("older", "s1")], Some("credential_conflict")),
        (true, vec![stored("older", "s1")], None),
        (
            false,
            (0..20).map(|n| stored(&format!("c-{n}"), &format!("x{n}"))).collect(),
            Some("credential_limit"),
        ),
    ] {
        for operation in ["plan", "apply"] {
            let mut request = apply(&[("main", "s1")]);
            request["operation"] = json!(operation);
            request["prune"] = json!(prune);
            let t = r.begin(request);
            r.authorized(t).lists(t, GRAPH, &there);
            match code {
                Some(code) => {
                    r.refuses(t, code);
                }
                None => {
                    r.end(t);
                }
            }
        }
    }
    r
}

fn exchanged() -> Recorder {
    let mut r = Recorder::manager(
        "manager-apply-exchange",
        "No two credentials have the same issuer and subject at any time: an update waits for the one that frees them, and one of a circle is removed and added.",
        app(),
    );
    // A chain: the last one is free.
    let t = r.begin(apply(&[("one", "s2"), ("two", "s3"), ("three", "s4")]));
    r.authorized(t).lists(
        t,
        GRAPH,
        &[stored("one", "s1"), stored("two", "s2"), stored("three", "s3")],
    );
    r.writes(t, "PATCH", "/three").writes(t, "PATCH", "/two").writes(t, "PATCH", "/one");
    r.lists(t, GRAPH, &[stored("one", "s2"), stored("two", "s3"), stored("three", "s4")]);
    let step = r.poll(t, "done");
    assert_eq!(step["value"]["complete"], true);
    r.end(t);
    // A circle.
    let t = r.begin(apply(&[("one", "s2"), ("two", "s1")]));
    r.authorized(t).lists(t, GRAPH, &[stored("one", "s1"), stored("two", "s2")]);
    r.writes(t, "DELETE", "/one").writes(t, "PATCH", "/two");
    let (e, body) = r.sends(t, "POST", GRAPH);
    assert_eq!(body["subject"], "s2");
    r.http(e, 201, stored("one", "s2"));
    r.lists(t, GRAPH, &[stored("one", "s2"), stored("two", "s1")]);
    let step = r.poll(t, "done");
    assert_eq!(outcomes(&step), [("one", "done"), ("two", "done")]);
    r.end(t);
    r
}

fn broken_off() -> Recorder {
    let mut r = Recorder::manager(
        "manager-apply-broken-off",
        "A refusal ends the apply. The report tells what was done, what has failed and what was not tried.",
        app(),
    );
    let t = r.begin(apply(&[("one", "s1"), ("two", "s2"), ("three", "s3")]));
    r.authorized(t).lists(t, GRAPH, &[]);
    let (e, _) = r.sends(t, "POST", GRAPH);
    r.http(e, 201, stored("one", "s1"));
    let (e, _) = r.sends(t, "POST", GRAPH);
    r.http(e, 403, json!({"error": {"code": "Authorization_RequestDenied", "message": "no"}}));
    let step = r.poll(t, "done");
    assert_eq!(outcomes(&step), [("one", "done"), ("two", "failed"), ("three", "not_tried")]);
    assert_eq!(step["value"]["complete"], false);
    assert_eq!(step["value"]["error"]["code"], "management_refused");
    r.end(t);
    // Nothing was planned: there is nothing to report.
    let t = r.begin(apply(&[("one", "s1")]));
    r.authorized(t);
    let (e, _) = r.sends(t, "GET", GRAPH);
    r.http(e, 403, json!({"error": {"code": "Authorization_RequestDenied", "message": "no"}}));
    r.refuses(t, "management_refused");
    r
}

fn disturbed() -> Recorder {
    let mut r = Recorder::manager(
        "manager-apply-disturbed",
        "Another writer changes the same credentials: after a pause the changes are planned again by what is there then.",
        app(),
    );
    let t = r.begin(apply(&[("one", "s1"), ("two", "s2")]));
    r.authorized(t).lists(t, GRAPH, &[]);
    let (e, _) = r.sends(t, "POST", GRAPH);
    r.http(e, 201, stored("one", "s1"));
    let (e, _) = r.sends(t, "POST", GRAPH);
    r.http(
        e,
        409,
        json!({"error": {"code": "Request_MultipleObjectsWithSameKeyValue", "message": "exists"}}),
    );
    r.pauses(t).lists(t, GRAPH, &[stored("one", "s1"), stored("two", "other")]);
    r.writes(t, "PATCH", "/two");
    // The read at the end shows the other writer's work.
    r.lists(t, GRAPH, &[stored("one", "other"), stored("two", "s2")]);
    r.pauses(t).lists(t, GRAPH, &[stored("one", "other"), stored("two", "s2")]);
    r.writes(t, "PATCH", "/one");
    r.lists(t, GRAPH, &[stored("one", "s1"), stored("two", "s2")]);
    let step = r.poll(t, "done");
    assert_eq!(outcomes(&step), [("one", "done"), ("two", "done")]);
    assert_eq!(step["value"]["complete"], true);
    r.end(t);
    // The answer to a write is lost, and it has arrived.
    let t = r.begin(apply(&[("one", "s1")]));
    r.authorized(t).lists(t, GRAPH, &[]);
    let (e, _) = r.sends(t, "POST", GRAPH);
    r.resolve(e, "failed", 0, "timeout", b"");
    r.pauses(t).lists(t, GRAPH, &[stored("one", "s1")]);
    let step = r.poll(t, "done");
    assert_eq!(outcomes(&step), [("one", "done")]);
    r.end(t);
    // What should be removed is gone already.
    let mut request = apply(&[]);
    request["prune"] = json!(true);
    let t = r.begin(request);
    r.authorized(t).lists(t, GRAPH, &[stored("one", "s1")]);
    let (e, _) = r.sends(t, "DELETE", &format!("{GRAPH}/one"));
    r.http(e, 404, json!({"error": {"code": "Request_ResourceNotFound", "message": "no"}}));
    r.lists(t, GRAPH, &[]);
    let step = r.poll(t, "done");
    assert_eq!(outcomes(&step), [("one", "done")]);
    r.end(t);
    r
}

fn not_shown_yet() -> Recorder {
    let mut r = Recorder::manager(
        "manager-apply-not-shown-yet",
        "Reads that do not show the own writes yet are repeated; nothing is written a second time.",
        app(),
    );
    let request = apply(&[("one", "s1"), ("two", "s2")]);
    let t = r.begin(request.clone());
    r.authorized(t).lists(t, GRAPH, &[stored("one", "s0")]);
    r.writes(t, "PATCH", "/one");
    let (e, _) = r.sends(t, "POST", GRAPH);
    r.http(e, 201, stored("two", "s2"));
    r.lists(t, GRAPH, &[stored("one", "s0")]);
    r.pauses(t).lists(t, GRAPH, &[stored("one", "s1")]);
    r.pauses(t).lists(t, GRAPH, &[stored("one", "s1"), stored("two", "s2")]);
    let step = r.poll(t, "done");
    assert_eq!(step["value"]["complete"], true);
    r.end(t);
    // Not within the time of the request.
    let mut request = request;
    request["deadline"] = json!(r.now() + 9_000);
    let t = r.begin(request);
    r.authorized(t).lists(t, GRAPH, &[stored("one", "s1")]);
    let (e, _) = r.sends(t, "POST", GRAPH);
    r.http(e, 201, stored("two", "s2"));
    r.lists(t, GRAPH, &[stored("one", "s1")]);
    while !r.peek_is_done(t) {
        r.pauses(t).lists(t, GRAPH, &[stored("one", "s1")]);
    }
    let step = r.poll(t, "done");
    assert_eq!(outcomes(&step), [("two", "done")]);
    assert_eq!(step["value"]["complete"], false);
    assert_eq!(step["value"]["error"]["code"], "management_unsettled");
    r.end(t);
    r
}

fn out_of_time() -> Recorder {
    let mut r = Recorder::manager(
        "manager-apply-out-of-time",
        "The deadline passes while a write is under way: the report is still given, and says that this change may have been made.",
        app(),
    );
    let mut request = apply(&[("one", "s1"), ("two", "s2")]);
    request["deadline"] = json!(r.now() + 1_000);
    let t = r.begin(request.clone());
    r.authorized(t).lists(t, GRAPH, &[]);
    r.sends(t, "POST", GRAPH);
    r.wait(1_000);
    let step = r.poll(t, "done");
    assert_eq!(outcomes(&step), [("one", "failed"), ("two", "not_tried")]);
    assert_eq!(step["value"]["changes"][0]["error"]["code"], "deadline_exceeded");
    r.end(t);
    let t = r.begin(request);
    r.refuses(t, "deadline_exceeded");
    r
}

fn rejected() -> Recorder {
    let mut r = Recorder::manager(
        "manager-apply-rejected",
        "The service refuses the values of a change. What is there tells whether another writer is the cause.",
        app(),
    );
    let body =
        json!({"error": {"code": "InvalidFederatedIdentityCredentialValue", "message": "no"}});
    for (there, code) in
        [(vec![], "management_refused"), (vec![stored("other", "s1")], "credential_conflict")]
    {
        let t = r.begin(apply(&[("one", "s1")]));
        r.authorized(t).lists(t, GRAPH, &[]);
        let (e, _) = r.sends(t, "POST", GRAPH);
        r.http(e, 400, body.clone());
        r.lists(t, GRAPH, &there);
        let step = r.poll(t, "done");
        assert_eq!(outcomes(&step), [("one", "failed")]);
        assert_eq!(step["value"]["error"]["code"], code);
        r.end(t);
    }
    let t = r.begin(apply(&[("one", "s1")]));
    r.authorized(t).lists(t, GRAPH, &[stored("one", "s0"), stored("two", "s2")]);
    let (e, _) = r.sends(t, "PATCH", &format!("{GRAPH}/one"));
    r.http(e, 400, body);
    r.lists(t, GRAPH, &[stored("one", "s9")]);
    r.pauses(t).lists(t, GRAPH, &[stored("one", "s9")]);
    r.writes(t, "PATCH", "/one").lists(t, GRAPH, &[stored("one", "s1")]);
    let step = r.poll(t, "done");
    assert_eq!(step["value"]["complete"], true);
    r.end(t);
    r
}
