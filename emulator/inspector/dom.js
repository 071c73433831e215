// Elements and text. Values become text nodes only, so that no value is ever markup.

/** Characters that change how text looks, or cannot be seen: controls, format characters, other spaces than the usual one. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

/** An element with properties and children. `on` holds listeners, `data` data attributes; other names are attributes. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") for (const [type, listener] of Object.entries(value)) made.addEventListener(type, listener);
    else if (name === "data") Object.assign(made.dataset, value);
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return made;
}

/** A button. */
export function button(text, click, properties = {}) {
  return element("button", { type: "button", ...properties, on: { click } }, text);
}

/** A character as it is shown: escaped if it cannot be seen. */
export function shownCharacter(character) {
  if (!INVISIBLE.test(character)) return character;
  if (character === "\n") return "\\n";
  if (character === "\t") return "\\t";
  return `\\u{${character.codePointAt(0).toString(16)}}`;
}

/** A sentence in a place for problems. */
export function tellProblem(place, text) {
  place.replaceChildren(...shown(text));
}

/** A value as nodes: its text, with the escapes of invisible characters marked. */
export function shown(value) {
  const nodes = [];
  let plain = "";
  for (const character of String(value)) {
    const text = shownCharacter(character);
    if (text === character) {
      plain += character;
      continue;
    }
    if (plain) nodes.push(plain);
    plain = "";
    nodes.push(element("span", { class: "escape" }, text));
  }
  if (plain) nodes.push(plain);
  return nodes;
}

/** A value in the fixed-width font. */
export function code(value, properties = {}) {
  return element("code", properties, shown(value));
}

let fields = 0;
/** A field with its label, and a hint that describes it. */
export function field(label, input, hint) {
  fields += 1;
  input.id = `field-${fields}`;
  if (hint) input.setAttribute("aria-describedby", `hint-${fields}`);
  return element(
    "div",
    { class: "field" },
    element("label", { class: "label", for: input.id }, label),
    input,
    hint && element("span", { class: "hint", id: `hint-${fields}` }, hint),
  );
}

/** A button that copies a text. */
export function copyButton(text, what) {
  return button("Copy", async () => {
    try {
      await navigator.clipboard.writeText(text);
      toast(`Copied ${what}`);
    } catch {
      toast("The browser does not allow to copy; select the text instead");
    }
  }, { class: "small", "aria-label": `Copy ${what}` });
}

let hide;
/** Shows a sentence for some seconds. Screen readers read it. */
export function toast(text, kind = "done") {
  const place = document.getElementById("toast");
  place.textContent = "";
  place.append(...shown(text));
  place.dataset.kind = kind;
  clearTimeout(hide);
  hide = setTimeout(() => (place.textContent = ""), 6000);
}

/** Runs an action of the user; what goes wrong is shown. */
export async function attempt(action) {
  try {
    return await action();
  } catch (error) {
    toast(error.message, "failed");
    return undefined;
  }
}

/** `14:03:22.117` in local time. */
export function clock(milliseconds) {
  const time = new Date(milliseconds);
  const two = (number) => String(number).padStart(2, "0");
  const fraction = String(time.getMilliseconds()).padStart(3, "0");
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${fraction}`;
}
