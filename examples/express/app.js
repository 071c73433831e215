// An API of Express that only callers with a good token reach.
// OIDC_ISSUER and AUDIENCE say whose tokens and for whom; ALLOW_LOOPBACK_HTTP=1 lets a test issuer on this machine be used.
import express from "express";
import { TokenError, TokenVerifier, WorkloadIdentityError } from "workload-identity";

const { OIDC_ISSUER, AUDIENCE, PORT = "3000", ALLOW_LOOPBACK_HTTP } = process.env;
const verifier = TokenVerifier.oidc({
  issuer: OIDC_ISSUER,
  audience: AUDIENCE,
  allowLoopbackHttp: ALLOW_LOOPBACK_HTTP === "1",
});

/** Puts the verified token into `request.caller`, or answers for the handler. */
async function authenticated(request, response, next) {
  const [, token] = /^Bearer ([\w.~+/=-]+)$/i.exec(request.get("authorization") ?? "") ?? [];
  if (!token) return response.status(401).set("www-authenticate", "Bearer").end();
  try {
    request.caller = await verifier.verify(token);
  } catch (error) {
    if (error instanceof TokenError) {
      const challenge = `Bearer error="invalid_token", error_description="${error.code}"`;
      return response.status(401).set("www-authenticate", challenge).end();
    }
    // The issuer's keys are not to be had: not the caller's fault.
    if (error instanceof WorkloadIdentityError && error.retryable) return response.status(503).end();
    throw error;
  }
  next();
}

const app = express();
app.get("/orders", authenticated, (request, response) => {
  response.json({ orders: [], caller: request.caller.subject });
});

const server = app.listen(Number(PORT), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
