// Packs with their letters, and cases, each with a mark.
import { state, change } from "./state.js";
import { ask, tab } from "./server.js";
const SIGNS = { clean: ["✓", "clean"], warning: ["!", "warnings"], error: ["✕", "errors"], "": ["·", "not looked at yet"] };
let listing = { packs: [], cases: [] };
let marks = {};

export function showTree(found) {
  listing = found;
  draw();
}

export async function showMarks() {
  const { pack, letter } = state;
  for (let start = 0; start < listing.cases.length; start += 20) {
    const found = await ask("marks", { tab, pack, letter, cases: listing.cases.slice(start, start + 20) });
    if (!found.ok || pack !== state.pack || letter !== state.letter) return;
    Object.assign(marks, found);
    draw();
  }
}

export function setMark(name, mark) {
  if (marks[name] === mark) return;
  marks[name] = mark;
  draw();
}

export function forgetMarks() {
  marks = {};
}

export function step(by) {
  const names = wanted(listing.cases, (name) => name);
  const at = names.indexOf(state.case);
  if (names.length) change({ case: names[(at + by + names.length) % names.length] });
}

const search = document.getElementById("search");
search.addEventListener("input", draw);

function wanted(items, named) {
  const words = search.value.toLowerCase().split(/\s+/);
  return items.filter((item) => words.every((word) => named(item).toLowerCase().includes(word)));
}

export function draw() {
  const letters = listing.packs.flatMap((pack) => pack.letters.map((letter) => ({ pack: pack.name, letter, title: pack.title })));
  fill("letters", wanted(letters, (each) => `${each.pack} ${each.letter}`), (each) => ({
    label: `${each.pack} / ${each.letter}`, title: each.title, current: each.pack === state.pack && each.letter === state.letter,
    open: () => change({ pack: each.pack, letter: each.letter, file: "", line: "" }),
  }));
  fill("cases", wanted(listing.cases, (name) => name), (name) => ({
    label: name.slice(shared()), title: name, mark: marks[name] ?? "", current: name === state.case, open: () => change({ case: name }),
  }));
}

// The folders that all cases stand in say nothing.
function shared() {
  const [first = "", ...others] = listing.cases.length > 1 ? listing.cases : [];
  const folders = first.split("/").slice(0, -1);
  while (folders.length && !others.every((name) => name.startsWith(`${folders.join("/")}/`))) folders.pop();
  return folders.length ? folders.join("/").length + 1 : 0;
}

function fill(id, items, describe) {
  const list = document.getElementById(id);
  const focused = [...list.querySelectorAll("button")].indexOf(document.activeElement);
  list.replaceChildren(...items.map((item) => {
    const { label, title, mark, current, open } = describe(item);
    const button = document.createElement("button");
    button.title = title;
    if (current) button.setAttribute("aria-current", "true");
    if (mark !== undefined) {
      const [sign, said] = SIGNS[mark];
      const span = document.createElement("span");
      span.className = "mark";
      span.dataset.mark = mark;
      span.textContent = sign;
      span.setAttribute("aria-hidden", "true");
      const unseen = document.createElement("span");
      unseen.className = "unseen";
      unseen.textContent = ` (${said})`;
      button.append(span, label, unseen);
    } else button.append(label);
    button.addEventListener("click", open);
    const entry = document.createElement("li");
    entry.append(button);
    return entry;
  }));
  if (focused >= 0) list.querySelectorAll("button")[focused]?.focus();
}
