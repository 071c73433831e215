/** The loop of `docs/protocol.md`: begin, poll, perform or wait, resolve, end. All decisions are the core's. */

import { effectLine, failureLine } from "./effect-report.js";
import { perform, type Host } from "./effects.js";
import { errorOf, hostError, WorkloadIdentityError } from "./errors.js";
import type { Machine } from "./machine.js";
import { platform } from "./platform.js";
import {
  toBytes,
  type AnyDone,
  type NativeMachine,
  type Step,
} from "./protocol.js";
import { reasonOf, type AbortSignalLike } from "./timeouts.js";

/** Called with every result, also those of background refreshes. */
export type OnDone<D> = (done: D) => void;

/** Drives a machine of class `M`, whose results are `D`. Several drivers can share one machine. */
export class Driver<M extends NativeMachine, D extends AnyDone> {
  constructor(
    readonly machine: Machine<M>,
    private readonly host: Host,
    private readonly waitUntil: ((work: Promise<unknown>) => void) | undefined,
    /** Registers a request. */
    private readonly begin: (machine: M, request: Uint8Array) => number = (machine, request) =>
      machine.begin(request),
  ) {}

  /** Drives one request to its end. Throws a `WorkloadIdentityError` or the reason of `abort`. */
  async acquire(request: string, abort?: AbortSignalLike, onDone: OnDone<D> = ignore): Promise<D> {
    const bytes = toBytes(request);
    try {
      return await this.#once(bytes, abort, onDone);
    } catch (defect) {
      if (defect instanceof WorkloadIdentityError || abort?.aborted) throw defect;
    }
    // A trap makes the object unusable, but not its module: start over, once.
    try {
      return await this.#once(bytes, abort, onDone);
    } catch (defect) {
      if (defect instanceof WorkloadIdentityError || abort?.aborted) throw defect;
      throw hostError("internal", "internal", "the core failed; please report this", defect);
    }
  }

  async #once(request: Uint8Array, abort: AbortSignalLike | undefined, onDone: OnDone<D>): Promise<D> {
    if (abort?.aborted) throw reasonOf(abort);
    const machine = await this.machine.loaded();
    try {
      return await this.#drive(machine, this.begin(machine, request), abort, onDone);
    } catch (error) {
      if (!(error instanceof WorkloadIdentityError || abort?.aborted)) this.machine.discard(machine);
      throw error;
    }
  }

  async #drive(
    machine: M,
    ticket: number,
    abort: AbortSignalLike | undefined,
    onDone: OnDone<D>,
    background = false,
  ): Promise<D> {
    let cause: unknown;
    const log = this.host.log ?? platform().log;
    try {
      for (;;) {
        if (abort?.aborted) throw reasonOf(abort);
        const step = JSON.parse(machine.poll(ticket, Date.now())) as Step<D>;
        switch (step.step) {
          case "done":
            onDone(step);
            if (step.refresh !== undefined) this.refresh(machine, step.refresh, onDone);
            return step;
          case "fail":
            log?.(failureLine(step.error));
            throw errorOf(step.error, cause);
          case "perform": {
            const began = Date.now();
            const performed = await perform(step.effect, this.host, abort, background);
            log?.(effectLine(step.effect, performed.outcome, Date.now() - began));
            cause = performed.cause;
            const { kind, status, head, body } = performed.outcome;
            this.machine.outcomes += 1;
            this.machine.wake(machine.resolve(step.effect.id, kind, status, head, body, Date.now()));
            break;
          }
          case "wait":
            log?.("wait for the request of another caller");
            // Nothing else can run between the poll and this registration, so no wake-up is lost.
            await this.machine.sleep(step.flight, step.until, abort, background);
        }
      }
    } finally {
      this.machine.wake(machine.end(ticket));
    }
  }

  /** The caller has a result already, so errors of a background refresh are ignored, and the process may end during it. */
  refresh(machine: M, ticket: number, onDone: OnDone<D> = ignore): void {
    const quiet = () => undefined;
    const work = this.#drive(machine, ticket, undefined, onDone, true).then(quiet, quiet);
    try {
      (this.waitUntil ?? platform().waitUntil)?.(work);
    } catch {
      // There is no request to keep alive. The result is valid all the same.
    }
  }
}

const ignore = () => undefined;
