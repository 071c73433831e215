/** The verdict about a trust: which values of a federated identity credential a token meets, and what to do about the others. */

/** A value of a federated identity credential. */
export type TrustField = "issuer" | "subject" | "expression" | "audience";

/** How a value of a token compares with that of a credential. The values are untrusted data and may hold any character. */
export interface FieldVerdict {
  readonly field: TrustField;
  /** The credential's value. */
  readonly expected: string;
  /** The token's value; null if it has none. */
  readonly presented: string | null;
  /** Whether the values are equal, or the expression matches. */
  readonly equal: boolean;
  /** How they differ: a class of `docs/concepts/trust.md`. */
  readonly difference?: string;
  /** The first character of `presented` that differs, counted from 0 in code points. */
  readonly position?: number;
}

/** How a token compares with one credential. */
export interface CredentialVerdict {
  readonly name?: string;
  /** Whether all fields are equal. */
  readonly accepted: boolean;
  /** Issuer, subject or expression, audience. */
  readonly fields: readonly FieldVerdict[];
  /** Tokens that the credential's expression accepts and that were probably not meant. */
  readonly warnings: readonly string[];
}

/** A check beside the comparison of values. */
export interface TrustCheck {
  /** Its name, such as `key_count`. */
  readonly check: string;
  /** `unknown` if what it needs was not supplied. */
  readonly outcome: "pass" | "fail" | "unknown";
  readonly message: string;
}

/** A verdict of the core: `docs/protocol.md`, section 10. */
export interface WireVerdict {
  accepted: boolean;
  aadsts: number | null;
  field?: TrustField;
  difference?: string;
  nearest?: number;
  credentials: (Omit<CredentialVerdict, "warnings"> & { warnings?: string[] })[];
  fix: string[];
  checks?: TrustCheck[];
}

/** Whether Entra would accept a token for one of some federated identity credentials, and why. */
export class Verdict {
  /** Whether a credential accepts the token and no check has failed. */
  readonly accepted: boolean;
  /** The AADSTS number of Entra's answer; null if the token is accepted. */
  readonly aadsts: number | null;
  /** The value that the number is about. */
  readonly field: TrustField | undefined;
  /** How the nearest credential differs in that value, or in the first that differs. */
  readonly difference: string | undefined;
  /** Index of the credential that needs the least change. */
  readonly nearest: number | undefined;
  /** One for each credential, in their order. */
  readonly credentials: readonly CredentialVerdict[];
  /** What to do, as sentences and commands. The commands are quoted for POSIX shells. */
  readonly fix: readonly string[];
  /** The checks beside the comparison of values; empty for an answer of Entra. */
  readonly checks: readonly TrustCheck[];

  /** @internal */
  constructor(wire: WireVerdict) {
    this.accepted = wire.accepted;
    this.aadsts = wire.aadsts;
    this.field = wire.field;
    this.difference = wire.difference;
    this.nearest = wire.nearest;
    this.credentials = wire.credentials.map((each) => Object.freeze({ ...each, warnings: each.warnings ?? [] }));
    this.fix = wire.fix;
    this.checks = wire.checks ?? [];
    Object.freeze(this);
  }

  /** A report in ASCII: control characters, markup and look-alike characters of a token are escaped. */
  toString(): string {
    const number = this.aadsts === null ? "" : `: AADSTS${this.aadsts}`;
    const lines = [(this.accepted ? "accepted" : "refused") + number];
    this.credentials.forEach(({ name, fields, warnings }, index) => {
      lines.push(name === undefined ? `credential ${index + 1}` : escaped(name));
      for (const field of fields) lines.push(...fieldLines(field));
      for (const warning of warnings) lines.push(`  warning: ${escaped(warning)}`);
    });
    // What was not supplied is no news to the reader.
    const known = this.checks.filter(({ outcome }) => outcome !== "unknown");
    if (known.length > 0) lines.push("checks");
    for (const { check, outcome, message } of known) lines.push(`  ${check}: ${outcome}, ${escaped(message)}`);
    if (this.fix.length > 0) lines.push("to do", ...this.fix.map((step) => `  ${escaped(step)}`));
    return lines.join("\n");
  }
}

function fieldLines({ field, expected, presented, equal, difference, position }: FieldVerdict): string[] {
  if (equal) return [`  ${field}: equal`];
  const place = position === undefined ? "" : ` at character ${position}`;
  return [
    `  ${field}: ${difference}${place}`,
    `    expected:  ${escaped(expected)}`,
    `    presented: ${presented === null ? "(none)" : escaped(presented)}`,
  ];
}

/** A text for logs, terminals and pages: what is not printable ASCII, and `<`, `>`, `&`, as `\u{...}`. */
export function escaped(text: string): string {
  return text.replace(/[^ -~]|[<>&]/gu, (each) => `\\u{${each.codePointAt(0)?.toString(16)}}`);
}
