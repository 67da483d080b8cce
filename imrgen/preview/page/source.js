// The letter's HTML, the case file, or a file of the pack, with a line highlighted.
import { state, change } from "./state.js";
import { ask, tab } from "./server.js";
import { editorLink } from "./panel.js";
const by = (id) => document.getElementById(id);
const CASE = "case file";

export async function showSource(html, draft) {
  const isCase = state.file === CASE;
  const isPath = state.file.startsWith("/") || state.file.includes("\\");
  const source = await ask("source", { pack: state.pack, path: isCase ? "" : state.file, file: isPath || isCase ? "" : state.file });
  const files = [["The letter's HTML", ""], ["The case file", CASE], ...(source.files ?? []).map((name) => [name, name])];
  const shown = isCase ? CASE : source.file ?? "";
  by("source-file").replaceChildren(...files.map(([label, name]) => new Option(label, name, false, name === shown)));
  let text = source.file ? source.text : html;
  if (isCase) text = draft ?? (await ask("source", { case: state.case, pack: state.pack })).text ?? "";
  const place = isCase ? state.case : source.path;
  by("source-edit").replaceChildren(...(place ? [editorLink(place, state.line || 1)] : []));
  by("source-lines").replaceChildren(...(await colored(text, isCase ? state.case : shown)).map((tokens, number) => {
    const item = document.createElement("li");
    item.append(...tokens.map(([token, part]) => (token ? Object.assign(document.createElement("span"), { className: `token ${token}`, textContent: part }) : part)));
    if (!tokens.length) item.textContent = " ";
    if (String(number + 1) === state.line) item.className = "here";
    return item;
  }));
  by("source-lines").querySelector(".here")?.scrollIntoView({ block: "center" });
}

// The lines of a text, each as parts with what they are; of another language than TOML and JSON, as
// they stand.
async function colored(text, name) {
  const kind = /\.json$/i.test(name) || (name === state.case && /^\s*\{/.test(text) && !/\.toml$/i.test(name)) ? "json" : "toml";
  if (name === state.case || /\.(toml|json)$/i.test(name)) {
    const answer = await ask("highlight", { tab, text, kind });
    if (answer.ok) return answer.lines;
  }
  return text.split("\n").map((line) => (line ? [["", line]] : []));
}
by("source-file").addEventListener("change", (event) => change({ file: event.target.value, line: "" }));
