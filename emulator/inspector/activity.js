// The list of events, newest first, and which of them is shown.
import { attempt, button, clock, element, shown } from "./dom.js";
import * as api from "./emulator_api.js";
import { exchangeView, otherView } from "./exchange_view.js";

/** As many as the emulator keeps. */
const KEPT = 500;
/** The shown event follows the newest at most this often, in milliseconds. */
const FOLLOW_EVERY = 250;

const place = (id) => document.getElementById(id);

export class Activity {
  #events = [];
  #rows = new Map();
  #waiting = [];
  #drawing = false;
  #selected;
  #following = true;
  #followed = 0;
  #expected;
  #lost = 0;
  #actions;

  constructor(actions) {
    this.#actions = actions;
    place("follow").addEventListener("click", () => this.#follow(!this.#following));
    place("clear").addEventListener("click", () => attempt(() => this.#clear()));
    place("filter").addEventListener("input", () => this.#filter());
    place("kinds").addEventListener("change", () => this.#filter());
    place("events").addEventListener("keydown", (event) => this.#key(event));
    place("detail").addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#back();
    });
    place("events").addEventListener("click", (event) => {
      const row = event.target.closest("[role=option]");
      if (row) this.#choose(Number(row.dataset.id));
    });
    this.#showNothing();
  }

  /** Takes an event of the stream. Rows are drawn with the next frame, and never more than are kept. */
  add(event) {
    this.#waiting.push(event);
    if (this.#waiting.length > KEPT) this.#waiting.shift();
    if (this.#drawing) return;
    this.#drawing = true;
    // A page in the background has no frames.
    if (document.hidden) setTimeout(() => this.#draw(), 100);
    else requestAnimationFrame(() => this.#draw());
  }

  /** Events that this page did not take in time. */
  gap(lost) {
    this.#lost += lost;
    place("gap").hidden = false;
    place("gap").textContent = `${this.#lost} events are missing: the emulator no longer kept them`;
  }

  /** Shows the exchange of a correlation id as soon as it comes. */
  expect(correlation) {
    const known = this.#events.find((event) => event.correlation_id === correlation);
    if (known) this.#choose(known.id);
    else this.#expected = correlation;
  }

  #draw() {
    this.#drawing = false;
    const fresh = this.#waiting;
    this.#waiting = [];
    const rows = document.createDocumentFragment();
    for (const event of fresh.toReversed()) {
      const row = this.#row(event);
      this.#rows.set(event.id, row);
      rows.append(row);
    }
    place("events").prepend(rows);
    this.#events.push(...fresh);
    for (const old of this.#events.splice(0, Math.max(0, this.#events.length - KEPT))) {
      this.#rows.get(old.id)?.remove();
      this.#rows.delete(old.id);
    }
    this.#count();
    const expected = fresh.find((event) => this.#expected && event.correlation_id === this.#expected);
    if (expected) {
      this.#expected = undefined;
      this.#choose(expected.id);
    } else if (this.#following) {
      this.#followNewest();
    }
  }

  #row(event) {
    const { label, tone, text } = rowOf(event);
    const row = element(
      "li",
      {
        role: "option",
        id: `event-${event.id}`,
        "aria-selected": "false",
        class: `event ${event.kind === "exchange" ? "exchange" : "other"}`,
        data: { id: event.id, time: event.time, tone },
      },
      element("span", { class: "chip", data: { tone } }, label),
      event.faults?.map?.((fault) => element("span", { class: "chip", data: { tone: "fault" } }, shown(fault))),
      element("span", { class: "time" }, clock(event.time)),
      element("span", { class: "what" }, shown(text)),
    );
    row.hidden = !this.#matches(event, text);
    return row;
  }

  #matches(event, text = rowOf(event).text) {
    const kinds = place("kinds").value;
    if (kinds === "exchange" && event.kind !== "exchange") return false;
    if (kinds === "refused" && event.outcome !== "refused") return false;
    const wanted = place("filter").value.trim().toLowerCase();
    return wanted === "" || `${text} ${event.issuer ?? ""} AADSTS${event.aadsts ?? ""}`.toLowerCase().includes(wanted);
  }

  #filter() {
    for (const event of this.#events) this.#rows.get(event.id).hidden = !this.#matches(event);
    this.#count();
    if (this.#following) this.#followNewest();
  }

  /** What stands in place of the list when it shows nothing; the selected row only counts while it is there. */
  #count() {
    const list = place("events");
    const isAny = this.#events.some((event) => !this.#rows.get(event.id).hidden);
    list.hidden = !isAny;
    place("no-events").hidden = this.#events.length > 0;
    place("no-matches").hidden = isAny || this.#events.length === 0;
    const selected = this.#rows.get(this.#selected);
    if (selected && !selected.hidden) list.setAttribute("aria-activedescendant", selected.id);
    else list.removeAttribute("aria-activedescendant");
  }

  #follow(following) {
    this.#following = following;
    place("follow").setAttribute("aria-pressed", String(following));
    if (following) this.#followNewest();
  }

  /** Shows the newest exchange, or the newest event while there is no exchange. */
  #followNewest() {
    if (this.#followed === Infinity) return;
    const wait = this.#followed + FOLLOW_EVERY - Date.now();
    if (wait > 0) {
      this.#followed = Infinity;
      setTimeout(() => {
        this.#followed = 0;
        if (this.#following) this.#followNewest();
      }, wait);
      return;
    }
    this.#followed = Date.now();
    const visible = this.#events.filter((event) => !this.#rows.get(event.id).hidden);
    const newest = visible.findLast((event) => event.kind === "exchange") ?? visible.at(-1);
    if (newest && newest.id !== this.#selected) this.#select(newest.id);
  }

  #choose(id) {
    this.#follow(false);
    this.#select(id);
    document.body.classList.add("detail-open");
  }

  #select(id) {
    this.#rows.get(this.#selected)?.setAttribute("aria-selected", "false");
    this.#selected = id;
    const row = this.#rows.get(id);
    row.setAttribute("aria-selected", "true");
    this.#count();
    attempt(() => this.#show(id));
  }

  async #show(id) {
    const event = this.#events.find((known) => known.id === id);
    const detail = event.kind === "exchange" ? await this.#detail(id) : event;
    // Another event may have been selected while this one was fetched.
    if (this.#selected !== id) return;
    const isExchange = event.kind === "exchange" && detail;
    const view = isExchange ? exchangeView(detail, this.#actions) : otherView(event, rowOf(event), !detail);
    const back = button("Back to the list", () => this.#back(), { class: "back" });
    const { activeElement: active, body } = document;
    // What had the focus is replaced, as the button of a replay is, or hidden, as the list on a phone is.
    const isLost = place("detail").contains(active) || (active === body && body.classList.contains("detail-open"));
    place("detail").replaceChildren(back, view);
    place("detail").scrollTop = 0;
    if (isLost) place("detail").focus();
  }

  /** Everything about an exchange; nothing if the emulator no longer keeps it. */
  async #detail(id) {
    try {
      return await api.eventDetail(id);
    } catch (error) {
      if (error.status === 404) return undefined;
      throw error;
    }
  }

  #back() {
    document.body.classList.remove("detail-open");
    place("events").focus();
  }

  #showNothing() {
    this.#selected = undefined;
    const text = element("p", { class: "lead" }, "Exchanges appear here as they happen.");
    place("detail").replaceChildren(element("div", { class: "empty" }, text));
  }

  async #clear() {
    await api.clearEvents();
    this.forget();
  }

  /** Starts again without events. */
  forget() {
    this.#events = [];
    this.#rows.clear();
    this.#waiting = [];
    this.#lost = 0;
    place("gap").hidden = true;
    place("events").replaceChildren();
    this.#selected = undefined;
    this.#count();
    document.body.classList.remove("detail-open");
    this.#showNothing();
  }

  #key(event) {
    const ids = [...place("events").children].filter((row) => !row.hidden).map((row) => Number(row.dataset.id));
    const at = ids.indexOf(this.#selected);
    const next = { ArrowDown: at + 1, ArrowUp: Math.max(at - 1, 0), Home: 0, End: ids.length - 1 }[event.key];
    if (event.key === "Enter" && this.#selected !== undefined) {
      document.body.classList.add("detail-open");
      place("detail").focus();
      return;
    }
    if (next === undefined || ids[next] === undefined) return;
    event.preventDefault();
    this.#follow(false);
    this.#select(ids[next]);
    this.#rows.get(ids[next]).scrollIntoView({ block: "nearest" });
  }
}

const reports = {
  cache_hit: "cache hit",
  cache_miss: "cache miss",
  cache_store: "cached",
  cache_evict: "evicted",
  refresh: "refreshed",
  refresh_failed: "refresh failed",
};

/** What a row says: a label with its tone, and a text. */
function rowOf(event) {
  switch (event.kind) {
    case "exchange": {
      const label = event.aadsts ? `AADSTS${event.aadsts}` : event.outcome;
      const tone = { issued: "good", refused: "bad" }[event.outcome] ?? "fault";
      return { label, tone, text: event.subject ?? event.path };
    }
    case "credential":
      return { label: `credential ${event.action}`, tone: "change", text: event.subject ?? event.expression };
    case "faults":
      return { label: "faults", tone: "change", text: event.faults.length ? "changed" : "none is active" };
    case "client": {
      const tone = event.event === "refresh_failed" ? "bad" : "client";
      const text = [event.client, event.message ?? event.scope, event.code].filter(Boolean).join(" · ");
      return { label: reports[event.event], tone, text };
    }
    case "fetch": {
      const text = `${event.url}${event.error ? ` · ${event.error}` : ""}`;
      return { label: `fetch ${event.status ?? "failed"}`, tone: event.status === 200 ? "quiet" : "bad", text };
    }
    default: {
      const failed = !event.status || event.status >= 400;
      return {
        label: `${event.target} ${event.status ?? "reset"}`,
        tone: failed ? "fault" : "quiet",
        text: `${event.method} ${event.path}`,
      };
    }
  }
}
