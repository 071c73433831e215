/** Performs the core's effects. A failure becomes an outcome; only the reason of the caller's abort is thrown. */

import { connectionOptions, UnsupportedError } from "./connection-options.js";
import type { Log } from "./effect-report.js";
import { WorkloadIdentityError } from "./errors.js";
import { answerOf, HostCallError, NotFoundError, type TokenCredentialLike } from "./host-calls.js";
import { reasonOf, sleep, withTimeout, type AbortSignalLike } from "./timeouts.js";
import { platform } from "./platform.js";
import { outcome, toBytes, type Effect, type FailureWord, type HttpEffect, type Outcome } from "./protocol.js";
import type { AssertionCallback, SignCallback } from "./sources/token-source.js";
import { UnsupportedAlgorithmError, verifyOnce } from "./web-crypto.js";
import { detailOf, failureWord, send, type Fetch } from "./transport.js";

/** A token store shared by several processes or isolates. Values hold tokens: keep them secret. */
export interface TokenStore {
  load(key: string): Promise<string | null | undefined>;
  /** `until` is in unix milliseconds; the value is of no use afterwards. */
  save(key: string, value: string, until: number): Promise<unknown>;
}

/** What the application passed for performing effects. */
export interface Host {
  readonly fetch: Fetch | undefined;
  readonly ca: readonly string[] | undefined;
  readonly log: Log | undefined;
  readonly answer?: AssertionCallback | undefined;
  readonly sign?: SignCallback | undefined;
  readonly store?: TokenStore | undefined;
  /** Variables in place of those of the process. */
  readonly environment?: Readonly<Record<string, unknown>> | undefined;
  /** Gives the access tokens of management. */
  readonly credential?: TokenCredentialLike | undefined;
}

/** For effects that have no `timeout_ms`. */
const effectTimeoutMs = 30_000;

/** The application or the runtime lacks what an effect needs. */
class CapabilityMissingError extends Error {
  override readonly name = "CapabilityMissingError";
}

/** The application's callback returned something else than a token. */
class WrongReturnError extends TypeError {
  override readonly name = "TypeError";
}

/** The outcome of an effect, and the exception behind it if it failed. One in the background does not keep the process alive. */
export async function perform(
  effect: Effect,
  host: Host,
  abort: AbortSignalLike | undefined,
  background: boolean,
): Promise<{ outcome: Outcome; cause?: unknown }> {
  try {
    if (effect.kind === "sleep") {
      await sleep(effect.until, abort, undefined, background);
      return { outcome: outcome("elapsed") };
    }
    const ms = "timeout_ms" in effect ? effect.timeout_ms : effectTimeoutMs;
    const work = (signal: () => AbortSignal) => outcomeOf(effect, host, signal, background);
    return { outcome: await withTimeout(ms, abort, work, background) };
  } catch (error) {
    if (abort?.aborted) throw reasonOf(abort);
    const word = failureOf(effect, error);
    // Other messages may quote a secret.
    const isOwn = [CapabilityMissingError, WrongReturnError, NotFoundError, HostCallError, WorkloadIdentityError].some((own) => error instanceof own);
    const detail = isOwn ? (error as Error).message : detailOf(error);
    const advice = effect.kind === "http" ? adviceOn(word, effect) : "";
    return { outcome: outcome("failed", toBytes(detail + advice), 0, toBytes(word)), cause: error };
  }
}

/** What this runtime's settings have to do with a failure. */
function adviceOn(word: FailureWord, { url, direct, ca, certificate_sha1 }: HttpEffect): string {
  const { proxyVariable, transport } = platform();
  if (direct || ca !== undefined || certificate_sha1 !== undefined) return "";
  if (word === "tls" && transport) return "; NODE_EXTRA_CA_CERTS and the option `ca` name certificate authorities to trust";
  if (word !== "dns" || !proxyVariable) return "";
  const variable = proxyVariable(new URL(url));
  return variable === undefined ? "; no proxy is set" : `; ${variable} is set`;
}

