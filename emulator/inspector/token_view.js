// A token as people read it: header and claims, with the meaning of times.
import { code, copyButton, element } from "./dom.js";

const TIMES = ["exp", "nbf", "iat", "auth_time"];
/** The claims that decide, in the order in which people look at them. */
const FIRST = ["iss", "sub", "aud", "exp", "nbf", "iat"];

/** A card with a decoded token, or with why there is none. `heading` is the level that fits the page around it. */
export function tokenView(title, token, missing, heading = "h3") {
  if (!token) return element("section", { class: "card token" }, element(heading, {}, title), element("p", {}, missing));
  const { claims } = token;
  const names = [...FIRST.filter((name) => name in claims), ...Object.keys(claims).filter((name) => !FIRST.includes(name))];
  return element(
    "section",
    { class: "card token" },
    element(
      "div",
      { class: "card-head" },
      element(heading, {}, title),
      token.compact && copyButton(token.compact, `the ${title.toLowerCase()}`),
    ),
    rows("Header", Object.entries(token.header)),
    rows("Claims", names.map((name) => [name, claims[name]])),
    !token.own && element("p", { class: "meta" }, "Its issuer is not the emulator's, so its signature is not shown."),
  );
}

function rows(caption, entries) {
  return element(
    "table",
    {},
    element("caption", {}, caption),
    element(
      "tbody",
      {},
      entries.map(([name, value]) =>
        element(
          "tr",
          {},
          element("th", { scope: "row" }, text(name)),
          element("td", {}, text(value), " ", meaning(name, value)),
        ),
      ),
    ),
  );
}

function text(value) {
  if (value === "") return element("span", { class: "meta" }, "empty");
  return code(typeof value === "string" ? value : JSON.stringify(value));
}

/** `in 4 min`, for times. */
function meaning(name, value) {
  if (!TIMES.includes(name) || typeof value !== "number") return undefined;
  const seconds = Math.round(value - Date.now() / 1000);
  const size = Math.abs(seconds);
  const amount = size < 120 ? `${size} s` : size < 7200 ? `${Math.round(size / 60)} min` : `${Math.round(size / 3600)} h`;
  if (size < 1) return element("span", { class: "meta" }, "now");
  return element("span", { class: "meta" }, seconds < 0 ? `${amount} ago` : `in ${amount}`);
}
