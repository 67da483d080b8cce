// Where words come from: the template's line, and the field of the case; and what of both is not used.
import { state } from "./state.js";
import { goTo, editorLink } from "./panel.js";
const by = (id) => document.getElementById(id);
const frame = by("letter");
const taken = {};
let origins = [];
let here = null;
let letter = by("pages");

export function showInspect(content) {
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
    const said = "CSS adds words to this PDF or moves some. Lines that are not in it just once can be pointed at as HTML only.";
    by("origin").replaceChildren(Object.assign(document.createElement("p"), { textContent: said }));
  }
  list("unused", content.unused, (each) => [each.field, each.span]);
  const branches = (taken[`${state.pack} ${state.letter}`] ??= new Set());
  const key = (each) => `${place(each.span)} ${each.kind}`;
  content.branches.filter((each) => each.taken).forEach((each) => branches.add(key(each)));
  list("branches", content.branches.filter((each) => !branches.has(key(each))), (each) => [`${each.kind} ${short(each.span)}`, each.span]);
}

function point(words) {
  if (!words || words === here) return;
  letter.querySelectorAll(".imrgen-here").forEach((each) => each.classList.remove("imrgen-here"));
  here = words;
  // What breaks over lines of a page is several stretches there.
  const parts = letter === by("pages") ? letter.querySelectorAll(`[data-origin="${words.dataset.origin}"]`) : [words];
  parts.forEach((each) => each.classList.add("imrgen-here"));
  const { span, trace, fields, places } = origins[words.dataset.origin];
  const lines = [line("Template", span), ...trace.map((each) => line("included from", each))];
  fields.forEach((field, number) => lines.push(line(`Field ${field}`, places[number] ?? places[0])));
  const edit = document.createElement("p");
  edit.append(editorLink(span.file, span.line, span.column));
  by("origin").replaceChildren(...lines, edit);
}

function line(said, span) {
  const paragraph = document.createElement("p");
  paragraph.append(`${said} `);
  if (span) {
    const button = Object.assign(document.createElement("button"), { className: "place", textContent: short(span), title: place(span) });
    button.addEventListener("click", () => { copy(place(span)); goTo(span); });
    paragraph.append(button);
  }
  return paragraph;
}

function list(id, items, describe) {
  by(`${id}-title`).dataset.count = items.length;
  by(id).replaceChildren(...items.map((item) => {
    const [said, span] = describe(item);
    const entry = document.createElement("li");
    const button = Object.assign(document.createElement("button"), { className: "place", textContent: said });
    button.addEventListener("click", () => goTo(span));
    entry.append(button);
    return entry;
  }));
}

const place = (span) => `${span.file}:${span.line}:${span.column}`;
const short = (span) => `${span.file.split("/").slice(-3).join("/")}:${span.line}`;
const copy = (said) => navigator.clipboard?.writeText(said).catch(() => {});

function move(by_) {
  const same = (one, other) => one === other || (letter === by("pages") && one.dataset.origin === other?.dataset.origin);
  const all = [...letter.querySelectorAll("[data-origin]")].filter((each, number, others) => !same(each, others[number - 1]));
  if (!all.length) return;
  const next = all[(all.findIndex((each) => same(each, here)) + by_ + all.length) % all.length];
  next.scrollIntoView({ block: "center" });
  point(next);
}
by("words-next").addEventListener("click", () => move(1));
by("words-before").addEventListener("click", () => move(-1));
