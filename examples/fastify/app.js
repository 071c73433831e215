// An API of Fastify that requires a bearer token. OIDC_ISSUER is the issuer of accepted tokens, AUDIENCE their audience.
// ALLOW_LOOPBACK_HTTP=1 allows a test issuer on this machine.
import fastify from "fastify";
import { TokenVerifier, WorkloadIdentityError } from "workload-identity";

const { OIDC_ISSUER, AUDIENCE, PORT = "3000", ALLOW_LOOPBACK_HTTP } = process.env;
// For Entra: TokenVerifier.entra({ tenantId, audience }); `roles` there makes a role a condition of every route.
const verifier = TokenVerifier.oidc({
  issuer: OIDC_ISSUER,
  audience: AUDIENCE,
  allowLoopbackHttp: ALLOW_LOOPBACK_HTTP === "1",
});

const app = fastify();
app.decorateRequest("caller", null);

/** Stores the verified token in `request.caller`. A refusal contains the error code and never the token. */
app.addHook("onRequest", async (request, reply) => {
  const [, token] = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? "") ?? [];
  if (!token) return refuse(reply, 401, "a bearer token is required", "Bearer");
  try {
    request.caller = await verifier.verify(token);
  } catch (error) {
    if (!(error instanceof WorkloadIdentityError)) throw error;
    return refuse(reply, error.httpStatus ?? 500, error.code, error.wwwAuthenticate);
  }
});

function refuse(reply, status, detail, challenge) {
  if (challenge) reply.header("www-authenticate", challenge);
  return reply.code(status).send({ detail });
}

app.get("/me", async ({ caller }) => ({ subject: caller.subject }));
app.get("/orders", async ({ caller }, reply) => {
  // The token is verified; authorization is up to the application.
  if (caller.hasRole("Orders.Read")) return ["first", "second"];
  return refuse(reply, 403, "insufficient_scope", 'Bearer error="insufficient_scope", scope="Orders.Read"');
});

console.log(await app.listen({ port: Number(PORT), host: "127.0.0.1" }));
