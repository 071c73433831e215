// The identities that workloads are trusted as, each with its own credentials.
import { element } from "./dom.js";

/** Their names and client ids, the application first. */
export const identities = (facts) => [
  { name: "Application", clientId: facts.client_id },
  { name: "Managed identity", clientId: facts.managed_identity_client_id },
];

/** A choice of one; its value is the client id. */
export function identityChoice(facts, ...others) {
  const options = identities(facts).map(({ name, clientId }) => element("option", { value: clientId }, name));
  return element("select", { name: "identity" }, options, others);
}
