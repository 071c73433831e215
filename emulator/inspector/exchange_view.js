// One event in full. Of an exchange: what differs and how to repair it, the checks, both tokens, request and answer.
import { attempt, button, clock, code, copyButton, element, shown, toast } from "./dom.js";
import { assertionFields } from "./emulator_api.js";
import { compare, marked, named } from "./text_diff.js";
import { tokenView } from "./token_view.js";

const headlines = { issued: "Access token issued", refused: "Refused", failed: "Disturbed by a fault" };

/** An exchange. `actions` replay it, edit its token, or change what is trusted. */
export function exchangeView(exchange, actions) {
  const { verdict } = exchange;
  const failed = exchange.checks.find((check) => check.outcome === "failed");
  const differs = exchange.outcome === "refused" && verdict && !verdict.accepted && failed;
  return element(
    "article",
    { class: "exchange-detail", data: { outcome: exchange.outcome, id: exchange.id } },
    hero(exchange, actions),
    differs && difference(exchange, verdict),
    differs && repair(exchange, verdict, actions),
    checks(exchange),
    element(
      "div",
      { class: "tokens" },
      tokenView("Workload token", exchange.workload_token, missingToken(exchange)),
      tokenView("Issued token", exchange.issued_token, "No access token was issued."),
    ),
    wire(exchange),
  );
}

/** Another event, or an exchange of which nothing else is kept. */
export function otherView(event, { label, tone }, isGone = false) {
  const facts = Object.entries(event).filter(([name]) => !["id", "time", "kind"].includes(name));
  const text = (value) => (Array.isArray(value) ? value.join(", ") || "none" : String(value));
  return element(
    "article",
    { data: { outcome: tone } },
    element(
      "div",
      { class: "hero" },
      element("h2", {}, shown(label[0].toUpperCase() + label.slice(1))),
      element("p", { class: "meta" }, `${event.kind} · ${clock(event.time)}`),
      isGone && element("p", { class: "sentence" }, "The emulator keeps no more of this event than its row."),
    ),
    element("div", { class: "card" }, list(facts.map(([name, value]) => [name.replaceAll("_", " "), text(value)]))),
  );
}

function hero(exchange, actions) {
  const sentence = {
    issued: "Every check passed.",
    refused: exchange.meaning ?? "The request was refused.",
    failed: "A fault replaced or changed the answer.",
  }[exchange.outcome];
  const own = exchange.workload_token?.compact;
  const buttons = own
    ? [
        button("Replay", () => attempt(() => actions.replay(sameRequest(exchange))), { class: "primary", id: "replay" }),
        button("Edit and replay", () => actions.edit(exchange), { id: "edit-replay" }),
      ]
    : [];
  return element(
    "div",
    { class: "hero" },
    element(
      "h2",
      {},
      headlines[exchange.outcome],
      exchange.aadsts && element("span", { class: "chip", data: { tone: "bad" } }, `AADSTS${exchange.aadsts}`),
      exchange.faults?.map?.((fault) => element("span", { class: "chip", data: { tone: "fault" } }, shown(fault))),
    ),
    element("p", { class: "sentence" }, sentence),
    element("p", { class: "meta" }, `${clock(exchange.time)} · ${exchange.took_ms} ms · `, shown(exchange.scope ?? "no scope")),
    buttons.length > 0 && element("div", { class: "actions" }, buttons),
  );
}

function sameRequest(exchange) {
  const value = (name) => exchange.form.find((field) => field.name === name)?.value;
  const fields = assertionFields(exchange.workload_token.compact, value("client_id"), value("scope"));
  return {
    tenant: exchange.tenant,
    version: exchange.version,
    fields: { ...fields, resource: value("resource"), claims: value("claims") },
  };
}

/** The nearest credential beside the token, with the characters that differ. */
function difference(exchange, verdict) {
  const nearest = verdict.credentials[verdict.nearest];
  if (!nearest) {
    return element(
      "section",
      { class: "card" },
      element("h3", {}, "What differs"),
      element("p", {}, "This identity trusts nothing: it has no federated identity credential."),
    );
  }
  return element(
    "section",
    { class: "card difference" },
    element("h3", {}, "What differs"),
    element("p", { class: "meta" }, "The token beside ", beside(nearest, verdict.credentials.length)),
    nearest.fields.map((field) => fieldDifference(field, exchange.workload_token?.claims ?? {})),
  );
}

/** Which credential the token is compared with. */
function beside(nearest, count) {
  const name = nearest.name ? code(nearest.name) : "the credential";
  return count === 1 ? [name, ", the only credential of this identity"] : [name, `, the nearest of ${count} credentials`];
}

function fieldDifference(field, claims) {
  const name = element("h4", {}, field.field, field.equal ? " is equal" : ` differs${kind(field.difference)}`);
  if (field.equal) {
    return element("div", { class: "compared", data: { equal: "true" } }, name, code(field.presented ?? field.expected));
  }
  const presented = field.presented ?? "";
  const isText = field.field !== "expression";
  const compared = isText ? compare(field.expected, presented) : admitted(field, presented);
  const side = (label, characters, kind) =>
    element(
      "div",
      { class: "side" },
      element("span", { class: "label" }, label),
      element("code", { class: kind }, characters.length ? marked(characters, kind) : "nothing"),
    );
  return element(
    "div",
    { class: "compared", data: { equal: "false" } },
    name,
    side("expected", compared.expected, "expected"),
    side("presented", compared.presented, "presented"),
    !isText && Number.isInteger(field.position) && element(
      "p",
      { class: "meta" },
      "The claim ",
      code(decisive(field, claims)),
      ` stops to match at character ${field.position + 1}: ${named(compared.presented, field.position)}.`,
    ),
    isText &&
      field.presented !== null &&
      element(
        "p",
        { class: "meta" },
        `First difference at character ${compared.first + 1}: expected ${named(compared.expected, compared.first)}, `,
        `presented ${named(compared.presented, compared.first)}.`,
      ),
  );
}

