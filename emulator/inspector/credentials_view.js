// The federated identity credentials: add, change, remove.
import { attempt, button, code, element, field, toast } from "./dom.js";
import * as api from "./emulator_api.js";
import { identities, identityChoice } from "./identities.js";

export class CredentialsView {
  #place = document.getElementById("credentials");
  #identity;
  #list = element("ul", { class: "cards" });
  #title = element("h2", {}, "Add a credential");
  #issuer = element("input", { name: "issuer", required: true, list: "issuers", autocomplete: "off", spellcheck: "false" });
  #subject = element("input", { name: "subject", required: true, autocomplete: "off", spellcheck: "false" });
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
      field("Subject", this.#subject, "Compared with sub"),
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
    const known = await Promise.all(all.map(({ clientId }) => api.credentials(clientId)));
    document.getElementById("credential-count").textContent = String(known.flat().length);
    this.#draw(known[all.findIndex(({ clientId }) => clientId === this.#identity.value)]);
  }

  #draw(known) {
    const rows = known.map((credential) => {
      const of = (action) => ({ class: "small", "aria-label": `${action} the credential for ${credential.subject}` });
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
          credential.subject && button("Change", () => this.#edit(credential), of("Change")),
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
    this.#audience.value = credential?.audience ?? this.#facts.audience;
    if (credential) this.#subject.focus();
  }

  #fill() {
    const claims = this.#platforms.find((platform) => platform.name === this.#platform.value)?.claims;
    if (!claims) return;
    this.#issuer.value = claims.iss;
    this.#subject.value = claims.sub;
  }

  async #submit() {
    const credential = {
      issuer: this.#issuer.value,
      subject: this.#subject.value,
      audience: this.#audience.value,
    };
    try {
      if (this.#former) await api.changeCredential(this.#identity.value, this.#former.name, credential);
      else await api.addCredential(this.#identity.value, credential);
      toast(this.#former ? "The credential is changed" : "The credential is added");
      this.#edit(undefined);
      this.stale();
    } catch (error) {
      this.#problem.textContent = error.message;
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
