/** Federated identity credentials, and the changes that make those of an identity equal to a wanted list. */

import type { WireChange, WireError, WirePlan } from "./protocol.js";
import { escaped } from "./verdict.js";

/** A federated identity credential: with `subject`, or with `expression` for a flexible one. */
export interface FederatedCredential {
  readonly name?: string;
  readonly issuer: string;
  readonly subject?: string;
  /** The claims matching expression. */
  readonly expression?: string;
  /** `api://AzureADTokenExchange` if absent. */
  readonly audience?: string;
}

/** A federated identity credential as its service has it. */
export interface NamedCredential extends FederatedCredential {
  /** It is fixed once the credential exists: 3 to 120 letters, digits, `-` and `_`. */
  readonly name: string;
  /** A text for readers, at most 600 characters. */
  readonly description?: string;
  /** Its id at the service, once it exists. */
  readonly id?: string;
}

/** What makes one credential as it is wanted. */
export interface CredentialChange {
  readonly action: "add" | "update" | "remove";
  readonly name: string;
  /** The credential that exists. */
  readonly before?: NamedCredential;
  /** The credential that is wanted. */
  readonly after?: NamedCredential;
  /** Names of the members that an update changes. */
  readonly differs?: readonly string[];
  /** What became of the change; absent in a plan. */
  readonly outcome?: "done" | "failed" | "not_tried";
  /** Why it failed: the members of an error. */
  readonly error?: Pick<WireError, "code" | "message" | "hint" | "retryable">;
}

/** What would change, so that the credentials are as wanted. */
export class CredentialPlan {
  /** The changes in their order; empty if there is nothing to do. */
  readonly changes: readonly CredentialChange[];
  /** Names of the credentials that exist and are not wanted, which only `prune` removes. */
  readonly unmanaged: readonly string[];
  /** Number of the credentials that are as wanted. */
  readonly unchanged: number;

  /** @internal */
  constructor(wire: WirePlan) {
    this.changes = wire.changes.map((change: WireChange) => Object.freeze(change));
    this.unmanaged = wire.unmanaged;
    this.unchanged = wire.unchanged;
  }

  /** A report in ASCII with everything else escaped. */
  toString(): string {
    const lines = this.changes.length === 0 ? ["nothing to do"] : this.changes.flatMap(changeLines);
    if (this.unmanaged.length > 0) lines.push(`not in the list, kept: ${this.unmanaged.map(escaped).join(", ")}`);
    return lines.join("\n");
  }
}

/** What was changed. */
export class AppliedCredentials extends CredentialPlan {
  /** Whether all credentials are as wanted. If not, the error that is thrown has this report. */
  readonly complete: boolean;

  /** @internal */
  constructor(wire: WirePlan & { complete: boolean }) {
    super(wire);
    this.complete = wire.complete;
  }
}

const signs = { add: "+", update: "~", remove: "-" };
const shown = ["issuer", "subject", "expression", "audience", "description"] as const;

function changeLines({ action, name, before, after, differs, outcome, error }: CredentialChange): string[] {
  const suffix = outcome === undefined || outcome === "done" ? "" : `: ${outcome.replace("_", " ")}`;
  const lines = [`${signs[action]} ${escaped(name)}${suffix}`];
  if (error) lines.push(`    ${escaped(`${error.message} (${error.code})`)}`);
  for (const member of shown) {
    if (action === "update" && !differs?.includes(member)) continue;
    for (const [sign, credential] of [["-", before], ["+", after]] as const) {
      const value = credential?.[member];
      if (value) lines.push(`  ${sign} ${member}: ${escaped(value)}`);
    }
  }
  return lines;
}
