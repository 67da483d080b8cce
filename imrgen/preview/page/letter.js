// The letter as HTML, in a frame that runs no script; a new one takes the old one's place without losing it.
const frame = document.getElementById("letter");
const isThere = () => frame.contentDocument?.URL.endsWith("/frame") && frame.contentDocument.readyState === "complete";
let shown = "";
const ready = new Promise((resolve) => {
  if (isThere()) resolve();
  // A frame that loads once more, whatever makes it, is empty then.
  frame.addEventListener("load", () => {
    if (!isThere()) return;
    if (shown) put(frame, shown);
    resolve();
  });
});

export async function showLetter(html) {
  shown = html;
  await ready;
  put(frame, html);
}

export function put(where, html) {
  const inside = where.contentDocument;
  const place = inside.scrollingElement?.scrollTop ?? 0;
  // The frame's own parser: by the frame's policy a letter may have styles.
  const made = new where.contentWindow.DOMParser().parseFromString(html, "text/html");
  inside.documentElement.lang = made.documentElement.lang;
  inside.head.replaceChildren(...made.head.childNodes);
  inside.body.replaceWith(inside.adoptNode(made.body));
  if (inside.scrollingElement) inside.scrollingElement.scrollTop = place;
  // A letter's links lead off this machine: they are shown, and not followed.
  inside.onclick = inside.onauxclick = (event) => { if (event.target.closest?.("a")) event.preventDefault(); };
}

export function size(width, zoom) {
  frame.dataset.width = width;
  frame.style.zoom = String(zoom / 100);
}
