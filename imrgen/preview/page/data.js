// The case file's text: the letter follows what is typed; the file is written only on request, and
// only if nobody else has changed it.
import { state } from "./state.js";
import { ask, tab } from "./server.js";
import { editorLink } from "./panel.js";
import { followForm, forgetForm, hasTyped, showForm, takeTyped } from "./form.js";
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
  else if (pack !== state.pack) await listForm();
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
    return listForm();
  }
  const before = by("draft").value;
  const answer = await ask("source", { case: name, pack: state.pack });
  // Text that was typed meanwhile is kept.
  if (!answer.ok || name !== state.case || (file.case === name && by("draft").value !== before)) return;
  keep();
  files.set(name, { case: name, text: answer.text, digest: answer.digest, draft: null });
  open(files.get(name));
  showForm(answer.form);
}

function open(known) {
  if (file !== known) {
    applyTyped();
    forgetForm();
  }
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

async function listForm() {
  const edited = file;
  const answer = await ask("form", { tab, case: file.case, pack: state.pack, draft: by("draft").value });
  if (edited === file && !answer.superseded) showForm(answer.ok ? answer.form : null);
}

// The form's changes are made in the text, one after the other; what is typed there meanwhile stays.
const changes = [];
let working = Promise.resolve();
followForm(applyTyped);

function applyTyped() {
  changes.push(...takeTyped().map((change) => ({ edited: file, change })));
  working = working.then(makeChanges).catch(() => showState("The form is not connected", "conflict"));
  return working;
}

async function makeChanges() {
  while (changes.length) {
    const { edited, change } = changes[0];
    // Another case may have been opened since.
    const text = () => (edited === file ? by("draft").value : edited.draft ?? edited.text);
    const draft = text();
    const answer = await ask("form", { tab, case: edited.case, pack: state.pack, draft, change });
    if (answer.superseded || text() !== draft) continue;
    changes.shift();
    if (answer.ok) put(edited, answer);
    else showState(answer.diagnostics.map((each) => [each.message, ...each.hints].join("; ")).join(" "), "conflict");
    if (!changes.length) updateDraft();
  }
}

function put(edited, { text, form }) {
  if (edited !== file) {
    edited.draft = text === edited.text ? null : text;
    return;
  }
  by("draft").value = text;
  showState("");
  showForm(form);
}

function updateDraft() {
  keep();
  if (by("data-state").dataset.state !== "conflict") showState(file.draft === null ? "" : "Not saved");
  onDraft();
}

by("draft").addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    showState("");
    updateDraft();
    await listForm();
  }, 300);
});

export async function save() {
  if (file.case !== state.case) await load();
  const saved = file;
  clearTimeout(waiting);
  await applyTyped();
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
  await applyTyped();
  keep();
  if (file.draft !== null && !confirm(`Throw away what is typed in ${file.case}?`)) return;
  await load(true);
  onDraft();
});
addEventListener("beforeunload", (event) => {
  keep();
  if (hasTyped() || changes.length || [...files.values()].some((each) => each.draft !== null)) event.preventDefault();
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
