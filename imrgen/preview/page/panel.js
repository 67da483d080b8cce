// The problems, each with a link to its place; provenance; timings; and errors above the last letter.
import { state, change } from "./state.js";
import { ask, tab } from "./server.js";
const by = (id) => document.getElementById(id);
const GROUPS = { schema: "Schema", checks: "Checks", template: "Template", accessibility: "Accessibility and PDF", preview: "Preview" };
let editor = { url: "", folder: "" };
let shown = "";

export function setEditor(settings) {
  editor = settings;
}

// A link for the browser, or a button that makes the server run a command.
export function editorLink(file, line = 1, column = 1) {
  const textContent = "Open in the editor";
  if (editor.url) {
    const parts = { file: encodeURI(/^(\/|\w:)/.test(file) ? file : `${editor.folder}/${file}`), line, column };
    return Object.assign(document.createElement("a"), { textContent, href: editor.url.replace(/\{(\w+)\}/g, (_, name) => parts[name] ?? "") });
  }
  const button = Object.assign(document.createElement("button"), { textContent });
  button.addEventListener("click", async () => {
    const answer = await ask("open", { file, line: Number(line), column: Number(column) });
    button.textContent = answer.ok ? textContent : answer.diagnostics[0].message;
  });
  return button;
}

export function showProblems(diagnostics, hasLetter) {
  const errors = diagnostics.filter((each) => each.severity === "error");
  by("count").textContent = diagnostics.length ? `(${diagnostics.length})` : "";
  by("toggle-panel").textContent = diagnostics.length ? `Problems ${diagnostics.length}` : "Problems";
  const key = JSON.stringify([diagnostics, hasLetter]);
  by("stage").classList.toggle("old", !hasLetter);
  // An unchanged list is left alone: an entry may have the keyboard's focus.
  if (key === shown) return;
  shown = key;
  // What keeps the letter from being made stands above it, and is not listed once more.
  const listed = hasLetter ? diagnostics : diagnostics.filter((each) => !errors.includes(each));
  by("problems").replaceChildren(...(listed.length ? Object.keys(GROUPS).flatMap((name) => group(name, listed)) : [diagnostics.length ? "Above the letter." : "None."]));
  by("error").hidden = hasLetter;
  by("error").replaceChildren(...(hasLetter ? [] : errors.map((each) => {
    const button = document.createElement("button");
    button.append(Object.assign(document.createElement("pre"), { textContent: each.report }));
    button.addEventListener("click", () => goTo(each.span));
    return button;
  })));
}

function group(name, diagnostics) {
  const entries = diagnostics.filter((each) => each.group === name).map(entry);
  if (!entries.length) return [];
  const title = Object.assign(document.createElement("h3"), { id: `problems-${name}`, textContent: `${GROUPS[name]} (${entries.length})` });
  const list = document.createElement("ol");
  list.setAttribute("aria-labelledby", title.id);
  list.append(...entries);
  return [title, list];
}

function entry(each) {
  const item = document.createElement("li");
  item.dataset.severity = each.severity;
  const button = document.createElement("button");
  const code = Object.assign(document.createElement("b"), { textContent: `${each.code} ` });
  const message = `${each.field ? `${each.field}: ` : ""}${[each.message, ...each.hints].join("; ")}`;
  const where = Object.assign(document.createElement("small"), { textContent: each.span ? ` ${each.span.file}:${each.span.line}:${each.span.column}` : "" });
  button.append(code, message, where);
  button.addEventListener("click", () => goTo(each.span));
  item.append(button);
  return item;
}

export function goTo(span) {
  if (!span) return;
  if (span.file === state.case) change({ format: "data", line: String(span.line) });
  else change({ format: "source", file: span.file, line: String(span.line) });
}

export function showTimings(timings) {
  const total = Object.values(timings).reduce((sum, each) => sum + each, 0);
  pairs("timings", { ...Object.fromEntries(Object.entries(timings).map(([name, each]) => [name, `${each.toFixed(1)} ms`])), all: `${total.toFixed(1)} ms` });
}

export async function showProvenance() {
  if (!by("more").open || !state.case) return;
  const query = { tab, case: state.case, pack: state.pack, letter: state.letter };
  const { ok, status, ...parts } = await ask("provenance", query);
  pairs("provenance", ok ? parts : {});
}
by("more").addEventListener("toggle", showProvenance);

export function pairs(id, parts) {
  by(id).replaceChildren(...(Array.isArray(parts) ? parts : Object.entries(parts)).flatMap(([name, value]) => [
    Object.assign(document.createElement("dt"), { textContent: name }),
    Object.assign(document.createElement("dd"), { textContent: value }),
  ]));
}
