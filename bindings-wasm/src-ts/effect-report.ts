/** One line about a performed effect for the log. It contains no secret. Every language logs the same line. */

import type { Effect, Outcome, WireError } from "./protocol.js";

/** Receives the lines of the log. */
export type Log = (line: string) => void;

/**
 * What was performed, how it ended, how long it took, and the id of a token request at the service:
 * `POST https://host/path -> 200 in 12 ms, correlation id 8f2f1c6e-...`.
 */
export function effectLine(effect: Effect, outcome: Outcome, ms: number): string {
  const id = effect.kind === "http" ? effect.headers["client-request-id"] : undefined;
  return `${target(effect)} -> ${result(outcome)} in ${Math.round(ms)} ms${correlation(id)}`;
}

/** The end of a request that failed. */
export function failureLine({ code, correlation_id: id }: WireError): string {
  return `failed: ${code}${correlation(id)}`;
}

const correlation = (id: string | undefined) => (id === undefined ? "" : `, correlation id ${id}`);

function target(effect: Effect): string {
  switch (effect.kind) {
    case "http":
      // No query, because queries can contain secrets. The core refuses user information in an address.
      return `${effect.method} ${effect.url.split(/[?#]/)[0]}`;
    case "read_file":
      return `read ${effect.path}`;
    case "sleep":
      return "wait before a retry";
    default:
      return effect.kind;
  }
}

function result({ kind, status, head }: Outcome): string {
  if (kind === "http") return String(status);
  return kind === "failed" ? new TextDecoder().decode(head) : "done";
}
