// The stream of events, over interruptions and restarts of the emulator.
import * as api from "./emulator_api.js";

/** Milliseconds between two attempts to connect. */
const AGAIN_AFTER = 1000;

/**
 * Connects, and connects again where it stopped. `listener` has `state`, `event`, `gap` and `cleared`, `restarted` when another
 * emulator answers at the address, and `resumed` when something may have changed meanwhile.
 */
export class EventStream {
  #listener;
  #emulator;
  #source;
  #retry;
  #last = 0;
  #interrupted = false;

  constructor(facts, listener) {
    this.#listener = listener;
    this.#emulator = JSON.stringify(facts);
    // A browser opens few connections to one server; a page in the background leaves them to the others.
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#pause() : this.#resume()));
    this.#open();
  }

  #open() {
    const source = new EventSource(`/emulator/events?after=${this.#last}`);
    this.#source = source;
    source.onopen = () => {
      this.#listener.state("open", "live");
      if (this.#interrupted) this.#listener.resumed();
      this.#interrupted = false;
    };
    source.onerror = () => {
      this.#pause();
      this.#listener.state("closed", "not connected");
      this.#retry = setTimeout(() => this.#resume(), AGAIN_AFTER);
    };
    source.onmessage = ({ data }) => {
      const event = JSON.parse(data);
      this.#last = event.id;
      this.#listener.event(event);
    };
    source.addEventListener("gap", ({ data }) => this.#listener.gap(JSON.parse(data).lost));
    source.addEventListener("cleared", ({ lastEventId }) => {
      this.#last = Number(lastEventId);
      this.#listener.cleared();
    });
  }

  #pause() {
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = undefined;
    this.#interrupted = true;
  }

  /** Asks first who answers: numbers of another emulator mean other events. */
  async #resume() {
    clearTimeout(this.#retry);
    let facts;
    try {
      facts = JSON.stringify(await api.facts());
    } catch {
      this.#listener.state("closed", "not connected");
      this.#retry = setTimeout(() => this.#resume(), AGAIN_AFTER);
      return;
    }
    if (this.#source || document.hidden) return;
    if (facts !== this.#emulator) {
      this.#emulator = facts;
      this.#last = 0;
      this.#listener.restarted();
    }
    this.#open();
  }
}
