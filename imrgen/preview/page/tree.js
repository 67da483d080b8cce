// The packs with their letters, and the cases, each with a mark.
import { state, change } from "./state.js";
import { ask, tab } from "./server.js";
import { draftOf } from "./data.js";
const SIGNS = { clean: ["✓", "clean"], warning: ["!", "warnings"], error: ["✕", "errors"], "": ["·", "not checked yet"] };
let listing = { packs: [], cases: [] };
let marks = {};
// The cases that are being checked again, and the number of the check.
let pending = new Set();
let checks = 0;
// When each mark was asked for: of two answers the one that was asked for later holds.
let askedAt = {};
let clock = 0;

export function showTree(current) {
  listing = current;
  draw();
}

// Checks all cases, the open one first; a check that is begun later replaces this one.
export async function showMarks() {
  const { pack, letter } = state;
  const number = ++checks;
  // Of a case with unsaved text the mark is that of the letter that is shown.
  const cases = listing.cases.filter((name) => draftOf(name) === null).sort((one, other) => (other === state.case) - (one === state.case));
  pending = new Set(cases.filter((name) => marks[name]));
  draw();
  for (let start = 0; start < cases.length; start += 20) {
    const asked = tick();
    const { ok, status, superseded, ...found } = await ask("marks", { tab, pack, letter, cases: cases.slice(start, start + 20) }).catch(() => ({}));
    if (number !== checks || !(ok || superseded)) return;
    // The check before this one went on to its next case meanwhile.
    if (superseded) start -= 20;
    else for (const [name, mark] of Object.entries(found)) setMark(name, mark, asked);
  }
}

export const tick = () => ++clock;

export function setMark(name, mark, asked) {
  if (askedAt[name] > asked) return;
  askedAt[name] = asked;
  if (marks[name] === mark && !pending.has(name)) return;
  pending.delete(name);
  marks[name] = mark;
  draw();
}

export function forgetMarks() {
  marks = {};
  askedAt = {};
}

export function step(by) {
  const names = matching(listing.cases, (name) => name);
  const at = names.indexOf(state.case);
  if (names.length) change({ case: names[(at + by + names.length) % names.length] });
}

const search = document.getElementById("search");
search.addEventListener("input", draw);

function matching(items, named) {
  const words = search.value.toLowerCase().split(/\s+/);
  return items.filter((item) => words.every((word) => named(item).toLowerCase().includes(word)));
}

export function draw() {
  const letters = listing.packs.flatMap((pack) => pack.letters.map((letter) => ({ pack: pack.name, letter, title: pack.title })));
  fill("letters", matching(letters, (each) => `${each.pack} ${each.letter}`), (each) => ({
    key: `${each.pack} / ${each.letter}`, label: `${each.pack} / ${each.letter}`, title: each.title, current: each.pack === state.pack && each.letter === state.letter,
    open: () => change({ pack: each.pack, letter: each.letter, file: "", line: "" }),
  }));
  fill("cases", matching(listing.cases, (name) => name), (name) => ({
    key: name, label: name.slice(sharedLength()), title: name, mark: marks[name] ?? "", pending: pending.has(name), unsaved: draftOf(name) !== null, current: name === state.case, open: () => change({ case: name }),
  }));
}

// The folders that all cases have in common are not shown.
function sharedLength() {
  const [first = "", ...others] = listing.cases.length > 1 ? listing.cases : [];
  const folders = first.split("/").slice(0, -1);
  while (folders.length && !others.every((name) => name.startsWith(`${folders.join("/")}/`))) folders.pop();
  return folders.length ? folders.join("/").length + 1 : 0;
}

// Entries are updated, not replaced: one that is replaced while it is pressed gets no click.
const known = { letters: new Map(), cases: new Map() };

function fill(id, items, describe) {
  const list = document.getElementById(id);
  const entries = items.map((item) => {
    const description = describe(item);
    const { key, open } = description;
    if (!known[id].has(key)) known[id].set(key, entry(open));
    return update(known[id].get(key), description);
  });
  const current = new Set(entries);
  [...list.children].filter((each) => !current.has(each)).forEach((each) => each.remove());
  entries.forEach((each, at) => { if (list.children[at] !== each) list.insertBefore(each, list.children[at] ?? null); });
}

function entry(open) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.addEventListener("click", open);
  item.append(button);
  return item;
}

function update(item, { label, title, mark, pending, unsaved, current }) {
  const button = item.firstElementChild;
  const content = JSON.stringify([label, title, mark, pending, unsaved, current]);
  if (item.dataset.content === content) return item;
  item.dataset.content = content;
  button.title = title;
  current ? button.setAttribute("aria-current", "true") : button.removeAttribute("aria-current");
  if (mark === undefined) button.textContent = label;
  else button.replaceChildren(...marked(mark, pending, unsaved, label));
  return item;
}

function marked(mark, pending, unsaved, label) {
  const [sign, meaning] = SIGNS[mark];
  const span = Object.assign(document.createElement("span"), { className: "mark", textContent: sign });
  span.dataset.mark = mark;
  span.dataset.pending = pending;
  span.setAttribute("aria-hidden", "true");
  const state = [meaning, ...(pending ? ["being checked again"] : [])].join(", ");
  const unseen = Object.assign(document.createElement("span"), { className: "unseen", textContent: ` (${state})` });
  const badge = Object.assign(document.createElement("small"), { className: "unsaved", textContent: "unsaved" });
  return [span, label, unseen, ...(unsaved ? [badge] : [])];
}
