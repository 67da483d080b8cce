// Where words come from: the template's line and the field of the case; and what is not used of both.
import { state } from "./state.js";
import { ask, tab } from "./server.js";
import { goTo, editorLink } from "./panel.js";
const by = (id) => document.getElementById(id);
const frame = by("letter");
const MOST_CASES = 200;
let origins = [];
let own = [];
let requests = 0;
let selected = null;
let letter = by("pages");

export function showInspect(content, cases) {
  origins = content.origins;
  letter = by("pages");
  if (content.html) {
    const inside = frame.contentDocument;
    const style = inside.createElement("style");
    style.textContent = ".imrgen-here { background: #ffe08a; outline: 1px solid #b98900; } [data-origin] { cursor: pointer; }";
    inside.head.append(style);
    letter = inside.body;
  }
  letter.onmouseover = (event) => point(event.target.closest?.("[data-origin]"));
  letter.onclick = (event) => {
    const words = event.target.closest?.("[data-origin]");
    if (words) copy(place(origins[words.dataset.origin].span));
  };
  if (content.whole === false) {
    const textContent = "CSS adds or moves words in this PDF. Lines that do not occur exactly once can be inspected in HTML only.";
    by("origin").replaceChildren(Object.assign(document.createElement("p"), { textContent }));
  }
  if (state.line) reveal(state.file, Number(state.line));
  list("unused", content.unused, (each) => [each.field, each.span]);
  own = content.branches;
  showBranches(cases);
}

// The other cases are requested a few at a time; the list gets shorter meanwhile.
export async function showBranches(cases) {
  const number = ++requests;
  const known = new Map();
  const others = cases.filter((name) => name !== state.case).slice(0, MOST_CASES - 1);
  let checked = 1;
  let failed = 0;
  const show = (found) => {
    for (const each of found) {
      const key = `${place(each.span)} ${each.kind}`;
      known.set(key, { ...each, taken: each.taken || known.get(key)?.taken });
    }
    list("branches", [...known.values()].filter((each) => !each.taken), (each) => [`${each.kind} ${short(each.span)}`, each.span]);
    by("branches-of").textContent = `${checked} of ${cases.length} cases checked${failed ? `, ${failed} without a letter` : ""}`;
  };
  show(own);
  for (let start = 0; start < others.length; start += 10) {
    const { ok, status, superseded, ...found } = await ask("branches", { tab, pack: state.pack, letter: state.letter, cases: others.slice(start, start + 10) }).catch(() => ({}));
    if (number !== requests || !(ok || superseded)) return;
    if (superseded) {
      start -= 10;
      continue;
    }
    checked += Object.keys(found).length;
    failed += Object.values(found).filter((each) => !each).length;
    show(Object.values(found).flatMap((each) => each ?? []));
  }
}

function point(words) {
  if (!words || words === selected) return;
  letter.querySelectorAll(".imrgen-here").forEach((each) => each.classList.remove("imrgen-here"));
  selected = words;
  // Words that are broken over the lines of a page are several spots.
  const parts = letter === by("pages") ? letter.querySelectorAll(`[data-origin="${words.dataset.origin}"]`) : [words];
  parts.forEach((each) => each.classList.add("imrgen-here"));
  const { span, trace, fields, places } = origins[words.dataset.origin];
  const lines = [line("Template", span), ...trace.map((each) => line("included from", each))];
  fields.forEach((field, number) => lines.push(line(`Field ${field}`, places[number] ?? places[0])));
  const edit = document.createElement("p");
  edit.append(editorLink(span.file, span.line, span.column));
  by("origin").replaceChildren(...lines, edit);
}

// Shows the words that come from a line of a template or of the case, or from the last one before it.
function reveal(file, line) {
  let best = null;
  origins.forEach(({ span, places }, number) => {
    for (const each of [span, ...places]) {
      if (each?.file === file && each.line <= line && each.line > (best?.line ?? 0)) best = { number, line: each.line };
    }
  });
  const words = best && letter.querySelector(`[data-origin="${best.number}"]`);
  words?.scrollIntoView({ block: "center" });
  point(words);
}

function line(caption, span) {
  const paragraph = document.createElement("p");
  paragraph.append(`${caption} `);
  if (span) {
    const button = Object.assign(document.createElement("button"), { className: "place", textContent: short(span), title: place(span) });
    button.addEventListener("click", () => { copy(place(span)); goTo(span); });
    paragraph.append(button);
  }
  return paragraph;
}

function list(id, items, describe) {
  by(`${id}-title`).dataset.count = `(${items.length})`;
  by(id).replaceChildren(...items.map((item) => {
    const [textContent, span] = describe(item);
    const entry = document.createElement("li");
    const button = Object.assign(document.createElement("button"), { className: "place", textContent });
    button.addEventListener("click", () => goTo(span));
    entry.append(button);
    return entry;
  }));
}

const place = (span) => `${span.file}:${span.line}:${span.column}`;
const short = (span) => `${span.file.split("/").slice(-3).join("/")}:${span.line}`;
const copy = (text) => navigator.clipboard?.writeText(text).catch(() => {});

function move(step) {
  const same = (one, other) => one === other || (letter === by("pages") && one.dataset.origin === other?.dataset.origin);
  const all = [...letter.querySelectorAll("[data-origin]")].filter((each, number, others) => !same(each, others[number - 1]));
  if (!all.length) return;
  const next = all[(all.findIndex((each) => same(each, selected)) + step + all.length) % all.length];
  next.scrollIntoView({ block: "center" });
  point(next);
}
by("words-next").addEventListener("click", () => move(1));
by("words-before").addEventListener("click", () => move(-1));
