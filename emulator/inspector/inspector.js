// The page: which view is shown, and the stream of events that all views follow.
import { Activity } from "./activity.js";
import { CredentialsView } from "./credentials_view.js";
import { FaultsView } from "./faults_view.js";
import { MintView } from "./mint_view.js";
import { attempt, toast } from "./dom.js";
import * as api from "./emulator_api.js";
import { EventStream } from "./event_stream.js";

const names = { activity: "Activity", credentials: "Credentials", faults: "Faults", mint: "Mint a token" };
const facts = await api.facts();
const activity = new Activity({
  replay: async (request) => {
    activity.expect(await api.exchange(request));
    location.hash = "#activity";
  },
  edit: (exchange) => {
    mint.edit(exchange);
    location.hash = "#mint";
  },
  trust: async (clientId, credential, former) => {
    await (former ? api.changeCredential(clientId, former, credential) : api.addCredential(clientId, credential));
  },
});
const credentials = new CredentialsView(facts);
const faults = new FaultsView();
const mint = new MintView(facts, activity);

function show() {
  const wanted = location.hash.slice(1);
  const name = wanted in names ? wanted : "activity";
  for (const other of Object.keys(names)) {
    document.getElementById(other).hidden = other !== name;
    const link = document.querySelector(`nav a[href="#${other}"]`);
    if (other === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${names[name]} · wif inspector`;
}

const live = document.getElementById("live");
function reload() {
  credentials.stale();
  faults.stale();
}

addEventListener("hashchange", show);
show();
new EventStream(facts, {
  state: (state, text) => {
    live.dataset.state = state;
    live.textContent = text;
  },
  event: (event) => {
    activity.add(event);
    if (event.kind === "credential" || event.kind === "management") credentials.stale();
    if (event.kind === "faults" || event.faults?.length) faults.stale();
  },
  gap: (lost) => activity.gap(lost),
  cleared: () => activity.forget(),
  restarted: () => {
    activity.forget();
    toast("Another emulator listens here now; its events follow");
  },
  resumed: reload,
});
await attempt(() => Promise.all([credentials.load(), faults.load(), mint.load()]));
document.documentElement.dataset.ready = "true";
