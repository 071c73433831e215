/** What the core asks a host for by name: effects `ask_host` but `assertion` (`docs/protocol.md`, sections 4 and 11). */

import { UnsupportedError } from "./connection-options.js";
import type { Platform } from "./platform.js";
import { toBytes, type Effect, type FailureWord } from "./protocol.js";
import { vercelRequestToken } from "./vercel-request.js";

/** The part of `TokenCredential` of `@azure/core-auth` that is used. */
export interface TokenCredentialLike {
  getToken(
    scopes: string | string[],
    options?: { abortSignal?: AbortSignal; claims?: string; tenantId?: string },
  ): Promise<{ readonly token: string } | null>;
}

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
  host: { readonly environment?: Readonly<Record<string, unknown>> | undefined; readonly credential?: TokenCredentialLike | undefined },
  signal: () => AbortSignal,
): Promise<Uint8Array> {
  switch (call.name) {
    case "access_token": {
      const { scopes, claims, tenant_id: tenantId } = call.payload;
      const answer: unknown = await host.credential?.getToken(scopes, {
        abortSignal: signal(),
        ...(claims !== undefined && { claims }),
        ...(tenantId !== undefined && { tenantId }),
      });
      const { token } = (answer ?? {}) as { token?: unknown };
      if (typeof token === "string") return toBytes(token);
      throw new HostCallError("other", "the credential's `getToken` gave no token");
    }
    case "environment": {
      const { environment } = host;
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
