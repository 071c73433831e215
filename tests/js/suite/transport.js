// http effects over fetch, and what may never be told.
import { equal, failure, ok } from "./expect.js";
import { assertion, clientId, endpoint, granted, respond, scope, tenantId } from "./stub.js";

const canary = "c4n4ry-s3cr3t";

function everythingIn(error, depth = 0) {
  if (typeof error !== "object" || error === null || depth > 5) return String(error);
  const own = Object.getOwnPropertyNames(error).map((name) => everythingIn(error[name], depth + 1));
  return [String(error), error.stack, JSON.stringify(error), ...own].join("\n");
}

export function transport({ native, package: { WorkloadIdentity, callback, gitHubActions } }) {
  const identity = (fetch, options = {}) =>
    new WorkloadIdentity({
      tenantId,
      clientId,
      source: callback(() => assertion()),
      flight: "shared",
      fetch,
      ...options,
    });
  const tests = {};

  const failures = [
    [{ code: "ECONNREFUSED" }, "network_refused"],
    [{ code: "ECONNRESET" }, "network_refused"],
    [{ code: "UND_ERR_SOCKET" }, "network_refused"],
    [{ code: "ENOTFOUND" }, "network_dns"],
    [{ code: "EAI_AGAIN" }, "network_dns"],
    [{ code: "UND_ERR_CONNECT_TIMEOUT" }, "network_timeout"],
    [{ code: "DEPTH_ZERO_SELF_SIGNED_CERT" }, "network_tls"],
    [{ code: "ERR_TLS_CERT_ALTNAME_INVALID" }, "network_tls"],
    [{ message: "client error (Connect): tcp connect error: Connection refused (os error 111)" }, "network_refused"],
    [{ message: "client error (Connect): dns error: failed to lookup address information" }, "network_dns"],
    [{ message: "client error (Connect): invalid peer certificate: UnknownIssuer" }, "network_tls"],
    [{ message: "Network connection lost." }, "network_refused"],
    [{ message: "something else" }, "network_failed"],
  ];
  for (const [{ code, message }, expected] of failures) {
    tests[`failure: ${code ?? message}`] = async () => {
      const cause = Object.assign(new Error(message ?? "inner"), code ? { code } : {});
      const { fetch } = endpoint(() => {
        throw new TypeError("fetch failed", { cause });
      });
      const error = await failure(identity(fetch).getToken(scope));
      equal([error.code, error.name], [expected, "TransportError"]);
      equal(error.cause?.cause?.message, cause.message, "the runtime's own error is the cause");
    };
  }

  tests["reading stops one byte after the limit"] = async () => {
    let sent = 0;
    let cancelled = false;
    const { fetch } = endpoint(() => {
      const body = new ReadableStream({
        pull(controller) {
          sent += 65536;
          controller.enqueue(new Uint8Array(65536));
        },
        cancel() {
          cancelled = true;
        },
      });
      return new Response(body);
    });
    equal((await failure(identity(fetch).getToken(scope))).code, "response_too_large");
    ok(sent < 2 << 20, `${sent} bytes were read`);
    ok(cancelled, "the rest is not wanted");
  };

  tests["no secret in any error"] = async () => {
    const secret = () => [assertion(canary), "x"].join("");
    const leaks = [
      { fetch: () => respond(JSON.stringify({ error: "invalid_client", error_description: `bad ${assertion(canary)}` }), { status: 401 }) },
      { fetch: () => respond(granted(assertion(canary), { token_type: canary + "eyJ" })) },
      { fetch: () => respond(granted(canary, { expires_in: -1 })) },
      { fetch: () => respond(`{"access_token":"${canary}",`) },
      { fetch: () => respond(canary, { status: 500 }) },
      { source: callback(() => `${canary}.${canary}`) },
      { source: callback(() => secret() + "\u0000") },
      { source: gitHubActions({ requestUrl: "https://token.example/?a=b", requestToken: canary }), fetch: () => respond(canary, { status: 403 }) },
      { source: gitHubActions({ requestUrl: "https://token.example/?a=b", requestToken: `${canary}\n` }) },
    ];
    for (const [index, { fetch = () => respond(granted()), source }] of leaks.entries()) {
      const options = source ? { source } : { source: callback(() => assertion(canary)) };
      const error = await failure(async () => identity(endpoint(fetch).fetch, options).getToken(scope));
      const text = everythingIn(error);
      ok(!text.includes(canary), `case ${index}: ${text.slice(0, 300)}`);
      ok(!text.includes(btoa(canary).slice(0, 12)), `case ${index} in base64`);
    }
  };

  tests["a trap starts a new engine, once"] = async () => {
    const { fetch, requests } = endpoint();
    const one = identity(fetch);
    const { Engine } = native;
    const { poll } = Engine.prototype;
    const broken = new WeakSet();
    let traps = 1;
    Engine.prototype.poll = function (...all) {
      // As wasm does: an object that trapped once is unusable for ever, a new one works.
      if (broken.has(this)) throw new Error("recursive use of an object detected");
      if (traps > 0) {
        traps -= 1;
        broken.add(this);
        throw new WebAssembly.RuntimeError("unreachable");
      }
      return poll.apply(this, all);
    };
    try {
      const tokens = await Promise.all([one.getToken(scope), one.getToken(scope)]);
      equal(tokens.map(({ token }) => token), ["token-1", "token-1"]);
      equal(requests.length, 1);
      traps = 9;
      const error = await failure(one.getToken("https://graph.microsoft.com/.default"));
      equal([error.code, error.name, traps], ["internal", "InternalError", 7]);
      traps = 0;
      equal((await one.getToken("https://graph.microsoft.com/.default")).token, "token-2");
    } finally {
      Engine.prototype.poll = poll;
    }
  };
  return tests;
}
