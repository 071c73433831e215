// Everything around a credential that is not to be measured: assertions, answers.

export const tenant = "11111111-2222-3333-4444-555555555555";
export const client = "66666666-7777-8888-9999-000000000000";
export const authority = `https://login.microsoftonline.com/${tenant}`;

/** A scope of its own resource, in one piece as a literal would be; the engine glues templates together lazily. */
export const scope = (number) => Buffer.from(`https://resource-${number}.example.org/.default`).toString("latin1");

// The length of a real app token (shared by all, since no client looks into it).
const accessToken = `eyJ0eXAiOiJKV1Qi.${"t".repeat(1481)}.${"s".repeat(342)}`;
export const answer = {
  token_type: "Bearer",
  expires_in: 3599,
  ext_expires_in: 3599,
  access_token: accessToken,
};
export const discovery = {
  issuer: `${authority}/v2.0`,
  authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
  token_endpoint: `${authority}/oauth2/v2.0/token`,
  jwks_uri: `${authority}/discovery/v2.0/keys`,
};
export const headers = { "content-type": "application/json; charset=utf-8" };

const part = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

function madeAssertion() {
  const now = Math.floor(Date.now() / 1000);
  const payload = {
    jti: "0b3cf3e4-6a0e-4ab0-9f3e-0d4b5a4c8f11",
    sub: "repo:octo-org/octo-repo:environment:production",
    aud: "api://AzureADTokenExchange",
    ref: "refs/heads/main",
    repository: "octo-org/octo-repo",
    run_id: "1234567890",
    iss: "https://token.actions.githubusercontent.com",
    iat: now - 10,
    nbf: now - 10,
    exp: now + 86_400,
  };
  return `${part({ alg: "RS256", kid: "k1", typ: "JWT" })}.${part(payload)}.${part("s".repeat(256))}`;
}

const made = madeAssertion();

/** The callback that all clients ask for the workload's token. */
export const assertion = async () => made;
