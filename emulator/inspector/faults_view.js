// The faults: which are active, and a form that adds one.
import { attempt, button, code, element, field, tellProblem, toast } from "./dom.js";
import * as api from "./emulator_api.js";

const targets = {
  token: "Token endpoint",
  github: "GitHub's token endpoint",
  platform: "Endpoints of the other platforms",
  api: "Protected API",
  metadata: "Discovery documents and keys",
  graph: "Microsoft Graph",
  arm: "Azure Resource Manager",
};

export class FaultsView {
  #place = document.getElementById("faults");
  #list = element("ul", { class: "cards" });
  #target = element("select", { name: "target" });
  #kind = element("select", { name: "kind" });
  #argument = element("input", { name: "argument", autocomplete: "off", spellcheck: "false" });
  #count = element("input", { name: "count", type: "number", min: "1", step: "1", inputmode: "numeric" });
  #text = element("output", { class: "preview" });
  #problem = element("p", { class: "problem", role: "alert" });
  #argumentField = field("Value", this.#argument);
  #meaning = element("p", { class: "hint", id: "fault-meaning" });
  #kinds = [];
  #active = [];
  #waiting = false;
  #reads = 0;
  #drawn = 0;

  constructor() {
    const form = element(
      "form",
      { class: "card form" },
      element("h2", {}, "Add a fault"),
      field("Where", this.#target),
      field("What goes wrong", this.#kind),
      this.#meaning,
      this.#argumentField,
      field("How many requests", this.#count, "Empty: until it is removed"),
      element("p", { class: "meta" }, "As an option: --fault ", this.#text),
      this.#problem,
      element(
        "div",
        { class: "actions" },
        element("button", { type: "submit", class: "primary" }, "Add"),
        button("Remove all", () => attempt(() => this.#set([]))),
      ),
    );
    this.#kind.setAttribute("aria-describedby", "fault-meaning");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#add();
    });
    this.#target.addEventListener("change", () => this.#offer());
    form.addEventListener("input", () => this.#preview());
    const head = element(
      "div",
      { class: "page-head" },
      element("h1", { id: "faults-title" }, "Faults"),
      element("p", { class: "meta" }, "What goes wrong on purpose. The activity shows the requests that they hit."),
    );
    this.#place.append(head, element("div", { class: "columns" }, this.#list, form));
  }

  async load() {
    const known = await api.faults();
    this.#kinds = known.kinds;
    const options = known.targets.map((name) => element("option", { value: name }, targets[name] ?? name));
    this.#target.replaceChildren(...options);
    this.#draw(known.faults);
    this.#offer();
  }

  /** The kinds that have an effect at the chosen place. */
  #offer() {
    const chosen = this.#kind.value;
    const working = this.#kinds.filter((kind) => kind.targets.includes(this.#target.value));
    this.#kind.replaceChildren(...working.map(({ form }) => element("option", { value: form }, form)));
    if (working.some(({ form }) => form === chosen)) this.#kind.value = chosen;
    this.#preview();
  }

  /** Counted faults end by themselves; reads them again, at most a few times a second. */
  stale() {
    if (this.#waiting) return;
    this.#waiting = true;
    setTimeout(async () => {
      this.#waiting = false;
      await attempt(() => this.#read());
    }, 150);
  }

  async #read() {
    const number = (this.#reads += 1);
    const { faults } = await api.faults();
    // A later one may have been answered before.
    if (number < this.#drawn) return;
    this.#drawn = number;
    this.#draw(faults);
  }

  #draw(active) {
    this.#active = active;
    document.getElementById("fault-count").textContent = active.length ? String(active.length) : "";
    const rows = active.map((text, index) =>
      element(
        "li",
        { class: "card fault" },
        code(text),
        button("Remove", () => attempt(() => this.#set(this.#active.filter((_, other) => other !== index))), {
          class: "small",
          "aria-label": `Remove the fault ${text}`,
        }),
      ),
    );
    const none = element("li", { class: "empty" }, element("p", { class: "lead" }, "No fault is active."));
    this.#list.replaceChildren(...(rows.length ? rows : [none]));
  }

  /** The fault as text, as the option `--fault` takes it. */
  #fault() {
    const form = this.#kind.value;
    const [name] = form.split(/[[=]/);
    const target = this.#target.value === "token" ? "" : `${this.#target.value}:`;
    const argument = form.includes("=") && this.#argument.value.trim();
    const count = this.#count.value;
    return `${target}${name}${argument ? `=${argument}` : ""}${count ? `*${count}` : ""}`;
  }

  #preview() {
    const chosen = this.#kinds.find(({ form }) => form === this.#kind.value);
    this.#meaning.textContent = chosen?.meaning ?? "";
    const [, argument] = chosen?.form.match(/=(\w+)/) ?? [];
    this.#argumentField.hidden = argument === undefined;
    this.#argument.placeholder = argument ?? "";
    this.#text.textContent = this.#fault();
  }

  async #add() {
    this.#problem.textContent = "";
    try {
      await api.addFault(this.#fault());
      toast("The fault is active");
      this.stale();
    } catch (error) {
      tellProblem(this.#problem, error.message);
    }
  }

  async #set(faults) {
    await api.setFaults(faults);
    this.stale();
    // The button that had the focus may be gone.
    this.#target.focus();
  }
}