/** An expression is no value of a claim, so only the claim is marked, from where it stops to match. */
function admitted(field, presented) {
  const all = (text, same) => Array.from(text).map((character, index) => ({ character, same: same(index) }));
  const until = Number.isInteger(field.position) ? field.position : Infinity;
  return { expected: all(field.expected, () => true), presented: all(presented, (index) => index < until) };
}

/** The claim of the expression that has the presented value. */
function decisive(field, claims) {
  const names = [...field.expected.matchAll(/claims\['([^']*)'\]/g)].map(([, name]) => name);
  return names.find((name) => claims[name] === field.presented) ?? "sub";
}

/** How it differs, where that is more than that. */
const kind = (difference) => (!difference || difference === "different" ? "" : `: ${difference.replaceAll("_", " ")}`);

/** Sentences, commands to copy, and the change of this emulator's credentials. */
function repair(exchange, verdict, actions) {
  const isCommand = (text) => /^(az|wif) /.test(text);
  const sentences = verdict.fix.filter((text) => !isCommand(text));
  const commands = verdict.fix.filter(isCommand);
  if (verdict.fix.length === 0) return undefined;
  const nearest = exchange.credentials?.[verdict.nearest];
  const change = async (former) => {
    const { issuer, subject, audience } = exchange.remedy;
    await actions.trust(exchange.client_id, { issuer, subject, audience }, former?.name);
    if (exchange.workload_token?.compact) await actions.replay(sameRequest(exchange));
    else toast("Changed. Send the token again from its client to see it accepted");
  };
  const again = exchange.workload_token?.compact ? " and replay" : "";
  return element(
    "section",
    { class: "card repair" },
    element("h3", {}, "Repair"),
    sentences.map((text) => element("p", {}, sentence(text))),
    exchange.remedy && [
      element("div", { class: "actions" }, choices(exchange.remedy, nearest, change, again)),
      element("p", { class: "meta" }, "This changes the emulator only. In Entra, run one of"),
    ],
    commands.map((command) =>
      element("div", { class: "command" }, element("pre", { tabindex: "0" }, code(command)), copyButton(command, "the command")),
    ),
  );
}

/** A sentence of the core: what it has between backticks is a value. */
function sentence(text) {
  const whole = `${text[0].toUpperCase()}${text.slice(1)}.`;
  return whole.split("`").map((part, index) => (index % 2 ? code(part) : shown(part)));
}

/** The buttons that repair, the advised one first. */
function choices(remedy, nearest, change, again) {
  const isExact = typeof nearest?.subject === "string";
  const isThere = nearest?.issuer === remedy.issuer && nearest?.subject === remedy.subject;
  const made = (text, former, advised) =>
    button(`${text}${again}`, () => attempt(() => change(former)), { class: advised && "primary" });
  const changing = isExact && made("Change the credential", nearest, remedy.existing !== null);
  // Issuer and subject of a credential are unique.
  const adding = !isThere && made("Add a credential", undefined, remedy.existing === null);
  return remedy.existing === null ? [adding, changing] : [changing, adding];
}

const signs = { passed: "✓", failed: "✕", not_reached: "–" };
const outcomes = { passed: "passed", failed: "failed", not_reached: "not reached" };

function checks(exchange) {
  const passed = exchange.checks.filter((check) => check.outcome === "passed").length;
  return element(
    "section",
    { class: "card" },
    element("h3", {}, "Checks ", element("span", { class: "meta" }, `${passed} of ${exchange.checks.length} passed`)),
    element(
      "ol",
      { class: "checks" },
      exchange.checks.map((check) =>
        element(
          "li",
          { data: { outcome: check.outcome, check: check.check } },
          element("span", { class: "sign", "aria-hidden": "true" }, signs[check.outcome]),
          element("span", {}, check.title, element("span", { class: "hidden" }, `: ${outcomes[check.outcome]}`)),
          check.value && code(check.value),
        ),
      ),
    ),
  );
}

function missingToken(exchange) {
  if (!exchange.kept) return "The request had no form, or was too large to keep.";
  return "The request has no client assertion that can be decoded.";
}

function wire(exchange) {
  const fields = exchange.form.map(({ name, value }) => [name, value]);
  const headers = exchange.headers.map(({ name, value }) => [name, value]);
  const answer = [
    ["status", exchange.status ?? "connection reset"],
    ["token type", exchange.token_type],
    ["expires in", exchange.expires_in],
    ["error", exchange.error],
    ["description", exchange.error_description?.split("\r\n")[0]],
    ["trace id", exchange.trace_id],
    ["correlation id", exchange.correlation_id],
  ];
  return element(
    "section",
    { class: "card wire" },
    element("div", {}, element("h3", {}, "Request"), list([[exchange.method, exchange.path], ...fields, ...headers])),
    element("div", {}, element("h3", {}, "Answer"), list(answer)),
  );
}

/** Names and values; those without a value are left out. */
function list(rows) {
  const known = rows.filter(([, value]) => value !== undefined && value !== null && value !== "");
  return element(
    "dl",
    { class: "facts" },
    known.map(([name, value]) => element("div", {}, element("dt", {}, shown(name)), element("dd", {}, code(value)))),
  );
}
