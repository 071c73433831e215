// An API of Hono that requires a bearer token. The middleware runs on every platform that Hono runs on; this file serves it
// with Node.js. OIDC_ISSUER is the issuer of accepted tokens, AUDIENCE their audience.
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { TokenVerifier, WorkloadIdentityError } from "workload-identity";

const { OIDC_ISSUER, AUDIENCE, PORT = "3000", ALLOW_LOOPBACK_HTTP } = process.env;
// For Entra: TokenVerifier.entra({ tenantId, audience }); `roles` there makes a role a condition of every route.
const verifier = TokenVerifier.oidc({
  issuer: OIDC_ISSUER,
  audience: AUDIENCE,
  allowLoopbackHttp: ALLOW_LOOPBACK_HTTP === "1",
});

/** Stores the verified token in the variable `caller`. A refusal contains the error code and never the token. */
const authenticated = createMiddleware(async (context, next) => {
  const [, token] = /^Bearer +(.+)$/i.exec(context.req.header("authorization") ?? "") ?? [];
  if (!token) return refuse(context, 401, "a bearer token is required", "Bearer");
  try {
    context.set("caller", await verifier.verify(token));
  } catch (error) {
    if (!(error instanceof WorkloadIdentityError)) throw error;
    return refuse(context, error.httpStatus ?? 500, error.code, error.wwwAuthenticate);
  }
  await next();
});

function refuse(context, status, detail, challenge) {
  return context.json({ detail }, status, challenge ? { "www-authenticate": challenge } : {});
}

const app = new Hono();
app.get("/me", authenticated, (context) => context.json({ subject: context.get("caller").subject }));
app.get("/orders", authenticated, (context) => {
  // The token is verified; authorization is up to the application.
  if (context.get("caller").hasRole("Orders.Read")) return context.json(["first", "second"]);
  return refuse(context, 403, "insufficient_scope", 'Bearer error="insufficient_scope", scope="Orders.Read"');
});

serve({ fetch: app.fetch, port: Number(PORT), hostname: "127.0.0.1" }, ({ port }) => {
  console.log(`http://127.0.0.1:${port}`);
});
