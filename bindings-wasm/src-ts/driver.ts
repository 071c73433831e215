/** The loop of `docs/protocol.md`: begin, poll, perform or wait, resolve, end. All decisions are the core's. */

import { effectLine, failureLine } from "./effect-report.js";
import { perform, type Host } from "./effects.js";
import { errorOf, hostError, nativeError, WorkloadIdentityError } from "./errors.js";
import { nativeModule, platform } from "./platform.js";
import {
  toBytes,
  type AnyDone,
  type NativeEngine,
  type NativeModule,
  type Step,
} from "./protocol.js";
import { reasonOf, sleep, type AbortSignalLike } from "./timeouts.js";

/** Called with every result, also those of background refreshes. */
export type OnDone<D> = (done: D) => void;

/** Followers poll so often where no other request may wake them. */
const POLL_INTERVAL_MS = 25;

/** Drives a machine of class `M`, whose results are `D`. */
export class Driver<M extends NativeEngine, D extends AnyDone> {
  #machine: M | undefined;
  #seeded = false;
  /** How many outcomes the machine was given: what it knows changes with each. */
  outcomes = 0;
  /** Functions that wake the followers of a flight. */
  readonly #asleep = new Map<number, Set<() => void>>();

  /** `make` is called when the machine is needed. */
  constructor(
    private readonly make: (native: NativeModule) => M,
    private readonly host: Host,
    private readonly waitUntil: ((work: Promise<unknown>) => void) | undefined,
    /** Errors that the first request reports instead of the constructor. */
    isDeferred: (error: unknown) => boolean = () => false,
  ) {
    const native = nativeModule();
    // Where the module is at hand, a wrong configuration is reported by the constructor.
    if (native instanceof Promise) return;
    try {
      this.#machine = this.#start(native);
    } catch (error) {
      if (!isDeferred(error)) throw error;
    }
  }

  /** The machine, unless its module has still to be loaded. */
  current(): M | undefined {
    if (this.#machine === undefined) {
      const native = nativeModule();
      if (native instanceof Promise) return undefined;
      this.#machine = this.#start(native);
    }
    return this.#seededMachine(this.#machine);
  }

  /** The machine, when its module has been loaded. */
  async loaded(): Promise<M> {
    const native = await nativeModule();
    // Only now: another request may have made the machine while this one waited for the module.
    return this.#seededMachine((this.#machine ??= this.#start(native)));
  }

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
    const machine = await this.loaded();
    try {
      return await this.#drive(machine, machine.begin(request), abort, onDone);
    } catch (error) {
      if (!(error instanceof WorkloadIdentityError || abort?.aborted)) this.discard(machine);
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
            this.outcomes += 1;
            this.#wake(machine.resolve(step.effect.id, kind, status, head, body, Date.now()));
            break;
          }
          case "wait":
            log?.("wait for the request of another caller");
            // Nothing else can run between the poll and this registration, so no wake-up is lost.
            await this.#sleep(step.flight, step.until, abort, background);
        }
      }
    } finally {
      this.#wake(machine.end(ticket));
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

  async #sleep(
    flight: number,
    until: number,
    abort: AbortSignalLike | undefined,
    background: boolean,
  ): Promise<void> {
    if (platform().flight === "per_request") {
      return sleep(Math.min(until, Date.now() + POLL_INTERVAL_MS), abort, undefined, background);
    }
    const sleepers = this.#asleep.get(flight) ?? new Set();
    this.#asleep.set(flight, sleepers);
    let waker: (() => void) | undefined;
    try {
      await sleep(until, abort, (wake) => sleepers.add((waker = wake)), background);
    } finally {
      if (waker) sleepers.delete(waker);
      if (sleepers.size === 0 && this.#asleep.get(flight) === sleepers) this.#asleep.delete(flight);
    }
  }

  #wake(flight: number): void {
    const sleepers = this.#asleep.get(flight);
    if (!sleepers) return;
    this.#asleep.delete(flight);
    for (const wake of sleepers) wake();
  }

  #start(native: NativeModule): M {
    this.#seeded = false;
    try {
      return this.make(native);
    } catch (error) {
      throw nativeError(error);
    }
  }

  /** At the first request, since workers have no randomness outside of one. */
  #seededMachine(machine: M): M {
    if (!this.#seeded) machine.reseed(crypto.getRandomValues(new Uint8Array(32)));
    this.#seeded = true;
    return machine;
  }

  /** A trap makes the object unusable; the next request makes a new one. */
  discard(machine: M): void {
    if (this.#machine !== machine) return;
    this.#machine = undefined;
    for (const flight of [...this.#asleep.keys()]) this.#wake(flight);
  }
}

const ignore = () => undefined;
