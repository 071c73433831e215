//! Single writes.

use super::*;

pub(super) fn all() -> Vec<Recorder> {
    vec![created()]
}

fn created() -> Recorder {
    let mut r = Recorder::manager(
        "manager-create",
        "A credential is added after a look: its name, its issuer and subject must be free, and there must be fewer than 20.",
        app(),
    );
    let t = r.begin(json!({"operation": "create", "credential": credential("main", "s1")}));
    r.authorized(t).lists(t, GRAPH, &[stored("pull", "s2")]);
    let (e, body) = r.sends(t, "POST", GRAPH);
    assert_eq!(
        body,
        json!({"name": "main", "issuer": ISSUER, "subject": "s1", "audiences": [AUDIENCE]})
    );
    r.http(e, 201, stored("main", "s1"));
    r.gives(t, json!({"credential": shown("main", "s1")}));
    r
}
