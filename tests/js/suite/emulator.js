// Against `wif emulator`: real HTTP, real signatures, counted requests.
import { equal, failure, ok } from "./expect.js";
import { scope } from "./stub.js";

export function emulator({ emulator, package: { TokenVerifier, WorkloadIdentity, callback, gitHubActions } }) {
  const job = { requestUrl: emulator.github_request_url, requestToken: emulator.github_request_token };
  const options = {
    tenantId: emulator.tenant_id,
    clientId: emulator.client_id,
    authorityHost: new URL(emulator.authority).origin,
  };
  const github = () => new WorkloadIdentity({ ...options, source: gitHubActions(job) });
  const count = async () => (await (await fetch(emulator.token_requests_url)).json()).token_requests;

  return {
    async "a job's token is exchanged, cached, and accepted by an API"() {
      const one = github();
      const before = await count();
      const { token } = await one.getToken(scope);
      equal((await one.getToken(scope)).token, token);
      equal((await count()) - before, 1);
      const answer = await fetch(emulator.api_url, { headers: { authorization: `Bearer ${token}` } });
      equal(answer.status, 200);
      await answer.text();
    },

    async "its access tokens are verified as Entra's"() {
      const { token } = await github().getToken(scope);
      const entra = { tenantId: emulator.tenant_id, audience: "https://vault.azure.net", allowLoopbackHttp: true };
      const verifier = TokenVerifier.entra({ ...entra, authorityHost: options.authorityHost });
      const { issuer, isApp } = await verifier.verify(token);
      equal([issuer, isApp], [`${options.authorityHost}/${emulator.tenant_id}/v2.0`, true]);
      const cloud = TokenVerifier.entra({ ...entra, authorityHost: "https://login.microsoftonline.com" });
      equal((await failure(cloud.verify(token))).code, "unknown_issuer");
    },

    async "a callback's token is exchanged"() {
      const source = callback(async ({ audience, signal }) => {
        const url = `${job.requestUrl}&audience=${encodeURIComponent(audience)}`;
        const headers = { authorization: `Bearer ${job.requestToken}` };
        return (await (await fetch(url, { headers, signal })).json()).value;
      });
      ok((await new WorkloadIdentity({ ...options, source }).getToken(scope)).token, "a token");
    },

    async "a thousand promises make one request at the endpoint"() {
      const one = new WorkloadIdentity({ ...options, source: gitHubActions(job), flight: "shared" });
      const before = await count();
      await Promise.all(Array.from({ length: 1000 }, () => one.getToken(scope)));
      equal((await count()) - before, 1);
    },

    async "a refused exchange is explained"() {
      const source = gitHubActions({ ...job, audience: "api://WrongAudience" });
      const error = await failure(new WorkloadIdentity({ ...options, source }).getToken(scope));
      equal([error.code, error.name, error.retryable], ["trust_mismatch", "AuthenticationError", false]);
      ok(error.aadsts.some((number) => String(number).startsWith("70021")), String(error.aadsts));
      equal(error.presented.audience, ["api://WrongAudience"]);
      equal(error.presented.issuer, emulator.issuer);
      ok(error.correlationId && error.traceId && error.httpStatus >= 400, "what support asks for");
    },

    async "faults on the wire have their codes, and a later good call works"() {
      // Pages of other origins may not use the control paths: a browser goes through its own origin.
      const faults = `${emulator.control_url ?? emulator.base_url}/emulator/faults`;
      const cases = [
        ["huge", ["response_too_large"]],
        ["redirect", ["response_redirect"]],
        // Browsers do not tell what went wrong with a connection.
        ["reset", ["network_refused", "network_failed"]],
      ];
      const one = github();
      for (const [fault, codes] of cases) {
        await (await fetch(faults, { method: "POST", body: fault })).text();
        const error = await failure(one.getToken(scope));
        await (await fetch(faults, { method: "DELETE" })).text();
        ok(codes.includes(error.code), `${fault}: ${error.code}`);
      }
      ok((await one.getToken(scope)).token, "a token");
    },

    async "a refused connection is a transport error"() {
      const one = new WorkloadIdentity({
        ...options,
        authorityHost: "http://127.0.0.1:9",
        source: gitHubActions(job),
      });
      const error = await failure(one.getToken(scope));
      equal(error.name, "TransportError");
    },
  };
}
