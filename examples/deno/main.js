// An API on Deno Deploy that requires a bearer token. OIDC_ISSUER and AUDIENCE are its variables; ALLOW_LOOPBACK_HTTP is for
// tests.
import { TokenVerifier, WorkloadIdentityError } from "workload-identity-wasm/verify";

const verifier = TokenVerifier.oidc({
  issuer: Deno.env.get("OIDC_ISSUER"),
  audience: Deno.env.get("AUDIENCE"),
  allowLoopbackHttp: Deno.env.get("ALLOW_LOOPBACK_HTTP") === "1",
});

export default {
  async fetch(request) {
    const [, token] = /^Bearer +(.+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
    if (!token) return refused(401, "a bearer token is required", "Bearer");
    try {
      const { subject } = await verifier.verify(token);
      return Response.json({ subject });
    } catch (error) {
      if (!(error instanceof WorkloadIdentityError)) throw error;
      return refused(error.httpStatus ?? 500, error.code, error.wwwAuthenticate);
    }
  },
};

function refused(status, detail, challenge) {
  return Response.json({ detail }, { status, headers: challenge ? { "www-authenticate": challenge } : {} });
}
