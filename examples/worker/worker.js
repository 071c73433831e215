// A Cloudflare Worker that protects an API. OIDC_ISSUER and AUDIENCE are its variables; ALLOW_LOOPBACK_HTTP is for tests.
import { TokenError, TokenVerifier } from "workload-identity-wasm/verify";

let verifier;

export default {
  async fetch(request, { OIDC_ISSUER, AUDIENCE, ALLOW_LOOPBACK_HTTP }) {
    // One for all requests of the isolate: it keeps the issuer's keys.
    verifier ??= TokenVerifier.oidc({
      issuer: OIDC_ISSUER,
      audience: AUDIENCE,
      allowLoopbackHttp: ALLOW_LOOPBACK_HTTP === "1",
    });
    const [, token] = /^Bearer ([\w.~+/=-]+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
    if (!token) return refused("Bearer");
    try {
      const { subject } = await verifier.verify(token);
      return Response.json({ orders: [], caller: subject });
    } catch (error) {
      if (error instanceof TokenError) return refused(`Bearer error="invalid_token", error_description="${error.code}"`);
      return new Response(null, { status: error.retryable ? 503 : 500 });
    }
  },
};

const refused = (challenge) => new Response(null, { status: 401, headers: { "www-authenticate": challenge } });
