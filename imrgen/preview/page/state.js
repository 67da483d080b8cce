// The state of the view, all of which is in the address: whoever opens it sees the same.
const DEFAULTS = { case: "", pack: "", letter: "", format: "html", width: "page", zoom: "fit", side: "1", panel: "1", file: "", line: "", against: "", mode: "words", theme: "", inspect: "", keys: "", panes: "" };
const watchers = [];
export const state = { ...DEFAULTS };

export function read() {
  const query = new URLSearchParams(location.search);
  for (const name of Object.keys(DEFAULTS)) state[name] = query.get(name) ?? DEFAULTS[name];
}

export function change(parts, quietly = false) {
  const before = { ...state };
  Object.assign(state, parts);
  const changed = Object.keys(DEFAULTS).filter((name) => state[name] !== before[name]);
  if (!changed.length) return;
  const query = new URLSearchParams(Object.entries(state).filter(([name, value]) => value !== DEFAULTS[name]));
  const opened = changed.some((name) => ["case", "pack", "letter", "format"].includes(name));
  history[opened && !quietly ? "pushState" : "replaceState"](null, "", query.size ? `?${query}` : location.pathname);
  for (const watcher of watchers) watcher(changed);
}

export function follow(watcher) {
  watchers.push(watcher);
}

addEventListener("popstate", () => {
  read();
  for (const watcher of watchers) watcher(Object.keys(DEFAULTS));
});
