// The clients side by side: same identity, same assertion, same answer, no network.

import { createRequire } from "node:module";
import { callback, WorkloadIdentity } from "workload-identity";
import { answer, assertion, authority, client, discovery, headers, scope, tenant } from "./_stubs.mjs";

const require = createRequire(import.meta.url);
const msalNode = require("@azure/msal-node");
const azureIdentity = require("@azure/identity");
const { createHttpHeaders } = require("@azure/core-rest-pipeline");
// @azure/identity brings its own msal-node, whose cache is reached by asking who answers.
const carried = createRequire(require.resolve("@azure/identity"))("@azure/msal-node");

const answerText = JSON.stringify(answer);
const answerBytes = new TextEncoder().encode(answerText).buffer;
const discoveryText = JSON.stringify(discovery);

// What is read of a standard `Response`; a real one costs more than everything else here.
const entries = Object.entries(headers);
const arrayBuffer = async () => answerBytes;

const versionOf = (name) => require(`${name}/package.json`).version;
const msalName = `@azure/msal-node ${require("@azure/msal-node").version ?? versionOf("@azure/msal-node")}`;

/** This package, with a cache of at most so many tokens. */
export function ours(most) {
  const identity = new WorkloadIdentity({
    tenantId: tenant,
    clientId: client,
    source: callback(assertion),
    cacheMaxEntries: most,
    fetch: async () => ({ status: 200, type: "basic", headers: new Map(entries), body: null, arrayBuffer }),
  });
  const get = (one) => identity.getToken(one);
  return {
    name: "ours",
    get,
    async fill(tokens) {
      for (let number = 0; number < tokens; number += 1) await get(scope(number));
    },
    forgetNewest() {},
  };
}

/** msal-node's confidential client with an assertion callback. */
export function msal() {
  const application = new msalNode.ConfidentialClientApplication({
    auth: { clientId: client, authority, clientAssertion: assertion },
    system: {
      networkClient: {
        sendGetRequestAsync: async () => ({ status: 200, headers, body: structuredClone(discovery) }),
        sendPostRequestAsync: async () => ({ status: 200, headers, body: JSON.parse(answerText) }),
      },
    },
  });
  const get = (one) => application.acquireTokenByClientCredential({ scopes: [one] });
  return withMsalCache(msalName, get, () => application);
}

/** @azure/identity's credential with an assertion callback. */
export function azure() {
  const httpClient = {
    sendRequest: async (request) => ({
      request,
      status: 200,
      headers: createHttpHeaders(headers),
      bodyAsText: request.method === "POST" ? answerText : discoveryText,
    }),
  };
  const credential = new azureIdentity.ClientAssertionCredential(tenant, client, assertion, { httpClient });
  let application;
  const { prototype } = carried.ConfidentialClientApplication;
  const { acquireTokenByClientCredential } = prototype;
  const first = async (one) => {
    prototype.acquireTokenByClientCredential = function (...given) {
      application = this;
      return acquireTokenByClientCredential.apply(this, given);
    };
    try {
      return await credential.getToken(one);
    } finally {
      prototype.acquireTokenByClientCredential = acquireTokenByClientCredential;
    }
  };
  const get = (one) => (application ? credential.getToken(one) : first(one));
  return withMsalCache(`@azure/identity ${versionOf("@azure/identity")}`, get, () => application);
}

/** A client that keeps its tokens in a cache of msal-node. */
function withMsalCache(name, get, application) {
  let held;
  const storage = () => application().getTokenCache().storage;
  return {
    name,
    get,
    async fill(tokens) {
      await get(scope(0));
      // By real misses this would take time in the square of the number.
      const { cache } = storage();
      const first = Object.values(cache).find((entry) => entry.credentialType?.startsWith("AccessToken"));
      for (let number = 1; number < tokens; number += 1) {
        const entry = { ...first, target: scope(number) };
        cache[storage().generateCredentialKey(entry)] = entry;
      }
    },
    /** Takes the newest token out of the cache, where misses would get slower otherwise. */
    forgetNewest() {
      held ??= Object.fromEntries(Object.entries(storage().cache).slice(0, 1));
      storage().cache = { ...held };
    },
  };
}
