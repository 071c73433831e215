/** The functions that the core asks a host for by name: effects `ask_host` but `assertion` (`docs/protocol.md`, section 4). */

import { UnsupportedError } from "./connection-options.js";
import type { Platform } from "./platform.js";
import { toBytes, type Effect, type FailureWord } from "./protocol.js";
import { vercelRequestToken } from "./vercel-request.js";

type Call = Extract<Effect, { kind: "ask_host" }>;

/** A variable or file that is not there. */
export class NotFoundError extends Error {
  override readonly name = "NotFoundError";
}

/** A call that was refused or not answered, in the words of `docs/protocol.md`, section 5. */
export class HostCallError extends Error {
  override readonly name = "HostCallError";
  readonly word: FailureWord;
  constructor(word: FailureWord, message: string) {
    super(message);
    this.word = word;
  }
}

/** What a function answers. Rejects with an `UnsupportedError` where the runtime does not have it. */
export async function answerOf(
  call: Call,
  runtime: Platform,
  environment: Readonly<Record<string, unknown>> | undefined,
  signal: () => AbortSignal,
): Promise<Uint8Array> {
  switch (call.name) {
    case "environment": {
      const { variable } = call.payload;
      // A function's token belongs to the request, and the variable to the build.
      const request = variable === "VERCEL_OIDC_TOKEN" ? vercelRequestToken() : undefined;
      if (request !== undefined) return toBytes(request);
      if (!environment && !runtime.environment) {
        throw new UnsupportedError("this runtime has no environment variables; pass them as `environment`, or use `callback`");
      }
      const value = environment ? environment[variable] : runtime.environment?.(variable);
      if (typeof value !== "string") throw new NotFoundError(`the variable ${variable} is not set`);
      return toBytes(value);
    }
    case "execute": {
      if (!runtime.execute) throw new UnsupportedError("this runtime starts no programs; use `callback`");
      return runtime.execute(call.payload, call.timeout_ms, signal());
    }
    case "spiffe_jwt_svid": {
      if (!runtime.fetchJwtSvid) {
        throw new UnsupportedError("this runtime has no gRPC client and no Unix sockets; use `callback`");
      }
      return toBytes(await runtime.fetchJwtSvid(call.payload, call.timeout_ms, signal()));
    }
    default:
      throw new UnsupportedError(`this version has no host function \`${String(call.name).slice(0, 50)}\``);
  }
}
