/** Rules for claims, and their JSON with integers as they were given. */

import { hostError } from "./errors.js";

/**
 * What one claim must be. `claim` is a name, or a JSON pointer (RFC 6901) when it starts with `/`. A rule on a claim that
 * is a list holds if one of its items fits.
 */
export type ClaimRule = { readonly claim: string } & (
  | {
      /** This JSON value; `1` and `"1"` differ. Integers beyond 2^53 are given as `bigint`, of up to 64 bits. */
      readonly equals: unknown;
    }
  | { /** One of these JSON values; as `equals`. */ readonly oneOf: readonly unknown[] }
  | { /** `*` any run, `?` one character, a backslash escapes. */ readonly glob: string }
  | { readonly present: boolean }
);

/** The `claims` of an issuer in the core's configuration (`docs/protocol.md`, section 8). */
export function rulesJson(rules: readonly ClaimRule[]): string {
  const renamed = Array.from(rules, (rule: object) => {
    if (typeof rule !== "object" || rule === null || !("oneOf" in rule)) return rule;
    const { oneOf, ...rest } = rule;
    return { ...rest, one_of: oneOf };
  });
  return exactJson(renamed);
}

/** As `JSON.stringify`, but nothing is changed silently: it writes `bigint` and refuses what JSON has no form for. */
function exactJson(value: unknown): string {
  switch (typeof value) {
    case "bigint":
      return String(value);
    case "number":
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
        throw unsupported("an integer beyond 2^53 is not exact as a number: give it as a bigint");
      }
      if (!Number.isFinite(value)) throw unsupported("NaN and Infinity are not JSON");
      return JSON.stringify(value);
    case "string":
    case "boolean":
      return JSON.stringify(value);
    case "object": {
      if (value === null) return "null";
      if (Array.isArray(value)) return `[${value.map(exactJson).join()}]`;
      const members = Object.entries(value);
      return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${exactJson(member)}`).join()}}`;
    }
    default:
      throw unsupported("undefined, functions and symbols are not JSON");
  }
}

const unsupported = (reason: string) => hostError("config_invalid", "caller", `a rule in \`claims\`: ${reason}`);
