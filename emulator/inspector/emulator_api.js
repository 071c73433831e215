// The control paths of the emulator.

async function call(method, path, body, type) {
  const headers = type ? { "content-type": type } : {};
  const response = await fetch(path, { method, body, headers }).catch(() => {
    throw new Error("The emulator does not answer");
  });
  const text = await response.text();
  let document;
  try {
    document = JSON.parse(text);
  } catch {
    document = {};
  }
  if (!response.ok) {
    const reason = typeof document.error === "string" ? document.error : document.message;
    throw Object.assign(new Error(reason ?? `The emulator answered ${response.status}`), { status: response.status });
  }
  return document;
}

const form = (fields) => new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== undefined));
const FORM = "application/x-www-form-urlencoded";

export const facts = () => call("GET", "/emulator/facts");
export const eventDetail = (id) => call("GET", `/emulator/events/${id}`);
export const clearEvents = () => call("DELETE", "/emulator/events");
export const credentials = async (clientId) =>
  (await call("GET", `/emulator/credentials?${form({ client_id: clientId })}`)).credentials;
export const addCredential = (clientId, credential) => writeCredential("POST", { client_id: clientId, ...credential });
export const changeCredential = (clientId, name, credential) =>
  writeCredential("PUT", { client_id: clientId, name, ...credential });
export const removeCredential = (clientId, name) => writeCredential("DELETE", { client_id: clientId, name });
const writeCredential = (method, fields) => call(method, "/emulator/credentials", form(fields), FORM);
export const faults = () => call("GET", "/emulator/faults");
export const addFault = (text) => call("POST", "/emulator/faults", text);
export const setFaults = (texts) => call("PUT", "/emulator/faults", texts.join("\n"));
export const platforms = async () => (await call("GET", "/emulator/platforms")).platforms;
/** `claims` is JSON, which the emulator reads itself: as numbers of this language, large ones would change. */
export const mint = (claims) => call("POST", "/emulator/workload-token", `{"claims":${claims}}`, "application/json");

/**
 * Sends a token request as a client does. The answer's ids lead to its event.
 *
 * A refusal is an answer like others; only a connection that breaks is an error here.
 */
export async function exchange({ tenant, version = 2, fields }) {
  const path = version === 1 ? "oauth2/token" : "oauth2/v2.0/token";
  const correlation = crypto.randomUUID();
  try {
    await fetch(`/${encodeURIComponent(tenant)}/${path}`, {
      method: "POST",
      body: form(fields),
      headers: { "content-type": FORM, "client-request-id": correlation },
    });
  } catch {
    // A fault resets connections; the event tells.
  }
  return correlation;
}

/** The fields of a token request with an assertion. */
export const assertionFields = (assertion, clientId, scope) => ({
  grant_type: "client_credentials",
  client_id: clientId,
  client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
  client_assertion: assertion,
  scope,
});
