// The case file's text: the letter follows what is typed; the file is written only on request, and
// only if nobody else has changed it.
import { state } from "./state.js";
import { ask } from "./server.js";
import { editorLink } from "./panel.js";
const by = (id) => document.getElementById(id);
// What is known of each case that was opened here: its text on the disk, and what was typed and not
// saved. It is kept until the page is closed, and nowhere else.
const files = new Map();
let file = { case: "", text: "", digest: "", draft: null };
let pack = "";
let onDraft = () => {};
let waiting = 0;

export const draftOf = (name) => files.get(name)?.draft ?? null;

export function followDraft(watcher) {
  onDraft = watcher;
}

// Loads a file again that has changed on the disk, unless something was typed.
export async function showData(changed = false) {
  if (file.case !== state.case || !file.digest || (changed && file.draft === null)) await load();
  else if (pack !== state.pack) await listSwitches();
  pack = state.pack;
  if (state.line) goToLine(Number(state.line));
  by("data-edit").replaceChildren(editorLink(state.case, state.line || 1));
}

async function load(isAgain = false) {
  const name = state.case;
  keep();
  const known = files.get(name);
  if (known && known.draft !== null && !isAgain) {
    open(known);
    return listSwitches();
  }
  const before = by("draft").value;
  const answer = await ask("source", { case: name, pack: state.pack });
  // Text that was typed meanwhile is kept.
  if (!answer.ok || name !== state.case || (file.case === name && by("draft").value !== before)) return;
  keep();
  files.set(name, { case: name, text: answer.text, digest: answer.digest, draft: null });
  open(files.get(name));
  showSwitches(answer.switches);
}

function open(known) {
  file = known;
  const text = file.draft ?? file.text;
  if (by("draft").value !== text) by("draft").value = text;
  showState(file.draft === null ? "" : "Not saved");
}

// Typing reaches the letter after a moment; another case may be opened before that.
export function keep() {
  const text = by("draft").value;
  if (file.digest) file.draft = text === file.text ? null : text;
}

async function listSwitches() {
  const { case: name } = file;
  const answer = await ask("switches", { case: name, pack: state.pack, draft: by("draft").value });
  if (answer.ok && answer.switches.length && name === file.case) showSwitches(answer.switches);
}

function showSwitches(switches) {
  by("switches").replaceChildren(...switches.map((each) => {
    const label = document.createElement("label");
    const select = document.createElement("select");
    select.dataset.field = each.field;
    select.append(...each.values.map((value) => new Option(String(value), String(value), false, value === each.value)));
    select.addEventListener("change", async () => {
      const value = each.values[select.selectedIndex];
      const edited = file;
      const answer = await ask("switch", { case: file.case, pack: state.pack, draft: file.draft ?? file.text, path: each.path, value });
      if (edited !== file) return;
      if (!answer.ok) return showState("This value cannot be switched", "conflict");
      by("draft").value = answer.text;
      updateDraft();
      showSwitches(answer.switches);
      by("switches").querySelector(`[data-field="${CSS.escape(each.field)}"]`)?.focus();
    });
    label.append(`${each.field} `, select);
    return label;
  }));
}

function updateDraft() {
  keep();
  showState(file.draft === null ? "" : "Not saved");
  onDraft();
}

by("draft").addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    updateDraft();
    await listSwitches();
  }, 300);
});

export async function save() {
  if (file.case !== state.case) await load();
  const saved = file;
  clearTimeout(waiting);
  keep();
  const text = by("draft").value;
  const answer = await ask("save", { case: saved.case, text, digest: saved.digest });
  if (!answer.ok) return showState(answer.diagnostics?.[0]?.message ?? "The file could not be saved", "conflict");
  Object.assign(saved, { text, digest: answer.digest, draft: null });
  if (saved === file) updateDraft();
  else onDraft();
  if (file.draft === null) showState("Saved");
}
by("save").addEventListener("click", save);
by("revert").addEventListener("click", async () => {
  keep();
  if (file.draft !== null && !confirm(`Throw away what is typed in ${file.case}?`)) return;
  await load(true);
  onDraft();
});
addEventListener("beforeunload", (event) => {
  keep();
  if ([...files.values()].some((each) => each.draft !== null)) event.preventDefault();
});

function showState(message, kind = "") {
  by("data-state").textContent = message;
  by("data-state").dataset.state = kind;
}

function goToLine(line) {
  const area = by("draft");
  const start = area.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  area.setSelectionRange(start, area.value.indexOf("\n", start) < 0 ? area.value.length : area.value.indexOf("\n", start));
  area.scrollTop = Math.max(0, (line - 5) * 18.75);
  area.focus({ preventScroll: true });
}
