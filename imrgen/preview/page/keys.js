// Keyboard shortcuts; they are off while something is typed.
import { pairs } from "./panel.js";
const help = document.getElementById("help");

export function bind(keys) {
  pairs("keys", Object.fromEntries(keys.map(([key, , description]) => [key, description])));
  addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select");
    if (event.key === "Escape" && typing) return event.target.blur();
    const name = (event.ctrlKey || event.metaKey ? "Ctrl+" : "") + event.key;
    if (event.altKey || help.open || (typing && !name.startsWith("Ctrl+"))) return;
    const [, action] = keys.find(([key]) => key === name) ?? [];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

export const openHelp = () => help.showModal();
document.getElementById("help-open").addEventListener("click", openHelp);
document.getElementById("help-close").addEventListener("click", () => help.close());
