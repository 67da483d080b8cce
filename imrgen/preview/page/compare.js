// Two letters compared: the words, both side by side, or the pages overlaid.
import { state, change } from "./state.js";
import { ask, tab } from "./server.js";
import { put } from "./letter.js";
import { draftOf } from "./data.js";
const place = document.getElementById("compare");
let form = null;
let requests = 0;

export async function showCompare(listing) {
  if (!form) build(listing);
  form.elements.against.value = state.against;
  form.elements.mode.value = state.mode;
  const number = ++requests;
  const answer = await ask("compare", {
    tab, case: state.case, pack: state.pack, letter: state.letter, draft: draftOf(state.case), against: state.against, mode: state.mode,
  });
  if (number !== requests || answer.superseded) return;
  const result = place.querySelector(".result");
  if (!answer.ok || answer.diagnostics.length && !answer.content.words) {
    result.replaceChildren(...answer.diagnostics.map((each) => Object.assign(document.createElement("pre"), { textContent: each.report })));
    return;
  }
  ({ words, side, pages })[state.mode](result, answer.content);
}

function build(listing) {
  form = document.createElement("form");
  const against = labelled("Against", "select", "against");
  against.lastChild.append(new Option("the last save", "save"));
  for (const pack of listing.packs) if (pack.letters.length) against.lastChild.append(new Option(`pack ${pack.name}`, `pack:${pack.name}`));
  const revision = labelled("or git revision", "input", "revision");
  revision.lastChild.size = 14;
  if (state.against.startsWith("git:")) revision.lastChild.value = state.against.slice(4);
  const mode = labelled("Show", "select", "mode");
  mode.lastChild.append(new Option("words", "words"), new Option("side by side", "side"), new Option("pages overlaid", "pages"));
  form.append(against, revision, mode);
  against.addEventListener("change", () => change({ against: form.elements.against.value }));
  revision.addEventListener("change", () => change({ against: form.elements.revision.value ? `git:${form.elements.revision.value}` : "save" }));
  mode.addEventListener("change", () => change({ mode: form.elements.mode.value }));
  form.addEventListener("submit", (event) => event.preventDefault());
  const result = document.createElement("div");
  result.className = "result";
  place.replaceChildren(form, result);
}

function labelled(caption, kind, name) {
  const label = document.createElement("label");
  label.append(`${caption} `, Object.assign(document.createElement(kind), { name }));
  return label;
}

function words(result, content) {
  const text = document.createElement("div");
  text.className = "words";
  text.tabIndex = 0;
  text.setAttribute("aria-label", "Words that differ");
  const changed = content.words.some(([kind]) => kind !== "same");
  if (!changed) text.append(Object.assign(document.createElement("p"), { textContent: "No word differs." }));
  for (const [kind, run] of content.words) {
    if (kind === "same") text.append(run);
    else text.append(Object.assign(document.createElement(kind), { textContent: run }));
  }
  result.replaceChildren(text);
}

function side(result, content) {
  const both = document.createElement("div");
  both.className = "both";
  result.replaceChildren(both);
  for (const [title, html] of [["Before", content.before], ["After", content.after]]) {
    const frame = document.createElement("iframe");
    frame.title = title;
    frame.src = "frame";
    frame.setAttribute("sandbox", "allow-same-origin");
    frame.addEventListener("load", () => put(frame, html), { once: true });
    both.append(frame);
  }
}

function pages(result, content) {
  const range = Object.assign(document.createElement("input"), { type: "range", min: 0, max: 100, value: 50 });
  const label = document.createElement("label");
  label.append("Before ", range, " After");
  const sheets = [];
  for (let number = 0; number < Math.max(content.pages[0], content.pages[1]); number++) {
    const sheet = document.createElement("figure");
    sheet.className = "sheet";
    sheet.style.width = "816px";
    sheet.setAttribute("aria-label", `Page ${number + 1}, before and after`);
    content.ids.forEach((id, which) => {
      if (number >= content.pages[which]) return;
      const image = Object.assign(new Image(), { alt: "", src: `image/${id}/${number}?scale=1.333&tab=${tab}` });
      image.dataset.side = which;
      sheet.append(image);
    });
    sheets.push(sheet);
  }
  const mix = () => sheets.forEach((sheet) => sheet.querySelectorAll('[data-side="1"]').forEach((image) => { image.style.opacity = range.value / 100; }));
  range.addEventListener("input", mix);
  mix();
  result.replaceChildren(label, ...sheets);
}
