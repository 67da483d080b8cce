// The packs with their letters, and the cases, each with a mark.
import { state, change } from "./state.js";
import { ask, tab } from "./server.js";
const SIGNS = { clean: ["✓", "clean"], warning: ["!", "warnings"], error: ["✕", "errors"], "": ["·", "not checked yet"] };
let listing = { packs: [], cases: [] };
let marks = {};
// When each mark was asked for: of two answers the one that was asked for later holds.
let askedAt = {};
let clock = 0;

export function showTree(current) {
  listing = current;
  draw();
}

export async function showMarks() {
  const { pack, letter } = state;
  for (let start = 0; start < listing.cases.length; start += 20) {
    const asked = tick();
    const { ok, status, ...found } = await ask("marks", { tab, pack, letter, cases: listing.cases.slice(start, start + 20) });
    if (!ok || pack !== state.pack || letter !== state.letter) return;
    for (const [name, mark] of Object.entries(found)) setMark(name, mark, asked);
  }
}

export const tick = () => ++clock;

export function setMark(name, mark, asked) {
  if (askedAt[name] > asked) return;
  askedAt[name] = asked;
  if (marks[name] === mark) return;
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
    key: name, label: name.slice(sharedLength()), title: name, mark: marks[name] ?? "", current: name === state.case, open: () => change({ case: name }),
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

function update(item, { label, title, mark, current }) {
  const button = item.firstElementChild;
  const content = JSON.stringify([label, title, mark, current]);
  if (item.dataset.content === content) return item;
  item.dataset.content = content;
  button.title = title;
  current ? button.setAttribute("aria-current", "true") : button.removeAttribute("aria-current");
  if (mark === undefined) button.textContent = label;
  else button.replaceChildren(...marked(mark, label));
  return item;
}

function marked(mark, label) {
  const [sign, meaning] = SIGNS[mark];
  const span = Object.assign(document.createElement("span"), { className: "mark", textContent: sign });
  span.dataset.mark = mark;
  span.setAttribute("aria-hidden", "true");
  return [span, label, Object.assign(document.createElement("span"), { className: "unseen", textContent: ` (${meaning})` })];
}
