// Managed identities, Azure Pipelines and the token proxy of AKS: what is asked, accepted and refused.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { newCertificate } from "../runners/certificate.js";
import { install } from "../runners/installed.js";
import { assertion, clientId, granted, scope, tenantId } from "../suite/stub.js";

const id = "33333333-3333-4333-8333-333333333333";
const resourceId = "/subscriptions/s/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i";
const secret = "s3cret-of-the-platform";
const resource = "api://AzureADTokenExchange";
const json = (value) => ({ status: 200, body: JSON.stringify(value) });
const otherAudience = assertion().replace(/\..*\./, `.${Buffer.from(JSON.stringify({ aud: "other" })).toString("base64url")}.`);

let answer;
let requests = [];
let exchanges = [];

/** A platform, and Entra's token endpoint at `/entra`. */
const respond = async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  const { pathname, search } = new URL(request.url, "http://localhost");
  const parameters = Object.fromEntries(new URLSearchParams([search.slice(1), body].filter(Boolean).join("&")));
  const isExchange = pathname.startsWith("/entra");
  (isExchange ? exchanges : requests).push({ method: request.method, pathname, parameters, headers: request.headers });
  const { status, headers, body: text } = isExchange ? json(JSON.parse(granted())) : answer;
  response.writeHead(status, headers).end(text);
};
const certificate = newCertificate("127.0.0.1", "proxy.example");
const thumbprint = new X509Certificate(certificate.cert).fingerprint;
const servers = [createServer(respond), createTlsServer(certificate, respond).on("tlsClientError", () => undefined)];
for (const server of servers) await once(server.listen(0, "127.0.0.1"), "listening");
const [url, tlsUrl] = servers.map((server, index) => `${index ? "https" : "http"}://127.0.0.1:${server.address().port}`);
const installed = await install();
const folder = await mkdtemp(join(tmpdir(), "wi-azure-"));
after(async () => {
  for (const server of servers) server.close().closeAllConnections();
  await installed.remove();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  [requests, exchanges] = [[], []];
  answer = json({ access_token: assertion(), oidcToken: assertion(), expires_on: `${Math.floor(Date.now() / 1000) + 3600}` });
});

const appService = { IDENTITY_ENDPOINT: `${url}/msi/token`, IDENTITY_HEADER: secret };
const azureMl = { MSI_ENDPOINT: `${url}/msi/token`, MSI_SECRET: secret };
const cloudShell = { MSI_ENDPOINT: `${url}/oauth2/token` };
const arc = { IDENTITY_ENDPOINT: `${url}/metadata/identity/oauth2/token`, IMDS_ENDPOINT: "http://localhost" };
const imds = { AZURE_POD_IDENTITY_AUTHORITY_HOST: url };
const serviceFabric = {
  IDENTITY_ENDPOINT: `${tlsUrl}/metadata/identity/oauth2/token`,
  IDENTITY_HEADER: secret,
  IDENTITY_SERVER_THUMBPRINT: thumbprint,
};
const pipelines = {
  SYSTEM_OIDCREQUESTURI: `${url}/org/oidctoken/`,
  SYSTEM_ACCESSTOKEN: secret,
  AZURESUBSCRIPTION_SERVICE_CONNECTION_ID: id,
};

