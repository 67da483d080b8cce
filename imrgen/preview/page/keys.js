// Keyboard shortcuts; they are off while something is typed.
import { pairs } from "./panel.js";
import { state, change } from "./state.js";
const help = document.getElementById("help");

export function bind(keys) {
  pairs("keys", keys.map(([key, , description]) => [key, description]));
  addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select");
    if (event.key === "Escape" && typing) return event.target.blur();
    const name = (event.ctrlKey || event.metaKey ? "Ctrl+" : "") + event.key;
    // People who speak to their computer, or hit keys by accident, switch single keys off.
    if (state.keys === "off" && !name.startsWith("Ctrl+")) return;
    if (event.altKey || help.open || (typing && !name.startsWith("Ctrl+"))) return;
    const [, action] = keys.find(([key]) => key === name) ?? [];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

const enabled = document.getElementById("keys-enabled");
enabled.addEventListener("change", () => change({ keys: enabled.checked ? "" : "off" }));

export function openHelp() {
  enabled.checked = state.keys !== "off";
  help.showModal();
}
document.getElementById("help-open").addEventListener("click", openHelp);
document.getElementById("help-close").addEventListener("click", () => help.close());
