// Shows what is open, and shows it again when it changes.
import { state, read, change, follow } from "./state.js";
import { ask, get, listen, tab } from "./server.js";
import { showLetter, size } from "./letter.js";
import { showPages } from "./pages.js";
import { showTree, showMarks, forgetMarks, setMark, step, tick, draw } from "./tree.js";
import { showProblems, showTimings, showProvenance, setEditor } from "./panel.js";
import { showSource } from "./source.js";
import { showData, draftOf, followDraft, keep, save } from "./data.js";
import { showFaults, hasTyped } from "./form.js";
import { showCompare } from "./compare.js";
import { showInspect, showBranches } from "./inspect.js";
import { bind, openHelp } from "./keys.js";

const by = (id) => document.getElementById(id);
const PANES = { "": "Form and text", form: "Form", text: "Text" };
const FORMATS = { html: "HTML", pdf: "PDF", text: "Text", data: "Data", source: "Source" };
let listing = { packs: [], cases: [], first: {} };
let revision = 0;
let known = { server: "", listing: -1 };
let requests = 0;
let last = null;
let lastCase = "";
// On a narrow screen the list lies over the letter, and the problems below it; both are closed until
// they are asked for.
const narrow = matchMedia("(max-width: 720px)");
let isListOpen = false;
let isPanelOpen = false;

async function list() {
  listing = await get("listing");
  setEditor(listing.editor);
  change({
    pack: state.pack || listing.first.pack, letter: state.letter || listing.first.letter,
    case: state.case || listing.cases[0] || "",
  }, true);
  showTree(listing);
}

async function render(changed = false) {
  const number = ++requests;
  const asked = tick();
  if (!state.case) return showProblems([], true);
  const inspecting = state.inspect && !state.against && { html: "inspect", pdf: "inspect-pages" }[state.format];
  const view = inspecting || ({ data: "html", source: "html" }[state.format] ?? state.format);
  const query = { tab, case: state.case, pack: state.pack, letter: state.letter, draft: draftOf(state.case), view };
  // Another case's letter is not left standing.
  if (lastCase !== state.case) last = null;
  lastCase = state.case;
  by("stage").classList.toggle("empty", !last);
  const slow = setTimeout(busy, 300, FORMATS[state.format]);
  let answer;
  try {
    answer = await ask("render", query);
  } catch {
    return;
  } finally {
    clearTimeout(slow);
    if (number === requests) busy("");
  }
  if (number !== requests || answer.superseded) return;
  if (!answer.ok) return showProblems(answer.diagnostics, false);
  revision = answer.revision;
  const hasLetter = Object.keys(answer.content).length > 0;
  if (hasLetter) last = answer.content;
  by("stage").classList.toggle("empty", !last);
  await showContent(changed);
  showProblems(answer.diagnostics, hasLetter);
  showFaults(answer.diagnostics);
  showTimings(answer.timings);
  showProvenance();
  document.title = `${state.case} – imrgen preview`;
  document.documentElement.dataset.revision = revision;
  mark(query.case, answer.diagnostics, asked);
}

// While a letter is made that takes a while, the one before it is dimmed.
function busy(what) {
  by("stage").setAttribute("aria-busy", Boolean(what));
  by("busy").textContent = what && `Making the letter: ${what} …`;
}

function mark(name, diagnostics, asked) {
  const severities = diagnostics.map((each) => each.severity);
  setMark(name, ["error", "warning"].find((each) => severities.includes(each)) ?? "clean", asked);
}

async function showContent(changed) {
  const content = last ?? {};
  if (state.format === "pdf" && content.pages) {
    by("download").href = `pdf/${content.id}`;
    by("download").download = content.name;
    await showPages(content, scale());
  } else if (content.html && ["html", "data"].includes(state.format)) await showLetter(content.html);
  else if (state.format === "text" && content.text) by("text").textContent = content.text;
  if (content.origins && state.inspect) showInspect(content, listing.cases);
  if (state.format === "source") await showSource(content.html ?? "", draftOf(state.case));
  if (state.format === "data") await showData(changed);
  if (state.against) await showCompare(listing);
}

