// The letter's HTML, or a file of the pack, with the line that something is about.
import { state, change } from "./state.js";
import { ask } from "./server.js";
import { editorLink } from "./panel.js";
const by = (id) => document.getElementById(id);

export async function showSource(html) {
  const asked = state.file.startsWith("/") || state.file.includes("\\") ? { path: state.file } : { file: state.file };
  const found = await ask("source", { pack: state.pack, path: state.file, file: asked.file ?? "" });
  const files = ["", ...(found.files ?? [])];
  by("source-file").replaceChildren(...files.map((name) => new Option(name || "The letter's HTML", name, false, name === (found.file ?? ""))));
  const text = found.file ? found.text : html;
  by("source-edit").replaceChildren(...(found.path ? [editorLink(found.path, state.line || 1)] : []));
  by("source-lines").replaceChildren(...text.split("\n").map((line, number) => {
    const item = document.createElement("li");
    item.textContent = line || " ";
    if (String(number + 1) === state.line) item.className = "here";
    return item;
  }));
  by("source-lines").querySelector(".here")?.scrollIntoView({ block: "center" });
}
by("source-file").addEventListener("change", (event) => change({ file: event.target.value, line: "" }));