for (const name of ["workload-identity", "workload-identity-wasm"]) {
  const { WorkloadIdentity, managedIdentity, azurePipelines } = (await installed.load(name)).package;
  const token = async (source, environment, options = { authority: { tokenEndpoint: `${url}/entra` } }) =>
    (await new WorkloadIdentity({ clientId, source, environment, ...options }).getToken(scope)).token;
  const refused = async (source, environment, code, part = "") => {
    const error = await token(source, environment).then(assert.fail, (failure) => failure);
    assert.equal(error.code, code, error.message);
    assert.ok(error.message.includes(part), error.message);
    assert.ok(!`${error.stack} ${JSON.stringify(error)}`.includes(secret), error.message);
    assert.deepEqual(exchanges, []);
  };

  test(`${name}: each host is asked in its way`, async () => {
    const imdsPath = "/metadata/identity/oauth2/token";
    const cases = [
      [appService, { clientId: id }, "GET", "/msi/token", { "api-version": "2019-08-01", client_id: id }, { "x-identity-header": secret }],
      [appService, { resourceId }, "GET", "/msi/token", { "api-version": "2019-08-01", mi_res_id: resourceId }, {}],
      [azureMl, { clientId: id }, "GET", "/msi/token", { "api-version": "2017-09-01", clientid: id }, { secret }],
      [cloudShell, {}, "POST", "/oauth2/token", {}, { metadata: "true" }],
      [imds, { objectId: id }, "GET", imdsPath, { "api-version": "2018-02-01", object_id: id }, { metadata: "true" }],
      [imds, { resourceId }, "GET", imdsPath, { "api-version": "2018-02-01", msi_res_id: resourceId }, {}],
      [serviceFabric, {}, "GET", imdsPath, { "api-version": "2019-07-01-preview" }, { secret }],
    ];
    for (const [environment, identity, method, pathname, parameters, headers] of cases) {
      requests = [];
      assert.ok(await token(managedIdentity(identity), environment));
      assert.equal(requests.length, 1);
      const [sent] = requests;
      assert.deepEqual([sent.method, sent.pathname], [method, pathname]);
      assert.deepEqual(sent.parameters, { ...parameters, resource });
      for (const [header, value] of Object.entries(headers)) assert.equal(sent.headers[header], value);
    }
    for (const environment of [appService, azureMl, cloudShell, imds, serviceFabric, pipelines]) {
      assert.ok(await token("auto", environment));
    }
  });

  test(`${name}: a certificate of another thumbprint gets no secret`, async () => {
    const other = { ...serviceFabric, IDENTITY_SERVER_THUMBPRINT: "0".repeat(40) };
    await refused(managedIdentity(), other, "source_unreachable", "Service Fabric");
    assert.deepEqual(requests, []);
  });

  test(`${name}: ids that a host ignores are refused`, async () => {
    const cases = [
      [arc, { clientId: id }],
      [cloudShell, { objectId: id }],
      [serviceFabric, { resourceId }],
      [azureMl, { resourceId }],
      [imds, { clientId: id, objectId: id }],
      [imds, { clientId: "my-identity" }],
      [imds, { clientId: " " }],
      [imds, { audience: "" }],
    ];
    for (const [environment, identity] of cases) {
      await refused(managedIdentity(identity), environment, "config_invalid", "`source.");
    }
    assert.deepEqual(requests, []);
  });

  test(`${name}: a variable sends no secret elsewhere`, async () => {
    const foreign = [
      "http://169.254.169.254/metadata/identity/oauth2/token",
      "http://169.254.170.2/v2/credentials",
      "http://attacker.example/msi/token",
      "http://user:password@127.0.0.1/msi/token",
      "http://2852039166/msi/token",
      "file:///etc/passwd",
      "localhost",
    ];
    for (const environment of [appService, azureMl, cloudShell, arc, imds, serviceFabric]) {
      const [variable] = Object.keys(environment);
      for (const address of foreign) {
        await refused(managedIdentity(), { ...environment, [variable]: address }, "config_invalid", variable);
      }
    }
    for (const [variable, value] of [
      ["SYSTEM_ACCESSTOKEN", "$(System.AccessToken)"],
      ["SYSTEM_ACCESSTOKEN", "two\nlines"],
      ["SYSTEM_OIDCREQUESTURI", "http://attacker.example/oidctoken"],
      ["AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "my-connection"],
    ]) {
      await refused(azurePipelines(), { ...pipelines, [variable]: value }, "config_invalid", variable);
    }
    await refused(managedIdentity(), { IDENTITY_HEADER: secret }, "environment_incomplete", "IDENTITY_ENDPOINT");
    await refused(azurePipelines(), { ...pipelines, SYSTEM_ACCESSTOKEN: "" }, "environment_incomplete", "SYSTEM_ACCESSTOKEN");
    assert.deepEqual(requests, []);
  });

  test(`${name}: Arc's key file is in the agent's directory`, async () => {
    for (const realm of ["/etc/passwd", "/var/opt/azcmagent/tokens/../../../../etc/a.key", "a.key", ""]) {
      answer = { status: 401, headers: { "www-authenticate": `Basic realm=${realm}` } };
      await refused(managedIdentity(), arc, "source_response_invalid", "Azure Arc");
    }
    answer = { status: 401, headers: { "www-authenticate": `Basic realm=/var/opt/azcmagent/tokens/${crypto.randomUUID()}.key` } };
    await refused(managedIdentity(), arc, "token_file_missing", "Azure Arc");
    assert.ok(requests.every(({ headers }) => !("authorization" in headers)));
  });

  test(`${name}: answers that are refused`, async () => {
    const page = "<!doctype html><title>Sign in</title>";
    const metadata = { location: "http://169.254.169.254/latest" };
    const answers = [
      [{ status: 302, headers: metadata, body: page }, "source_rejected"],
      [{ status: 400, body: JSON.stringify({ error: "invalid_request" }) }, "source_rejected"],
      [{ status: 200, body: '{"access_token":"' }, "source_response_invalid"],
      [json([]), "source_response_invalid"],
      [json({ access_token: 7, oidcToken: 7 }), "source_response_invalid"],
      [json({ access_token: "a".repeat(1_000_000), oidcToken: "a".repeat(1_000_000) }), "source_response_invalid"],
    ];
    const ofIdentities = [
      [{ status: 200, body: page }, "source_response_invalid"],
      [json({ access_token: "opaque" }), "source_response_invalid"],
      [json({ access_token: assertion("s", -600) }), "assertion_expired"],
      [json({ access_token: otherAudience }), "source_audience_mismatch"],
    ];
    for (const environment of [appService, azureMl, cloudShell, imds]) {
      for (const [refusal, code] of [...answers, ...ofIdentities]) {
        answer = refusal;
        await refused(managedIdentity(), environment, code);
      }
    }
    answer = { status: 403, body: JSON.stringify({ message: `no ${secret}` }) };
    await refused(managedIdentity(), appService, "source_rejected", "App Service");
    for (const [refusal, code] of [...answers, [{ status: 203, body: page }, "source_rejected"], [{ status: 200, body: page }, "source_rejected"]]) {
      answer = refusal;
      await refused(azurePipelines(), pipelines, code, "Azure Pipelines");
    }
  });

  test(`${name}: Azure Pipelines, by variables and by options`, async () => {
    const given = azurePipelines({ serviceConnectionId: id, accessToken: secret, requestUri: pipelines.SYSTEM_OIDCREQUESTURI });
    for (const [source, environment] of [[azurePipelines(), pipelines], [given, {}]]) {
      requests = [];
      assert.ok(await token(source, environment));
      const [sent] = requests;
      assert.deepEqual([sent.method, sent.pathname], ["POST", "/org/oidctoken"]);
      assert.deepEqual(sent.parameters, { "api-version": "7.1", serviceConnectionId: id });
      assert.deepEqual([sent.headers.authorization, sent.headers["x-tfs-fedauthredirect"]], [`Bearer ${secret}`, "Suppress"]);
    }
  });

  test(`${name}: the token proxy of AKS`, async () => {
    const [tokenFile, caFile] = [join(folder, "token"), join(folder, "ca.crt")];
    await Promise.all([writeFile(tokenFile, assertion()), writeFile(caFile, certificate.ca)]);
    const environment = {
      AZURE_FEDERATED_TOKEN_FILE: tokenFile,
      AZURE_KUBERNETES_TOKEN_PROXY: `${tlsUrl}/entra`,
      AZURE_KUBERNETES_SNI_NAME: "proxy.example",
      AZURE_KUBERNETES_CA_FILE: caFile,
    };
    assert.ok(await token("auto", environment, { tenantId }));
    assert.equal(exchanges.length, 1);
    const other = { ...environment, AZURE_KUBERNETES_SNI_NAME: "other.example" };
    await assert.rejects(token("auto", other, { tenantId }), { name: /Error$/ });
    assert.equal(exchanges.length, 1);
  });
}