function arrange() {
  const comparing = Boolean(state.against);
  const shown = (format) => !comparing && state.format === format;
  by("letter").hidden = !(shown("html") || shown("data"));
  by("pages").hidden = !shown("pdf");
  by("text").hidden = !shown("text");
  by("source").hidden = !shown("source");
  by("data").hidden = !shown("data");
  by("compare").hidden = !comparing;
  by("stage").classList.toggle("split", shown("data"));
  by("download").hidden = !shown("pdf");
  const isListed = narrow.matches ? isListOpen : state.side === "1";
  by("side").hidden = !isListed;
  by("scrim").hidden = !(narrow.matches && isListOpen);
  const isPanelShown = state.panel === "1" && (!narrow.matches || isPanelOpen || Boolean(state.inspect));
  by("panel").hidden = !isPanelShown;
  by("toggle-side").setAttribute("aria-expanded", isListed);
  by("toggle-panel").setAttribute("aria-expanded", isPanelShown);
  by("compare-toggle").setAttribute("aria-pressed", comparing);
  by("inspect").hidden = !state.inspect;
  by("inspect-toggle").setAttribute("aria-pressed", Boolean(state.inspect));
  by("width").value = state.width;
  by("zoom").value = state.zoom;
  by("text").style.zoom = state.zoom === "fit" ? 1 : Number(state.zoom) / 100;
  document.documentElement.dataset.theme = state.theme;
  by("unsaved").hidden = draftOf(state.case) === null;
  by("stage").dataset.panes = state.panes;
  for (const button of by("panes").children) button.setAttribute("aria-pressed", button.dataset.panes === state.panes);
  for (const button of by("formats").children) button.setAttribute("aria-pressed", button.dataset.format === state.format);
  size(shown("data") ? "desktop" : state.width, scale());
  draw();
}

// Percent; a sheet of paper is scaled down to fit, and never enlarged.
function scale() {
  if (state.zoom !== "fit") return Number(state.zoom);
  if (state.format === "data") return 75;
  const isSheet = state.format === "pdf" || (state.format === "html" && state.width === "page");
  return isSheet ? Math.max(30, Math.min(100, Math.floor((by("stage").clientWidth - 32) / 8.16))) : 100;
}

new ResizeObserver(() => {
  if (state.zoom !== "fit") return;
  size(state.format === "data" ? "desktop" : state.width, scale());
  if (state.format === "pdf" && last?.pages) showPages(last, scale());
}).observe(by("stage"));

function showList(isOpen) {
  if (!narrow.matches) return change({ side: isOpen ? "1" : "0" });
  const hadFocus = by("side").contains(document.activeElement);
  isListOpen = isOpen;
  arrange();
  if (isOpen) by("search").focus();
  else if (hadFocus) by("toggle-side").focus();
}
narrow.addEventListener("change", arrange);
by("scrim").addEventListener("click", () => showList(false));
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && narrow.matches && isListOpen) showList(false);
});

// The arrow keys move within the toolbar, but not out of a list of values, which they open.
by("bar").addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step || event.target.matches("select")) return;
  const all = [...by("bar").querySelectorAll("button, select, a[href]")].filter((each) => each.checkVisibility());
  all[(all.indexOf(event.target) + step + all.length) % all.length].focus();
  event.preventDefault();
});

