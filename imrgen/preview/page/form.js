// The case as a form. Each change is made by the server in the case's text, so text and form are one
// draft. Controls are updated, not replaced: one may have the focus, or be typed in.
const by = (id) => document.getElementById(id);
const known = new Map();
let onChange = () => {};
let waiting = 0;
let faults = [];
// What was typed and has not reached the text yet, by path.
const typed = new Map();

export function followForm(watcher) {
  onChange = watcher;
}

export const hasTyped = () => typed.size > 0;

// Hands over what was typed, oldest first.
export function takeTyped() {
  clearTimeout(waiting);
  const changes = [...typed.values()];
  typed.clear();
  return changes;
}

export function forgetForm() {
  clearTimeout(waiting);
  typed.clear();
  known.clear();
  by("fields").replaceChildren();
}

// Shows the fields, or says why there are none.
export function showForm(fields) {
  by("fields").inert = !fields;
  by("form-state").textContent = fields ? "" : "The text is not valid TOML or JSON; the form is back once it is.";
  if (!fields) return;
  fill(by("fields"), fields);
  showFaults(faults);
}

const keyOf = (path) => JSON.stringify(path);

function fill(parent, fields) {
  const elements = fields.map((field) => {
    const key = keyOf(field.path);
    const signature = JSON.stringify([field.control, field.choices, field.label, field.rewrite, field.optional]);
    if (known.get(key)?.signature !== signature) known.set(key, { ...build(field), signature });
    update(known.get(key), field);
    return known.get(key).element;
  });
  const current = new Set(elements);
  [...parent.children].filter((each) => !current.has(each)).forEach((each) => each.remove());
  elements.forEach((each, at) => { if (parent.children[at] !== each) parent.insertBefore(each, parent.children[at] ?? null); });
}

function make(name, properties, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

function build(field) {
  const isGroup = ["table", "list"].includes(field.control);
  const key = keyOf(field.path);
  const id = `field-${field.path.join("-")}`;
  const fault = make("p", { className: "fault", id: `${id}-fault`, hidden: true });
  const buttons = make("span", { className: "steps" });
  if (field.control === "list") buttons.append(button(`Add ${field.label}`, `Add to ${field.label}`, { path: field.path, action: "add" }));
  if (field.optional && !isItem(field)) buttons.append(button(`Add ${field.label}`, "", { path: field.path, action: "add" }));
  if (field.optional || isItem(field)) buttons.append(button("Remove", `Remove ${field.label}`, { path: field.path, action: "remove" }));
  if (field.rewrite) buttons.append(button(`As ${field.rewrite}`, `${field.label} as ${field.rewrite}`, { path: field.path, action: "rewrite" }));
  const help = make("p", { className: "help", id: `${id}-help` });
  const element = isGroup ? buildGroup(field, help, fault, buttons) : buildControl(field, id, help, fault, buttons);
  element.dataset.path = key;
  return { element, help, fault, buttons, control: element.querySelector(":scope > .control"), parts: element.querySelector(":scope > .parts") };
}

const isItem = (field) => Number.isInteger(field.path.at(-1));

function buildGroup(field, help, fault, buttons) {
  const parts = make("div", { className: "parts" });
  if (field.path.length > 1) return make("fieldset", {}, make("legend", { textContent: field.label }), help, fault, parts, buttons);
  const title = make("summary", { textContent: field.label });
  return make("details", { open: field.given }, title, help, fault, parts, buttons);
}

function buildControl(field, id, help, fault, buttons) {
  const label = make("label", { htmlFor: id, textContent: field.label });
  if (field.required) label.append(make("small", { textContent: " required" }));
  const described = { id, className: "control", autocomplete: "off" };
  let control;
  if (field.control === "choice") {
    control = make("select", described, new Option("not given", ""), ...field.choices.map((each) => new Option(each, each)));
  } else if (field.control === "lines") {
    control = make("textarea", { ...described, rows: 3 });
  } else {
    control = make("input", { ...described, type: field.control === "date" ? "date" : "text", readOnly: field.control === "other" });
  }
  control.setAttribute("aria-describedby", `${help.id} ${fault.id}`);
  control.addEventListener(field.control === "choice" ? "change" : "input", () => {
    typed.set(keyOf(field.path), { path: field.path, action: "set", text: control.value });
    clearTimeout(waiting);
    waiting = setTimeout(onChange, field.control === "choice" ? 0 : 300);
  });
  return make("div", { className: "field" }, label, control, help, fault, buttons);
}

function button(textContent, label, change) {
  const element = make("button", { type: "button", textContent });
  if (label) element.setAttribute("aria-label", label);
  element.dataset.action = change.action;
  element.addEventListener("click", async () => {
    const list = known.get(keyOf(change.path.slice(0, -1)));
    const group = known.get(keyOf(change.path));
    const path = change.action === "add" && group.parts && group.count !== undefined ? [...change.path, group.count] : change.path;
    typed.set(keyOf(path) + change.action, { ...change, path });
    await onChange();
    // The focus goes to what is new, or to what is left.
    const shown = known.get(keyOf(path))?.element;
    const next = change.action !== "remove" && shown?.isConnected ? shown.querySelector("input, textarea, select, button") : null;
    (next ?? (element.isConnected && element.checkVisibility() ? element : [...(group?.element.isConnected ? group : list)?.buttons.children ?? []].find((each) => each.checkVisibility())))?.focus();
  });
  return element;
}

function update(entry, field) {
  const kind = field.control === "list" ? "" : field.type.replaceAll("`", "");
  if (entry.help.dataset.text !== `${kind}${field.help}`) {
    entry.help.dataset.text = `${kind}${field.help}`;
    entry.help.replaceChildren(field.help, ...(kind && kind !== "table" ? [" – ", make("span", { className: "type", textContent: kind })] : []));
    entry.help.hidden = !entry.help.textContent;
  }
  if (entry.parts) {
    entry.count = field.control === "list" ? field.parts.length : undefined;
    fill(entry.parts, field.parts);
  } else if (!typed.has(keyOf(field.path)) && entry.control.value !== field.value) {
    entry.control.value = field.value;
  }
  for (const each of entry.buttons.children) {
    each.hidden = field.optional && !isItem(field) && (each.dataset.action === "add") === field.given;
  }
}

// Puts each problem at its field, or at the nearest one around it; the rest above all.
export function showFaults(diagnostics) {
  faults = diagnostics;
  const found = new Map();
  for (const each of diagnostics.filter((one) => one.path?.length)) {
    const path = [...each.path];
    while (path.length && !known.get(keyOf(path))?.element.isConnected) path.pop();
    if (path.length) found.set(keyOf(path), [...(found.get(keyOf(path)) ?? []), each]);
  }
  for (const [key, entry] of known) {
    const here = found.get(key) ?? [];
    const text = here.map((each) => `${each.code} ${[each.message, ...each.hints].join("; ")}`).join("\n");
    if (entry.fault.textContent === text) continue;
    entry.fault.textContent = text;
    entry.fault.hidden = !text;
    entry.fault.dataset.severity = here[0]?.severity ?? "";
    const isWrong = here.some((each) => each.severity === "error");
    if (entry.control) isWrong ? entry.control.setAttribute("aria-invalid", "true") : entry.control.removeAttribute("aria-invalid");
    for (let around = entry.element.closest("details"); text && around; around = around.parentElement.closest("details")) around.open = true;
  }
}
