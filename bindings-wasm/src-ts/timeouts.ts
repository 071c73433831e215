/** Time limits and sleep that an abort signal ends early. */

/** The part of `AbortSignal` that is used. Signals of `@azure/abort-controller` have it, and `AbortSignal.any` refuses them. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  addEventListener(
    type: "abort",
    listener: (this: AbortSignalLike, event: any) => any,
    options?: any,
  ): void;
  removeEventListener(
    type: "abort",
    listener: (this: AbortSignalLike, event: any) => any,
    options?: any,
  ): void;
}

/** The value to throw for an aborted signal: its own reason, as the platform's functions do. */
export function reasonOf(abort: AbortSignalLike): unknown {
  return (
    (abort as { reason?: unknown }).reason ?? new DOMException("The operation was aborted.", "AbortError")
  );
}

/** Timers count in 31 bits; a longer time would end at once. */
const maxTimerMs = 2_147_483_647;

/** Starts a timer. One in the background does not keep the process alive, where the runtime's timers can be told so. */
export function startTimer(end: () => void, ms: number, background: boolean): ReturnType<typeof setTimeout> {
  const timer = setTimeout(end, Math.min(Math.max(ms, 0), maxTimerMs));
  if (background) (timer as { unref?(): unknown }).unref?.();
  return timer;
}

/** A time limit that was reached. */
export class TimeLimitError extends Error {
  override readonly name = "TimeoutError";

  constructor(ms: number) {
    super(`the limit was ${Math.max(ms / 1000, 0.1).toFixed(1)} s`);
  }
}

/**
 * Runs `work` for at most `ms` milliseconds. Rejects with a `TimeoutError`, or with the signal's
 * reason, even when the work ignores the signal that it can ask for.
 */
export function withTimeout<T>(
  ms: number,
  abort: AbortSignalLike | undefined,
  work: (signal: () => AbortSignal) => T | Promise<T>,
  background = false,
): Promise<T> {
  // Made on demand: a controller costs more than the rest of this function.
  let controller: AbortController | undefined;
  const signal = () => (controller ??= new AbortController()).signal;
  return new Promise<T>((resolve, reject) => {
    const stop = (reason: unknown) => {
      settle();
      reject(reason);
      controller?.abort(reason);
    };
    const onAbort = () => stop(reasonOf(abort as AbortSignalLike));
    const timer = startTimer(() => stop(new TimeLimitError(ms)), ms, background);
    const settle = () => {
      clearTimeout(timer);
      abort?.removeEventListener("abort", onAbort);
    };
    abort?.addEventListener("abort", onAbort);
    // An async function also turns a synchronous throw of the work into a rejection.
    (async () => work(signal))().then(
      (value) => (settle(), resolve(value)),
      (error) => (settle(), reject(error)),
    );
  });
}

/** Sleeps until `until` (unix milliseconds), or until the function that is passed to `register` is called. */
export function sleep(
  until: number,
  abort: AbortSignalLike | undefined,
  register?: (wake: () => void) => void,
  background = false,
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const settled = (finish: () => void) => () => {
      clearTimeout(timer);
      abort?.removeEventListener("abort", onAbort);
      finish();
    };
    const wake = settled(resolve);
    const onAbort = settled(() => reject(reasonOf(abort as AbortSignalLike)));
    const timer = startTimer(wake, until - Date.now(), background);
    abort?.addEventListener("abort", onAbort);
    register?.(wake);
  });
}
