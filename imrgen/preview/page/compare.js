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
    // What is wrong with the letter itself stands above it already.
    const told = [...document.querySelectorAll("#error pre")].map((each) => each.textContent);
    const reports = answer.diagnostics.map((each) => each.report).filter((each) => !told.includes(each));
    result.replaceChildren(...reports.map((textContent) => Object.assign(document.createElement("pre"), { textContent })));
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
  const changes = [];
  for (const [kind, run] of content.words) {
    if (kind === "same") {
      text.append(run);
      continue;
    }
    const words = Object.assign(document.createElement(kind), { textContent: run });
    // Words that are replaced are one change.
    if (text.lastChild?.localName !== "del" || kind !== "ins") changes.push([]);
    changes.at(-1).push(words);
    text.append(words);
  }
  result.replaceChildren(steps(changes), text);
}

// How many changes there are, and buttons that go from one to the next.
function steps(changes) {
  const bar = document.createElement("div");
  bar.className = "changes";
  const count = document.createElement("span");
  count.setAttribute("role", "status");
  count.textContent = ["No word differs.", "1 change"][changes.length] ?? `${changes.length} changes`;
  bar.append(count);
  let at = -1;
  const go = (step) => {
    changes[at]?.forEach((words) => words.classList.remove("here"));
    at = at < 0 ? (step > 0 ? 0 : changes.length - 1) : (at + step + changes.length) % changes.length;
    changes[at].forEach((words) => words.classList.add("here"));
    changes[at][0].scrollIntoView({ block: "center" });
    count.textContent = `Change ${at + 1} of ${changes.length}`;
  };
  for (const [name, step] of changes.length ? [["Previous change", -1], ["Next change", 1]] : []) {
    const button = Object.assign(document.createElement("button"), { textContent: name });
    button.addEventListener("click", () => go(step));
    bar.append(button);
  }
  return bar;
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
    frame.addEventListener("load", () => {
      put(frame, html);
      frame.contentWindow.addEventListener("scroll", () => follow(frame, both));
    }, { once: true });
    both.append(frame);
  }
}

// Letters of different lengths reach their ends together.
function follow(frame, both) {
  const from = frame.contentDocument.scrollingElement;
  const part = from.scrollTop / Math.max(1, from.scrollHeight - from.clientHeight);
  for (const other of both.children) {
    const to = other.contentDocument.scrollingElement;
    const top = Math.round(part * (to.scrollHeight - to.clientHeight));
    // The frame that follows reports its scrolling, too, which ends here.
    if (other !== frame && Math.abs(to.scrollTop - top) > 2) to.scrollTop = top;
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