async function outcomeOf(
  effect: Effect,
  host: Host,
  signal: () => AbortSignal,
  background: boolean,
): Promise<Outcome> {
  const runtime = platform();
  switch (effect.kind) {
    case "http": {
      const connection = connectionOptions(effect);
      const own = (connection && runtime.connectingTransport) ?? runtime.transport;
      const fetch = host.fetch ?? own?.({ ca: host.ca, background, connection }) ?? globalThis.fetch;
      return send(effect, fetch, runtime, signal, connection);
    }
    case "read_file":
      if (!runtime.readFile) throw new UnsupportedError("this runtime has no file system; use `callback`");
      return outcome("file", await runtime.readFile(effect.path, effect.max_bytes + 1));
    case "ask_host": {
      if (effect.name !== "assertion") return outcome("answer", await answerOf(effect, runtime, host, signal));
      if (!host.answer) throw new CapabilityMissingError(`no callback for ${effect.name}`);
      const { payload } = effect;
      const answer: unknown = await host.answer({
        audience: payload.audience,
        tenantId: payload.tenant_id,
        clientId: payload.client_id,
        authority: payload.authority,
        tokenEndpoint: payload.token_endpoint,
        correlationId: payload.correlation_id,
        claims: payload.claims,
        clientCapabilities: payload.client_capabilities,
        fmiPath: payload.fmi_path,
        context: payload.context,
        reason: payload.reason,
        attempt: payload.attempt,
        deadline: payload.deadline,
        get signal() {
          return signal();
        },
      });
      if (typeof answer !== "string") {
        const returned = answer === null ? "null" : typeof answer;
        throw new WrongReturnError(`the callback returned ${returned}; it must return the token as a string`);
      }
      return outcome("answer", toBytes(answer));
    }
    case "sign": {
      if (!host.sign) throw new CapabilityMissingError("no function to sign with");
      const { key, algorithm } = effect;
      const use = { key, algorithm, signal: signal() };
      const signature = await host.sign(fromBase64Url(effect.input), use);
      return outcome("signed", signature instanceof Uint8Array ? signature : new Uint8Array(signature));
    }
    case "store": {
      if (!host.store) throw new CapabilityMissingError("no token store");
      if (effect.operation === "save") {
        await host.store.save(effect.key, effect.value ?? "", effect.until ?? 0);
        return outcome("stored");
      }
      const value = await host.store.load(effect.key);
      return typeof value === "string" ? outcome("stored", toBytes(value), 1) : outcome("stored");
    }
    case "verify": {
      const { algorithm, key, input, signature } = effect;
      const valid = await verifyOnce(algorithm, key, fromBase64Url(input), fromBase64Url(signature));
      return outcome("verified", undefined, valid ? 1 : 0);
    }
    default:
      throw new CapabilityMissingError("the host does not support the effect");
  }
}

function failureOf(effect: Effect, error: unknown): FailureWord {
  if (error instanceof UnsupportedAlgorithmError) return "not_found";
  if (error instanceof UnsupportedError) return "unsupported";
  if (error instanceof HostCallError) return error.word;
  if (error instanceof CapabilityMissingError || error instanceof NotFoundError) return "not_found";
  if (effect.kind === "http") return failureWord(error);
  if ((error as Error | null)?.name === "TimeoutError") return "timeout";
  const isProgram = effect.kind === "ask_host" && effect.name === "execute";
  if (effect.kind !== "read_file" && !isProgram) return "other";
  const { code, name } = error as { code?: string; name?: string };
  if (code === "ENOENT" || code === "ENOTDIR" || name === "NotFound") return "not_found";
  return code === "EACCES" || code === "EPERM" || /^(PermissionDenied|NotCapable)$/.test(name ?? "")
    ? "denied"
    : "other";
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
