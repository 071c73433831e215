// A Cloudflare Worker that protects an API. OIDC_ISSUER and AUDIENCE are its variables; ALLOW_LOOPBACK_HTTP is for tests.
import { TokenVerifier, WorkloadIdentityError } from "workload-identity-wasm/verify";

let verifier;

export default {
  async fetch(request, { OIDC_ISSUER, AUDIENCE, ALLOW_LOOPBACK_HTTP }) {
    // One for all requests of the isolate: it keeps the issuer's keys.
    verifier ??= TokenVerifier.oidc({
      issuer: OIDC_ISSUER,
      audience: AUDIENCE,
      allowLoopbackHttp: ALLOW_LOOPBACK_HTTP === "1",
    });
    const [, token] = /^Bearer +(.+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
    if (!token) return refused(401, "a bearer token is required", "Bearer");
    try {
      const caller = await verifier.verify(token);
      if (new URL(request.url).pathname === "/me") return Response.json({ subject: caller.subject });
      // The token is verified; authorization is up to the application.
      if (caller.hasRole("Orders.Read")) return Response.json(["first", "second"]);
      return refused(403, "insufficient_scope", 'Bearer error="insufficient_scope", scope="Orders.Read"');
    } catch (error) {
      if (!(error instanceof WorkloadIdentityError)) throw error;
      return refused(error.httpStatus ?? 500, error.code, error.wwwAuthenticate);
    }
  },
};

function refused(status, detail, challenge) {
  return Response.json({ detail }, { status, headers: challenge ? { "www-authenticate": challenge } : {} });
}
