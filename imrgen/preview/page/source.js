// The letter's HTML, or a file of the pack, with a line highlighted.
import { state, change } from "./state.js";
import { ask } from "./server.js";
import { editorLink } from "./panel.js";
const by = (id) => document.getElementById(id);

export async function showSource(html) {
  const isPath = state.file.startsWith("/") || state.file.includes("\\");
  const source = await ask("source", { pack: state.pack, path: state.file, file: isPath ? "" : state.file });
  const files = ["", ...(source.files ?? [])];
  by("source-file").replaceChildren(...files.map((name) => new Option(name || "The letter's HTML", name, false, name === (source.file ?? ""))));
  const text = source.file ? source.text : html;
  by("source-edit").replaceChildren(...(source.path ? [editorLink(source.path, state.line || 1)] : []));
  by("source-lines").replaceChildren(...text.split("\n").map((line, number) => {
    const item = document.createElement("li");
    item.textContent = line || " ";
    if (String(number + 1) === state.line) item.className = "here";
    return item;
  }));
  by("source-lines").querySelector(".here")?.scrollIntoView({ block: "center" });
}
by("source-file").addEventListener("change", (event) => change({ file: event.target.value, line: "" }));
