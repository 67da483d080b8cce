"use strict";

const changes = [...document.querySelectorAll(".change")];
const field = (name) => document.getElementById(name);
const choices = ["kind", "template", "letter"];
const texts = new Map(changes.map((each) => [each, each.textContent.toLowerCase()]));
let current = -1;

function filter() {
  const words = field("words").value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const change of changes) {
    const fits =
      choices.every((name) => !field(name).value || change.dataset[name] === field(name).value) &&
      words.every((word) => texts.get(change).includes(word));
    change.hidden = !fits;
    count += fits;
  }
  field("count").value = `${count} of ${changes.length} shown`;
  field("none").hidden = count > 0 || changes.length === 0;
}

function go(step) {
  const shown = changes.filter((each) => !each.hidden);
  if (!shown.length) return;
  const focused = document.activeElement.closest(".change");
  const at = shown.indexOf(focused || changes[current]);
  const next = shown[Math.max(0, Math.min(shown.length - 1, at + step))];
  current = changes.indexOf(next);
  const summary = next.querySelector("summary");
  summary.focus({ preventScroll: true });
  next.scrollIntoView({ block: "start" });
}

function view(name) {
  const change = document.activeElement.closest(".change") || changes[current];
  if (!change) return;
  for (const radio of change.querySelectorAll(`input[value=${name}]`)) radio.checked = true;
}

const keys = {
  j: () => go(1),
  k: () => go(-1),
  "/": () => field("words").focus(),
  b: () => view("before"),
  a: () => view("after"),
  o: () => view("overlay"),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    for (const name of ["words", ...choices]) field(name).value = "";
    filter();
    document.activeElement.blur();
    return;
  }
  if (event.target.matches("input[type=search], select")) return;
  const action = keys[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

field("filter").addEventListener("input", filter);
field("filter").addEventListener("submit", (event) => event.preventDefault());
field("filter").hidden = changes.length === 0;
filter();
