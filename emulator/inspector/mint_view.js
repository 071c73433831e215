// A workload token with chosen claims, and its exchange.
import { attempt, button, element, field, tellProblem } from "./dom.js";
import * as api from "./emulator_api.js";
import { identityChoice } from "./identities.js";
import { tokenView } from "./token_view.js";

const TIMES = ["exp", "iat", "nbf", "jti"];

export class MintView {
  #place = document.getElementById("mint");
  #platform = element("select", { name: "platform" });
  #about = element("p", { class: "hint", id: "platform-about" });
  #claims = element("textarea", { name: "claims", rows: "14", spellcheck: "false", autocomplete: "off" });
  #identity;
  #client = element("input", { name: "client_id", autocomplete: "off", spellcheck: "false" });
  #scope = element("input", { name: "scope", autocomplete: "off", spellcheck: "false" });
  #problem = element("p", { class: "problem", role: "alert" });
  #result = element("div", { class: "result" });
  #platforms = [];
  #facts;
  #activity;

  constructor(facts, activity) {
    this.#facts = facts;
    this.#activity = activity;
    this.#identity = identityChoice(facts, element("option", { value: "" }, "Another client id"));
    this.#identity.addEventListener("change", () => (this.#client.value = this.#identity.value));
    this.#client.addEventListener("input", () => this.#choose(this.#client.value));
    this.#choose(facts.client_id);
    this.#scope.value = "https://vault.azure.net/.default";
    this.#platform.setAttribute("aria-describedby", "platform-about");
    const form = element(
      "form",
      { class: "card form" },
      field("Platform", this.#platform),
      this.#about,
      field(
        "Claims",
        this.#claims,
        "JSON. Absent times are those of now. Another iss is signed with the platforms' key, which its issuer does not have.",
      ),
      field("Identity", this.#identity, "Fills in the client id of the identity that the token is exchanged for"),
      field("Client id", this.#client),
      field("Scope", this.#scope),
      this.#problem,
      element(
        "div",
        { class: "actions" },
        element("button", { type: "submit", class: "primary" }, "Mint and exchange"),
        button("Only mint", () => this.#mint((token) => this.#show(token))),
      ),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#mint((minted) => this.#exchange(minted));
    });
    this.#platform.addEventListener("change", () => this.#fill());
    const head = element(
      "div",
      { class: "page-head" },
      element("h1", { id: "mint-title" }, "Mint a token"),
      element("p", { class: "meta" }, "A token as a platform gives it to a workload, with the claims that you choose."),
    );
    this.#place.append(head, element("div", { class: "columns" }, form, this.#result));
    this.#show(undefined);
  }

  async load() {
    this.#platforms = await api.platforms();
    const options = this.#platforms.map(({ name }) => element("option", { value: name }, name));
    this.#platform.replaceChildren(...options, element("option", { value: "" }, "No platform"));
    if (!this.#claims.value) this.#fill();
  }

  /** Takes the token of an exchange, to be changed and sent again. */
  edit(exchange) {
    const claims = { ...exchange.workload_token.claims };
    for (const name of TIMES) delete claims[name];
    const value = (name) => exchange.form.find((field) => field.name === name)?.value;
    this.#choose(value("client_id") ?? this.#facts.client_id);
    this.#scope.value = value("scope") ?? this.#scope.value;
    this.#platform.value = "";
    this.#about.textContent = "The claims of the exchange that you edit, with the times of now";
    this.#write(claims);
    this.#show(undefined);
    setTimeout(() => this.#claims.focus());
  }

  /** A client id, and the identity that has it. */
  #choose(clientId) {
    this.#client.value = clientId;
    const known = [...this.#identity.options].some(({ value }) => value === clientId);
    this.#identity.value = known ? clientId : "";
  }

  #fill() {
    const chosen = this.#platforms.find(({ name }) => name === this.#platform.value);
    this.#about.textContent = chosen?.about ?? "Only the claims that you write";
    this.#write(chosen?.claims ?? {});
  }

  /** What decides comes first. */
  #write({ iss, sub, aud, ...rest }) {
    this.#claims.value = JSON.stringify({ iss, sub, aud, ...rest }, undefined, 2);
  }

  async #mint(then) {
    this.#problem.replaceChildren();
    try {
      try {
        JSON.parse(this.#claims.value);
      } catch (error) {
        throw new Error(`The claims are no JSON: ${error.message}`);
      }
      const minted = await api.mint(this.#claims.value);
      await then(minted);
    } catch (error) {
      tellProblem(this.#problem, error.message);
    }
  }

  async #exchange(minted) {
    const fields = api.assertionFields(minted.token, this.#client.value, this.#scope.value);
    const correlation = await api.exchange({ tenant: this.#facts.tenant_id, fields });
    this.#activity.expect(correlation);
    this.#show(minted);
    location.hash = "#activity";
  }

  #show(minted) {
    if (!minted) {
      const text = element("p", { class: "lead" }, "The token appears here.");
      this.#result.replaceChildren(element("div", { class: "empty" }, text));
      return;
    }
    attempt(() => {
      const [header] = minted.token.split(".");
      const text = atob(header.replaceAll("-", "+").replaceAll("_", "/"));
      const token = { own: true, header: JSON.parse(text), claims: minted.claims, compact: minted.token };
      this.#result.replaceChildren(tokenView("Workload token", token, "", "h2"));
    });
  }
}