const TOOLS = {
  side: () => showList(by("side").hidden),
  panel: () => {
    isPanelOpen = by("panel").hidden;
    change({ panel: isPanelOpen ? "1" : "0" });
    arrange();
  },
  compare: () => change({ against: state.against ? "" : "save" }),
  inspect: () => change(state.inspect ? { inspect: "" } : { inspect: "1", format: state.format === "pdf" ? "pdf" : "html", against: "", panel: "1" }),
  theme: () => change({ theme: { "": "light", light: "dark", dark: "" }[state.theme] }),
  zoom: (by) => {
    const steps = ["50", "75", "100", "125", "150", "200"];
    change({ zoom: steps[Math.min(steps.length - 1, Math.max(0, steps.indexOf(state.zoom === "fit" ? "100" : state.zoom) + by))] });
  },
};

function build() {
  for (const [format, name] of Object.entries(FORMATS)) {
    const button = Object.assign(document.createElement("button"), { textContent: name });
    button.dataset.format = format;
    button.addEventListener("click", () => change({ format, line: "", against: "" }));
    by("formats").append(button);
  }
  for (const [panes, textContent] of Object.entries(PANES)) {
    const button = Object.assign(document.createElement("button"), { textContent });
    button.dataset.panes = panes;
    button.addEventListener("click", () => change({ panes }));
    by("panes").append(button);
  }
  by("zoom").append(new Option("Fit", "fit"));
  for (const zoom of [50, 75, 100, 125, 150, 200]) by("zoom").append(new Option(`${zoom} %`, zoom));
  by("width").addEventListener("change", (event) => change({ width: event.target.value }));
  by("zoom").addEventListener("change", (event) => change({ zoom: event.target.value }));
  by("toggle-side").addEventListener("click", TOOLS.side);
  by("toggle-panel").addEventListener("click", TOOLS.panel);
  by("compare-toggle").addEventListener("click", TOOLS.compare);
  by("inspect-toggle").addEventListener("click", TOOLS.inspect);
  by("theme").addEventListener("click", TOOLS.theme);
  bind([
    ["?", openHelp, "This list"],
    ["/", () => { showList(true); by("search").focus(); }, "Search"],
    ["j", () => step(1), "Next case"],
    ["k", () => step(-1), "Previous case"],
    ...Object.entries(FORMATS).map(([format, name], number) => [String(number + 1), () => change({ format, line: "", against: "" }), name]),
    ["c", TOOLS.compare, "Compare"],
    ["i", TOOLS.inspect, "Show where words come from"],
    ["b", TOOLS.side, "Show or hide the list"],
    ["p", TOOLS.panel, "Show or hide the problems"],
    ["t", TOOLS.theme, "Light, dark, or like the system"],
    ["+", () => TOOLS.zoom(1), "Larger"],
    ["-", () => TOOLS.zoom(-1), "Smaller"],
    ["0", () => change({ zoom: "fit" }), "Fit"],
    ["Ctrl+s", () => (draftOf(state.case) !== null || hasTyped()) && save(), "Save the case file"],
  ]);
}

read();
build();
follow((changed) => {
  keep();
  if (isListOpen && changed.some((name) => ["case", "pack", "letter"].includes(name))) showList(false);
  arrange();
  const has = (...names) => changed.some((name) => names.includes(name));
  if (has("pack", "letter")) { forgetMarks(); showMarks(); }
  if (has("case", "pack", "letter", "format", "against", "mode", "inspect")) render();
  else if (has("file", "line", "zoom")) showContent(false);
});
followDraft(() => {
  arrange();
  render();
});
await list();
arrange();
await render();
let saved = null;
listen(() => revision, async (event) => {
  if (known.listing !== -1 && (event.listing !== known.listing || event.server !== known.server)) {
    await list();
    arrange();
    saved = null;
    if (state.inspect) showBranches(listing.cases);
  }
  known = event;
  if (event.place) change({ ...event.place, format: "html", against: "", panel: "1" });
  if (event.stale) await render(true);
  if (event.stale || event.saved !== saved) showMarks();
  saved = event.saved;
}, (connection) => {
  by("live").dataset.state = connection;
  by("live").textContent = connection === "live" ? "live" : "not connected";
});
