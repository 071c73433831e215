// The federated identity credentials: add, change, remove.
import { attempt, button, code, element, field, tellProblem, toast } from "./dom.js";
import * as api from "./emulator_api.js";
import { identities, identityChoice } from "./identities.js";

export class CredentialsView {
  #place = document.getElementById("credentials");
  #identity;
  #list = element("ul", { class: "cards" });
  #title = element("h2", {}, "Add a credential");
  #issuer = element("input", { name: "issuer", required: true, list: "issuers", autocomplete: "off", spellcheck: "false" });
  #subject = element("input", { name: "subject", required: true, autocomplete: "off", spellcheck: "false" });
  #condition = element(
    "select",
    { name: "condition" },
    element("option", { value: "subject" }, "The subject, exactly"),
    element("option", { value: "expression" }, "An expression (flexible)"),
  );
  #expression = element("textarea", { name: "expression", required: true, rows: "3", autocomplete: "off", spellcheck: "false" });
  #fields = {
    subject: field("Subject", this.#subject, "Compared with sub"),
    expression: field(
      "Expression",
      this.#expression,
      "Such as claims['sub'] matches 'repo:octo/app:ref:refs/heads/*'. Entra evaluates it for GitHub, GitLab and HCP Terraform only.",
    ),
  };
  #audience = element("input", { name: "audience", required: true, autocomplete: "off", spellcheck: "false" });
  #platform = element("select", { name: "platform" }, element("option", { value: "" }, "None"));
  #save = element("button", { type: "submit", class: "primary" }, "Add");
  #cancel = button("Cancel", () => this.#edit(undefined), { hidden: true });
  #problem = element("p", { class: "problem", role: "alert" });
  #issuers = element("datalist", { id: "issuers" });
  #former;
  #facts;
  #platforms = [];
  #waiting = false;
  #reads = 0;
  #drawn = 0;

  constructor(facts) {
    this.#facts = facts;
    this.#audience.value = facts.audience;
    this.#identity = identityChoice(facts);
    this.#identity.addEventListener("change", () => {
      this.#edit(undefined);
      attempt(() => this.#read());
    });
    const form = element(
      "form",
      { class: "card form" },
      this.#title,
      field("Platform", this.#platform, "Fills in the issuer and the subject of the platform that the emulator plays"),
      field("Issuer", this.#issuer, "Compared with iss, octet for octet"),
      field("Accepts by", this.#condition),
      this.#fields.subject,
      this.#fields.expression,
      field("Audience", this.#audience, "Compared with aud"),
      this.#problem,
      element("div", { class: "actions" }, this.#save, this.#cancel),
      this.#issuers,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#platform.addEventListener("change", () => this.#fill());
    this.#condition.addEventListener("change", () => this.#accept(this.#condition.value));
    this.#accept("subject");
    const head = element(
      "div",
      { class: "page-head" },
      element("h1", { id: "credentials-title" }, "Credentials"),
      element("p", { class: "meta" }, "What an identity trusts, each exactly and case-sensitively; 20 at most. A change is effective at once."),
      field("Identity", this.#identity, "Each has its own credentials and its own client id"),
    );
    this.#place.append(head, element("div", { class: "columns" }, this.#list, form));
  }

  async load() {
    const platforms = await api.platforms();
    this.#platforms = platforms;
    for (const { name } of platforms) this.#platform.append(element("option", { value: name }, name));
    const issuers = new Set(platforms.map((platform) => platform.claims.iss));
    this.#issuers.replaceChildren(...[...issuers].map((issuer) => element("option", { value: issuer })));
    await this.#read();
  }

  /** Something has changed; reads them again, at most a few times a second. */
  stale() {
    if (this.#waiting) return;
    this.#waiting = true;
    setTimeout(async () => {
      this.#waiting = false;
      await attempt(() => this.#read());
    }, 150);
  }

  /** The credentials of all identities for their number; those of the chosen one are shown. */
  async #read() {
    const all = identities(this.#facts);
    const number = (this.#reads += 1);
    const known = await Promise.all(all.map(({ clientId }) => api.credentials(clientId)));
    // A later one may have been answered before.
    if (number < this.#drawn) return;
    this.#drawn = number;
    document.getElementById("credential-count").textContent = String(known.flat().length);
    this.#draw(known[all.findIndex(({ clientId }) => clientId === this.#identity.value)]);
  }

  #draw(known) {
    const rows = known.map((credential) => {
      const of = (action) => ({ class: "small", "aria-label": `${action} the credential ${credential.name}` });
      return element(
        "li",
        { class: "card credential" },
        credential.name && element("h2", {}, code(credential.name)),
        element(
          "dl",
          { class: "facts" },
          ["issuer", "subject", "expression", "audience"]
            .filter((name) => credential[name])
            .map((name) => element("div", {}, element("dt", {}, name), element("dd", {}, code(credential[name])))),
        ),
        element(
          "div",
          { class: "actions" },
          button("Change", () => this.#edit(credential), of("Change")),
          button("Remove", () => attempt(() => this.#remove(credential)), of("Remove")),
        ),
      );
    });
    const none = element("li", { class: "empty" }, element("p", { class: "lead" }, "This identity trusts nothing."));
    this.#list.replaceChildren(...(rows.length ? rows : [none]));
  }

  #edit(credential) {
    this.#former = credential;
    this.#title.textContent = credential ? "Change the credential" : "Add a credential";
    this.#save.textContent = credential ? "Save" : "Add";
    this.#cancel.hidden = !credential;
    this.#problem.textContent = "";
    this.#platform.value = "";
    this.#issuer.value = credential?.issuer ?? "";
    this.#subject.value = credential?.subject ?? "";
    this.#expression.value = credential?.expression ?? "";
    this.#accept(credential?.expression === undefined ? "subject" : "expression");
    this.#audience.value = credential?.audience ?? this.#facts.audience;
    if (credential) (credential.expression === undefined ? this.#subject : this.#expression).focus();
  }

  /** Shows the field of the subject or of the expression; the other one is no part of the form. */
  #accept(condition) {
    this.#condition.value = condition;
    this.#fields.subject.hidden = this.#subject.disabled = condition !== "subject";
    this.#fields.expression.hidden = this.#expression.disabled = condition !== "expression";
  }

  #fill() {
    const claims = this.#platforms.find((platform) => platform.name === this.#platform.value)?.claims;
    if (!claims) return;
    this.#issuer.value = claims.iss;
    this.#subject.value = claims.sub;
    this.#expression.value = `claims['sub'] eq '${claims.sub.replaceAll("'", "''")}'`;
  }

  async #submit() {
    const credential = {
      issuer: this.#issuer.value,
      [this.#condition.value]: this.#condition.value === "subject" ? this.#subject.value : this.#expression.value,
      audience: this.#audience.value,
    };
    const former = this.#former;
    try {
      if (former) await api.changeCredential(this.#identity.value, former.name, credential);
      else await api.addCredential(this.#identity.value, credential);
      toast(former ? "The credential is changed" : "The credential is added");
      // Another credential may be in the form by now.
      if (this.#former === former) this.#edit(undefined);
      this.stale();
    } catch (error) {
      tellProblem(this.#problem, error.message);
    }
  }

  async #remove(credential) {
    await api.removeCredential(this.#identity.value, credential.name);
    if (this.#former?.name === credential.name) this.#edit(undefined);
    toast("The credential is removed");
    this.stale();
    this.#issuer.focus();
  }
}
