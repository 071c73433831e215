// A token endpoint without a network, and an assertion that looks like one.

export const tenantId = "8f2f1c6e-5d0a-4c57-9b3e-2a7d64c1e0b9";
export const clientId = "3b1d7a52-c94e-4f08-8e67-90af5d2c6b14";
export const scope = "https://vault.azure.net/.default";

const part = (value) =>
  btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** A JWT in form only: its signature is never checked. */
export function assertion(
  subject = "system:serviceaccount:default:app",
  seconds = 3600,
  audience = "api://AzureADTokenExchange",
) {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: "https://issuer.example",
    sub: subject,
    aud: audience,
    exp: now + seconds,
  };
  return [part({ alg: "RS256", kid: "k1", typ: "JWT" }), part(claims), part("signature")].join(".");
}

export const granted = (token = "token-1", more = {}) =>
  JSON.stringify({ token_type: "Bearer", expires_in: 3599, access_token: token, ...more });

export const respond = (body, init) =>
  new Response(body, { headers: { "content-type": "application/json" }, ...init });

/** A `fetch` that counts, and answers by number of the request, from 1. */
export function endpoint(answer = (number) => respond(granted(`token-${number}`))) {
  const requests = [];
  const fetch = async (url, init) => {
    requests.push({ url, init });
    return answer(requests.length, init, url);
  };
  return { fetch, requests };
}

/** Never settles, unless its signal is aborted. */
export const silence = (signal) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

/** A signal as version 1 of `@azure/abort-controller` makes it: no `AbortSignal`, and without `reason`. */
export function azureSignal() {
  const listeners = new Set();
  const signal = {
    aborted: false,
    listeners,
    addEventListener: (_, listener) => listeners.add(listener),
    removeEventListener: (_, listener) => listeners.delete(listener),
    abort() {
      signal.aborted = true;
      for (const listener of [...listeners]) listener.call(signal, { type: "abort" });
    },
  };
  return signal;
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
