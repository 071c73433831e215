// An API on Deno Deploy that only callers with a good token reach. OIDC_ISSUER and AUDIENCE are its variables;
// ALLOW_LOOPBACK_HTTP is for tests.
import { TokenError, TokenVerifier } from "workload-identity-wasm/verify";

const verifier = TokenVerifier.oidc({
  issuer: Deno.env.get("OIDC_ISSUER"),
  audience: Deno.env.get("AUDIENCE"),
  allowLoopbackHttp: Deno.env.get("ALLOW_LOOPBACK_HTTP") === "1",
});

const refused = (challenge) => new Response(null, { status: 401, headers: { "www-authenticate": challenge } });

export default {
  async fetch(request) {
    const [, token] = /^Bearer +(.+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
    if (!token) return refused("Bearer");
    try {
      const { subject } = await verifier.verify(token);
      return Response.json({ subject });
    } catch (error) {
      if (error instanceof TokenError) return refused(`Bearer error="invalid_token", error_description="${error.code}"`);
      return new Response(null, { status: error.retryable ? 503 : 500 });
    }
  },
};
