// An API of Hono that only callers with a good token reach. The middleware runs on every platform that Hono runs on; this
// file serves it with Node.js.
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { HTTPException } from "hono/http-exception";
import { TokenError, TokenVerifier } from "workload-identity";

const { OIDC_ISSUER, AUDIENCE, PORT = "3000", ALLOW_LOOPBACK_HTTP } = process.env;
const verifier = TokenVerifier.oidc({
  issuer: OIDC_ISSUER,
  audience: AUDIENCE,
  allowLoopbackHttp: ALLOW_LOOPBACK_HTTP === "1",
});

const authenticated = createMiddleware(async (context, next) => {
  const [, token] = /^Bearer ([\w.~+/=-]+)$/i.exec(context.req.header("authorization") ?? "") ?? [];
  const refused = (challenge) =>
    new HTTPException(401, { res: new Response(null, { status: 401, headers: { "www-authenticate": challenge } }) });
  if (!token) throw refused("Bearer");
  try {
    context.set("caller", await verifier.verify(token));
  } catch (error) {
    if (error instanceof TokenError) throw refused(`Bearer error="invalid_token", error_description="${error.code}"`);
    throw error.retryable ? new HTTPException(503) : error;
  }
  await next();
});

const app = new Hono();
app.get("/orders", authenticated, (context) => context.json({ orders: [], caller: context.get("caller").subject }));

serve({ fetch: app.fetch, port: Number(PORT), hostname: "127.0.0.1" }, ({ port }) => {
  console.log(`http://127.0.0.1:${port}`);
});
