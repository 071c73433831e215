// An API of Express that requires a bearer token. OIDC_ISSUER is the issuer of accepted tokens, AUDIENCE their audience.
// ALLOW_LOOPBACK_HTTP=1 allows a test issuer on this machine.
import express from "express";
import { TokenVerifier, WorkloadIdentityError } from "workload-identity";

const { OIDC_ISSUER, AUDIENCE, PORT = "3000", ALLOW_LOOPBACK_HTTP } = process.env;
// For Entra: TokenVerifier.entra({ tenantId, audience }); `roles` there makes a role a condition of every route.
const verifier = TokenVerifier.oidc({
  issuer: OIDC_ISSUER,
  audience: AUDIENCE,
  allowLoopbackHttp: ALLOW_LOOPBACK_HTTP === "1",
});

/** Stores the verified token in `request.caller`. A refusal contains the error code and never the token. */
async function authenticated(request, response, next) {
  const [, token] = /^Bearer +(.+)$/i.exec(request.get("authorization") ?? "") ?? [];
  if (!token) return refuse(response, 401, "a bearer token is required", "Bearer");
  try {
    request.caller = await verifier.verify(token);
  } catch (error) {
    if (!(error instanceof WorkloadIdentityError)) throw error;
    return refuse(response, error.httpStatus ?? 500, error.code, error.wwwAuthenticate);
  }
  next();
}

function refuse(response, status, detail, challenge) {
  if (challenge) response.set("www-authenticate", challenge);
  response.status(status).json({ detail });
}

const app = express();
app.get("/me", authenticated, (request, response) => response.json({ subject: request.caller.subject }));
app.get("/orders", authenticated, (request, response) => {
  // The token is verified; authorization is up to the application.
  if (!request.caller.hasRole("Orders.Read")) {
    return refuse(response, 403, "insufficient_scope", 'Bearer error="insufficient_scope", scope="Orders.Read"');
  }
  response.json(["first", "second"]);
});

const server = app.listen(Number(PORT), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
