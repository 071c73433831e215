// The sources of AWS, at services without a network: what is signed, what is refused, and that no secret is shown.
import { equal, failure, ok } from "./expect.js";
import { assertion, clientId, endpoint, granted, respond, scope, tenantId } from "./stub.js";

const audience = "api://AzureADTokenExchange";
const pool = "eu-west-1:11111111-2222-3333-4444-555555555555";
const keys = { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "s3cret" };
const credentials = { accessKeyId: "AKIDOTHER", secretAccessKey: "s3cret", sessionToken: "s3cret-session" };
const error = (code) => `<ErrorResponse><Error><Code>${code}</Code><Message>s3cret</Message></Error></ErrorResponse>`;
const json = (value) => respond(JSON.stringify(value));

/** Answers STS, Cognito and Entra. */
const services = (answer) =>
  endpoint((_number, _init, url) => (url.includes("amazonaws.com") ? answer(url) : respond(granted())));

export function awsSources({ package: exports }) {
  const { WorkloadIdentity, awsCognito, awsWebIdentity } = exports;
  const cognito = (more) => awsCognito({ identityPoolId: pool, logins: { "login.example": "app" }, ...more });
  const identityOf = (source, environment, fetch) =>
    new WorkloadIdentity({ tenantId, clientId, source, environment, fetch, flight: "shared" });
  const issued = (url) =>
    json(
      url.includes("sts")
        ? { GetWebIdentityTokenResult: { WebIdentityToken: assertion() } }
        : { IdentityId: pool, Token: assertion("app", 600, pool) },
    );
  const tests = {};

  tests["AWS: the environment's credentials sign"] = async () => {
    const { fetch, requests } = services(issued);
    const source = awsWebIdentity({ durationSeconds: 600, tags: { team: "shop" } });
    equal((await identityOf(source, keys, fetch).getToken(scope)).token, "token-1");
    const [{ url, init }] = requests;
    equal(url, "https://sts.eu-west-1.amazonaws.com/");
    const headers = new Headers(init.headers);
    ok(headers.get("authorization").startsWith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), "a signature");
    const form = new URLSearchParams(new TextDecoder().decode(await new Response(init.body).arrayBuffer()));
    const sent = ["Action", "Audience.member.1", "DurationSeconds", "Tags.member.1.Key"].map((name) => form.get(name));
    equal(sent, ["GetWebIdentityToken", audience, "600", "team"]);
  };

  tests["AWS: credentials of the caller sign"] = async () => {
    const { fetch, requests } = services(issued);
    equal((await identityOf(cognito({ credentials }), keys, fetch).getToken(scope)).token, "token-1");
    const [{ url, init }] = requests;
    equal(url, "https://cognito-identity.eu-west-1.amazonaws.com/");
    const headers = new Headers(init.headers);
    ok(headers.get("authorization").includes("Credential=AKIDOTHER/"), "a signature");
    equal(headers.get("x-amz-security-token"), "s3cret-session");
    equal((await new Response(init.body).json()).Logins, { "login.example": "app" });
  };

  for (const [name, answer, code, part] of [
    ["federation is off", () => respond(error("OutboundWebIdentityFederationDisabledException"), { status: 403 }), "source_rejected", "aws iam enable"],
    ["a role without the right", () => respond(error("AccessDenied"), { status: 403 }), "source_rejected", "policies of the role"],
    ["an expired session", () => respond(error("ExpiredTokenException"), { status: 400 }), "credentials_expired", "renew"],
    ["a page", () => respond("<!doctype html><title>s3cret</title>"), "source_response_invalid", "AWS"],
    ["a list", () => json([]), "source_response_invalid", "AWS"],
    ["a number for a token", () => json({ WebIdentityToken: 7, Token: 7 }), "source_response_invalid", "AWS"],
    ["half a document", () => respond('{"WebIdentityToken":"s3cret'), "source_response_invalid", "AWS"],
    ["a token that is none", () => json({ WebIdentityToken: "opaque", Token: "opaque" }), "source_response_invalid", "AWS"],
    ["an expired token", () => json({ WebIdentityToken: assertion("s", -600), Token: assertion("s", -600) }), "assertion_expired", ""],
  ]) {
    tests[`AWS: ${name}`] = async () => {
      for (const source of [awsWebIdentity(), cognito()]) {
        const one = services(answer);
        const refused = await failure(identityOf(source, keys, one.fetch).getToken(scope));
        equal(refused.code, code, refused.message);
        ok(refused.message.includes(part), refused.message);
        ok(!`${refused.stack} ${JSON.stringify(refused)}`.includes("s3cret"), "no secret in the error");
        ok(one.requests.every(({ url }) => url.includes("amazonaws.com")), "nothing is exchanged");
      }
    };
  }

  for (const [name, source, environment, code, part] of [
    ["expired credentials", () => awsWebIdentity(), { ...keys, AWS_CREDENTIAL_EXPIRATION: "2020-01-01T00:00:00Z" }, "credentials_expired", "environment"],
    ["half a key", () => awsWebIdentity(), { ...keys, AWS_SECRET_ACCESS_KEY: undefined }, "environment_incomplete", "AWS_SECRET_ACCESS_KEY"],
    ["a key of two lines", () => awsWebIdentity(), { ...keys, AWS_SECRET_ACCESS_KEY: "s3cret\nx" }, "config_invalid", "AWS_SECRET_ACCESS_KEY"],
    ["a region that is none", () => awsWebIdentity({ region: "eu west" }), keys, "config_invalid", "region"],
    ["a life out of bounds", () => awsWebIdentity({ durationSeconds: 59 }), keys, "config_invalid", "durationSeconds"],
    ["a pool that is none", () => cognito({ identityPoolId: "pool" }), keys, "config_invalid", "identityPoolId"],
    ["no login", () => cognito({ logins: {} }), keys, "config_invalid", "logins"],
    ["an endpoint elsewhere", () => awsWebIdentity(), { ...keys, AWS_ENDPOINT_URL_STS: "http://attacker.example" }, "config_invalid", "AWS_ENDPOINT_URL_STS"],
    ["credentials of two lines", () => cognito({ credentials: { ...credentials, sessionToken: "s3cret\n-" } }), keys, "config_invalid", "sessionToken"],
  ]) {
    tests[`AWS: ${name}`] = async () => {
      const one = services(issued);
      const refused = await failure(async () => identityOf(source(), environment, one.fetch).getToken(scope));
      equal(refused.code, code, refused.message);
      ok(refused.message.includes(part), refused.message);
      ok(!`${refused.stack} ${JSON.stringify(refused)}`.includes("s3cret"), "no secret in the error");
      equal(one.requests.length, 0);
    };
  }
  return tests;
}
