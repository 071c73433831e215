# Serves the bundle of this folder with Cloudflare's runtime, without wrangler: workerd serve config.capnp
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "orders", worker = .orders),
    # "local" is for a test issuer on this machine.
    (name = "internet", network = (allow = ["public", "local"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "http", address = "127.0.0.1:8787", http = (), service = "orders")],
);

const orders :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "out/worker.js"),
    (name = "workload_identity_edge.wasm", wasm = embed "out/workload_identity_edge.wasm"),
  ],
  bindings = [
    (name = "OIDC_ISSUER", fromEnvironment = "OIDC_ISSUER"),
    (name = "AUDIENCE", fromEnvironment = "AUDIENCE"),
    (name = "ALLOW_LOOPBACK_HTTP", fromEnvironment = "ALLOW_LOOPBACK_HTTP"),
  ],
  compatibilityDate = "2026-11-01",
);
