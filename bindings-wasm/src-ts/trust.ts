/** Trust made visible: why Entra accepts or refuses a token, and whether a credential can match it at all. Makes no request. */

import { readDocument } from "./document-file.js";
import { hostError, nativeError } from "./errors.js";
import type { FederatedCredential } from "./federated-credential.js";
import { nativeModule } from "./platform.js";
import { toBytes, type NativeModule, type WirePreflight } from "./protocol.js";
import { escaped, Verdict, type WireVerdict } from "./verdict.js";

/** Credentials: objects, or as `az ad app federated-credential list` prints them; or the path of a file with such a list. */
export type Credentials = readonly (FederatedCredential | Readonly<Record<string, unknown>>)[] | string;

/** A document of an issuer: its text or its members. */
export type IssuerDocument = string | Readonly<Record<string, unknown>>;

/** What to explain: exactly one of `token`, `claims` and `error`. */
export interface ExplainOptions {
  /** The workload's token. */
  token?: string;
  /** The token's claims. */
  claims?: Readonly<Record<string, unknown>>;
  /** What Entra answered: the JSON, or the text with the AADSTS number. */
  error?: string;
  credentials?: Credentials;
  /** When the token is exchanged, unix milliseconds: its lifetime is checked. */
  now?: number;
  /** The issuer's discovery document, which is checked, too. */
  discovery?: IssuerDocument;
  /** The issuer's keys: the signature is checked, too. */
  jwks?: IssuerDocument;
}

/** What hinders the exchange of a token. */
export interface Problem {
  /** A stable word of `docs/protocol.md`, section 10. */
  readonly code: string;
  /** What is wrong and what to do. */
  readonly message: string;
}

/** What a token says of itself, and what hinders its exchange. Nothing is verified, and the texts are untrusted data. */
export class Preflight {
  readonly algorithm: string | undefined;
  readonly issuer: string | undefined;
  readonly subject: string | undefined;
  readonly audience: readonly string[];
  /** Seconds from `iat` (or `nbf`) to `exp`. */
  readonly lifetimeSeconds: number | undefined;
  /** Whether some credential can match tokens like this one, and what to know before it is written. */
  readonly entra: { readonly possible: boolean; readonly problems: readonly Problem[] };

  /** @internal */
  constructor(wire: WirePreflight) {
    this.algorithm = wire.algorithm ?? undefined;
    this.issuer = wire.issuer ?? undefined;
    this.subject = wire.subject ?? undefined;
    this.audience = wire.audience;
    this.lifetimeSeconds = wire.lifetime_s ?? undefined;
    this.entra = wire.entra;
    Object.freeze(this);
  }

  /** A report in ASCII with everything else escaped. */
  toString(): string {
    const { lifetimeSeconds, entra } = this;
    const lifetime = lifetimeSeconds === undefined ? undefined : `${lifetimeSeconds} s`;
    const values = { algorithm: this.algorithm, issuer: this.issuer, subject: this.subject, audience: this.audience.join(", "), lifetime };
    const lines = Object.entries(values).map(([name, value]) => `${name}: ${value === undefined ? "(none)" : escaped(value)}`);
    const problems = entra.problems.map(({ code, message }) => `  ${code}: ${escaped(message)}`);
    return [...lines, entra.possible ? "possible" : "not possible", ...problems].join("\n");
  }
}

/** A subject and its parts. */
export interface Subject {
  readonly subject: string;
  /** Whose form it is, such as `github`; null if the form is unknown. */
  readonly platform: string | null;
  /** Name of the form, such as `environment`. */
  readonly form: string | null;
  /** 1, or 2 for the platform's newer form of the same subjects. */
  readonly generation: number | null;
  readonly parts: Readonly<Record<string, string>>;
  /** Names of the parts that change with each run: no credential can match such a subject. */
  readonly perRun: readonly string[];
}

/**
 * Explains whether federated identity credentials accept a token, and what to do if none does.
 *
 * ```ts
 * const verdict = await explain({ token, credentials: [{ issuer, subject, audience }] });
 * console.log(verdict.accepted, verdict.fix);
 * ```
 *
 * Throws a `ConfigurationError` for a wrong option or file of credentials, a `TokenError` for what is no signed JWT.
 */
export async function explain(options: ExplainOptions): Promise<Verdict> {
  const native = await nativeModule();
  // JavaScript can pass anything.
  const given: ExplainOptions = Object(options) === options ? options : {};
  const credentials = typeof given.credentials === "string" ? await fileOf(given.credentials, native) : given.credentials;
  return new Verdict(answer<WireVerdict>(native.explain, { ...given, credentials }));
}

/**
 * Tells whether a federated identity credential can match a token at all, before any exchange. `WorkloadIdentity.preflight`
 * asks the token source for its token.
 *
 * `jwks` are the issuer's keys: whether Entra sees the token's key among them is examined, too. Throws a `TokenError`
 * for what is no signed JWT or no key set.
 */
export async function preflight(token: string, options: { jwks?: IssuerDocument } = {}): Promise<Preflight> {
  return new Preflight(answer<WirePreflight>((await nativeModule()).preflight, { token, jwks: options.jwks }));
}

/** Takes a subject apart; `issuer` tells platforms with the same forms apart. That of no known form has no parts. */
export async function parseSubject(subject: string, issuer?: string): Promise<Subject> {
  return subjectOf(await nativeModule(), { subject, issuer });
}

/**
 * Builds the subject of a credential.
 *
 * ```ts
 * await buildSubject("github", "environment", { owner: "octo", repo: "app", environment: "prod" });
 * ```
 *
 * `generation` is 2 for the platform's newer form, such as GitHub's with ids. Throws a `ConfigurationError`.
 */
export async function buildSubject(
  platform: string,
  form: string,
  parts: Readonly<Record<string, string>>,
  options: { generation?: number } = {},
): Promise<string> {
  return subjectOf(await nativeModule(), { platform, form, parts, generation: options.generation }).subject;
}

function subjectOf(native: NativeModule, request: object): Subject {
  const { per_run, ...known } = answer<Omit<Subject, "perRun"> & { per_run: string[] }>(native.subject, request);
  return { ...known, perRun: per_run };
}

/** The answer of a function of the native module. */
function answer<T>(call: (input: Uint8Array) => string, request: object): T {
  let input;
  try {
    input = toBytes(JSON.stringify(request));
  } catch (cause) {
    throw hostError("request_invalid", "caller", "claims and documents are what JSON can hold", cause);
  }
  try {
    return JSON.parse(call(input)) as T;
  } catch (error) {
    throw nativeError(error);
  }
}

async function fileOf(path: string, native: NativeModule): Promise<Credentials> {
  const file = await readDocument(path, "the file of credentials", "pass `credentials` as a list");
  try {
    return JSON.parse(native.credentials(file)) as Credentials;
  } catch (error) {
    throw nativeError(error);
  }
}
