//! One cache of several clients.

use super::{CLIENT, TENANT, assertion, config, issued, request};
use crate::Recorder;
use serde_json::{Value, json};

const OTHER: &str = "33333333-3333-3333-3333-333333333333";

pub(super) fn all() -> Vec<Recorder> {
    vec![
        partitions(),
        flights(),
        sources(),
        refresh(),
        eviction(),
        store(),
        discovery(),
        misuse(),
        refused(),
    ]
}

fn acquire(r: &mut Recorder, client: u64, token: &str) {
    acquire_with(r, client, request(), token);
}

fn acquire_with(r: &mut Recorder, client: u64, request: Value, token: &str) {
    let t = r.begin_of(client, request);
    assertion(r, t);
    let e = r.perform(t, "http");
    r.http(e, 200, issued(token, 3599));
    r.done(t, token);
    r.end(t);
}

fn cached(r: &mut Recorder, client: u64, token: &str) {
    let t = r.begin_of(client, request());
    r.done(t, token);
    r.end(t);
}

fn partitions() -> Recorder {
    let mut r = Recorder::shared_cache(
        "shared-cache-partitions",
        "Clients of another id, tenant or authority get tokens of their own; equal ones share them.",
        json!({}),
    );
    let configurations = [
        config(json!({})),
        config(json!({"client_id": OTHER})),
        config(json!({"tenant_id": OTHER})),
        config(json!({"authority_host": "https://login.microsoftonline.us"})),
        json!({
            "client_id": CLIENT, "source": {"kind": "callback"},
            "authority": {"issuer": "https://login.microsoftonline.com", "token_endpoint": "https://a.example/token"},
        }),
    ];
    let clients: Vec<u64> = configurations.iter().map(|each| r.client(each.clone())).collect();
    for client in &clients {
        acquire(&mut r, *client, &format!("token-{client}"));
    }
    for client in &clients {
        cached(&mut r, *client, &format!("token-{client}"));
    }
    // A tenant that a request names is a partition, too.
    let wide = r.client(config(json!({"additionally_allowed_tenants": ["*"]})));
    cached(&mut r, wide, "token-1");
    let t = r.begin_of(wide, json!({"scopes": [super::SCOPE], "tenant_id": OTHER}));
    r.done(t, "token-3");
    r.end(t);
    // What a client may ask for is its own configuration's affair.
    let again = r.client(config(json!({})));
    cached(&mut r, again, "token-1");
    let t = r.begin_of(again, json!({"scopes": [super::SCOPE], "tenant_id": OTHER}));
    r.fail(t, "tenant_not_configured");
    r.end(t);
    r
}

fn flights() -> Recorder {
    let mut r = Recorder::shared_cache(
        "shared-cache-flights",
        "Clients with equal configurations share a flight, and one takes over when the other leaves.",
        json!({}),
    );
    let [first, second] = [0, 1].map(|_| r.client(config(json!({}))));
    let other = r.client(config(json!({"client_id": OTHER})));
    let leader = r.begin_of(first, request());
    let follower = r.begin_of(second, request());
    let alone = r.begin_of(other, request());
    let left = r.perform(leader, "ask_host");
    r.poll(follower, "wait");
    assertion(&mut r, alone);
    assert_ne!(r.end(leader), 0);
    let e = r.perform(follower, "ask_host");
    assert_eq!(r.resolve(left, "answer", 0, "", b"late"), 0);
    r.resolve(e, "answer", 0, "", super::jwt().as_bytes());
    let e = r.perform(follower, "http");
    // The object that leads is closed while it performs: the other one carries on.
    let joined = r.begin_of(first, request());
    r.poll(joined, "wait");
    assert_ne!(r.resolve(e, "failed", 0, "cancelled", b"closed"), 0);
    r.fail(follower, "cancelled");
    r.end(follower);
    let e = r.perform(joined, "http");
    r.http(e, 200, issued("token-1", 3599));
    r.done(joined, "token-1");
    r.end(joined);
    let e = r.perform(alone, "http");
    r.http(e, 200, issued("token-2", 3599));
    r.done(alone, "token-2");
    r.end(alone);
    cached(&mut r, second, "token-1");
    r
}

fn sources() -> Recorder {
    let mut r = Recorder::shared_cache(
        "shared-cache-sources",
        "Clients of one id with different sources share tokens, but neither flights nor assertions.",
        json!({}),
    );
    let callback = r.client(config(json!({})));
    let file = r.client(config(json!({"source": {"kind": "file", "path": "/token"}})));
    let first = r.begin_of(callback, request());
    let second = r.begin_of(file, request());
    assertion(&mut r, first);
    let e = r.perform(second, "read_file");
    r.resolve(e, "file", 0, "", super::jwt().as_bytes());
    r.perform(second, "http");
    let e = r.perform(first, "http");
    r.http(e, 200, issued("token-1", 3599));
    r.done(first, "token-1");
    r.end(first);
    r.end(second);
    cached(&mut r, file, "token-1");
    r
}

