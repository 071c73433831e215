/** The preflight of a token source: asks it for its token without an exchange (`docs/protocol.md`, section 10). */

import { effectLine, failureLine } from "./effect-report.js";
import { perform, type Host } from "./effects.js";
import { errorOf, nativeError } from "./errors.js";
import { nativeModule, platform } from "./platform.js";
import { toBytes, type Effect, type NativeModule, type WireError, type WirePreflight } from "./protocol.js";
import { reasonOf, type AbortSignalLike } from "./timeouts.js";
import { Preflight } from "./trust.js";

/** Asks the source of a configuration. Throws a `WorkloadIdentityError` or the reason of `abort`. */
export async function examine(
  configuration: (native: NativeModule) => string,
  host: Host,
  abort: AbortSignalLike | undefined,
): Promise<Preflight> {
  const native = await nativeModule();
  const log = host.log ?? platform().log;
  let cause: unknown;
  const make = (wire: WireError) => {
    log?.(failureLine(wire));
    return errorOf(wire, cause);
  };
  try {
    const machine = new native.SourcePreflight(toBytes(configuration(native)), crypto.getRandomValues(new Uint8Array(32)));
    for (let text; (text = machine.effect(Date.now())) !== ""; ) {
      if (abort?.aborted) throw reasonOf(abort);
      const effect = JSON.parse(text) as Effect;
      const began = Date.now();
      const performed = await perform(effect, host, abort, false);
      log?.(effectLine(effect, performed.outcome, Date.now() - began));
      cause = performed.cause;
      const { kind, status, head, body } = performed.outcome;
      machine.answer(kind, status, head, body, Date.now());
    }
    return new Preflight(JSON.parse(machine.report()) as WirePreflight);
  } catch (error) {
    if (abort?.aborted) throw error;
    throw nativeError(error, make);
  }
}
