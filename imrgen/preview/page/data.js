// The case file's text: the letter follows what is typed; the disk follows only when asked, and never a stale page.
import { state } from "./state.js";
import { ask } from "./server.js";
import { editorLink } from "./panel.js";
const by = (id) => document.getElementById(id);
const held = { case: "", text: "", digest: "", draft: null };
let onDraft = () => {};
let waiting = 0;

export const draftOf = (name) => (held.case === name ? held.draft : null);

export function followDraft(watcher) {
  onDraft = watcher;
}

// A file that changed on the disk is loaded again, unless something was typed.
export async function showData(changed = false) {
  if (held.case !== state.case || (changed && by("draft").value === held.text) || !held.digest) await load();
  if (state.line) goToLine(Number(state.line));
  by("data-edit").replaceChildren(editorLink(state.case, state.line || 1));
}

async function load() {
  const name = state.case;
  const before = by("draft").value;
  const found = await ask("source", { case: name });
  // What was typed meanwhile is kept.
  if (!found.ok || name !== state.case || by("draft").value !== before) return;
  Object.assign(held, { case: name, text: found.text, digest: found.digest, draft: null });
  if (by("draft").value !== found.text) by("draft").value = found.text;
  showSwitches(found.switches);
  say("");
}

function showSwitches(switches) {
  by("switches").replaceChildren(...switches.map((each) => {
    const label = document.createElement("label");
    const select = document.createElement("select");
    select.dataset.field = each.field;
    select.append(...each.values.map((value) => new Option(String(value), String(value), false, value === each.value)));
    select.addEventListener("change", async () => {
      const value = each.values[select.selectedIndex];
      const found = await ask("switch", { case: held.case, draft: held.draft ?? held.text, path: each.path, value });
      if (!found.ok) return say("This value cannot be switched", "conflict");
      by("draft").value = found.text;
      typed();
      showSwitches(found.switches);
      by("switches").querySelector(`[data-field="${CSS.escape(each.field)}"]`)?.focus();
    });
    label.append(`${each.field} `, select);
    return label;
  }));
}

function typed() {
  const text = by("draft").value;
  held.draft = text === held.text ? null : text;
  say(held.draft === null ? "" : "Not saved");
  onDraft();
}

by("draft").addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    typed();
    const found = await ask("switches", { case: held.case, draft: by("draft").value });
    if (found.ok && found.switches.length) showSwitches(found.switches);
  }, 300);
});

export async function save() {
  clearTimeout(waiting);
  const text = by("draft").value;
  const found = await ask("save", { case: held.case, text, digest: held.digest });
  if (!found.ok) return say(found.diagnostics?.[0]?.message ?? "The file could not be saved", "conflict");
  Object.assign(held, { text, digest: found.digest, draft: null });
  say("Saved");
  onDraft();
}
by("save").addEventListener("click", save);
by("revert").addEventListener("click", async () => { await load(); onDraft(); });
addEventListener("beforeunload", (event) => { if (held.draft !== null) event.preventDefault(); });

function say(message, kind = "") {
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