fn refresh() -> Recorder {
    let mut r = Recorder::shared_cache(
        "shared-cache-refresh",
        "One refresh in the background for all clients of a partition, led by the one that got it.",
        json!({}),
    );
    let [first, second] = [0, 1].map(|_| r.client(config(json!({}))));
    let t = r.begin_of(first, request());
    assertion(&mut r, t);
    let e = r.perform(t, "http");
    let body = json!({"token_type": "Bearer", "expires_in": 3599, "refresh_in": 600, "access_token": "token-1"});
    r.http(e, 200, body);
    r.done(t, "token-1");
    r.end(t);
    r.wait(1_200_000);
    let t = r.begin_of(second, request());
    let refresh = r.done(t, "token-1")["refresh"].as_u64().expect("a refresh");
    r.end(t);
    let t = r.begin_of(first, request());
    assert!(r.done(t, "token-1")["refresh"].is_null());
    r.end(t);
    let e = r.perform(refresh, "http");
    r.http(e, 200, issued("token-2", 3599));
    r.done(refresh, "token-2");
    r.end(refresh);
    cached(&mut r, first, "token-2");
    r
}

fn eviction() -> Recorder {
    let mut r = Recorder::shared_cache(
        "shared-cache-eviction",
        "The bound of the cache holds for all clients together.",
        json!({"max_entries": 2}),
    );
    let ids = [CLIENT, TENANT, OTHER];
    let clients = ids.map(|id| r.client(config(json!({"client_id": id}))));
    for (client, token) in clients.iter().zip(["a", "b", "c"]) {
        acquire(&mut r, *client, token);
    }
    cached(&mut r, clients[1], "b");
    cached(&mut r, clients[2], "c");
    let t = r.begin_of(clients[0], request());
    // Its assertion is still known.
    r.perform(t, "http");
    r.end(t);
    r
}

fn store() -> Recorder {
    let mut r = Recorder::shared_cache(
        "shared-cache-store",
        "The keys of a shared store are those of an engine with one client.",
        json!({}),
    );
    let key = |step: &Value| step["effect"]["key"].clone();
    let mut alone = Recorder::new("", "", config(json!({"store": true})));
    let t = alone.begin(request());
    let expected = key(&alone.poll(t, "perform"));
    let client = r.client(config(json!({"store": true})));
    let t = r.begin_of(client, request());
    assert_eq!(key(&r.poll(t, "perform")), expected);
    r.end(t);
    r
}

fn discovery() -> Recorder {
    let mut r = Recorder::shared_cache(
        "shared-cache-discovery",
        "A token endpoint that was discovered is used by clients with the same address policy only.",
        json!({}),
    );
    let generic = |id: &str, policy: &str| {
        json!({
            "client_id": id, "source": {"kind": "callback"},
            "authority": {"issuer": "https://issuer.example"}, "private_addresses": policy,
        })
    };
    let open = r.client(generic("app-1", "allow"));
    let t = r.begin_of(open, json!({"scopes": ["api"]}));
    let e = r.perform(t, "http");
    let document =
        json!({"issuer": "https://issuer.example", "token_endpoint": "https://10.0.0.1/token"});
    r.http(e, 200, document.clone());
    r.perform(t, "ask_host");
    r.end(t);
    let t = r.begin_of(open, json!({"scopes": ["b"]}));
    r.perform(t, "ask_host");
    r.end(t);
    let closed = r.client(generic("app-1", "deny"));
    let t = r.begin_of(closed, json!({"scopes": ["api"]}));
    let e = r.perform(t, "http");
    r.http(e, 200, document);
    r.fail(t, "discovery_invalid");
    r.end(t);
    r
}

fn misuse() -> Recorder {
    let mut r = Recorder::shared_cache(
        "shared-cache-misuse",
        "Clients that cannot be kept apart, settings in the wrong place, and a request without a client.",
        json!({"max_entries": 10, "max_bytes": 100_000, "flight": "shared"}),
    );
    let without = json!({
        "source": {"kind": "callback"}, "authority": {"token_endpoint": "https://a.example/token"},
    });
    r.client_refused(without, "environment_incomplete");
    for member in ["cache_max_entries", "cache_max_bytes"] {
        r.client_refused(config(json!({member: 5})), "config_invalid");
    }
    r.client_refused(config(json!({"flight": "shared"})), "config_invalid");
    r.client_refused(config(json!({"tenant_id": "common"})), "tenant_reserved");
    let t = r.begin(request());
    r.fail(t, "misuse");
    r.end(t);
    let client = r.client(config(json!({})));
    let t = r.begin_of(client, json!({"scopes": []}));
    r.fail(t, "scope_missing");
    r.end(t);
    acquire(&mut r, client, "token-1");
    r
}

fn refused() -> Recorder {
    Recorder::shared_cache_refused(
        "shared-cache-config",
        "A cache takes its own settings only.",
        json!({"max_entries": 10, "tenant_id": TENANT}),
        "config_invalid",
    )
}
