// The letter as HTML, in a frame that runs no script; a new letter keeps the scroll position.
const frame = document.getElementById("letter");
const isReady = () => frame.contentDocument?.URL.endsWith("/frame") && frame.contentDocument.readyState === "complete";
let shown = "";
const ready = new Promise((resolve) => {
  if (isReady()) resolve();
  // A frame that is loaded again, for whatever reason, is empty.
  frame.addEventListener("load", () => {
    if (!isReady()) return;
    if (shown) put(frame, shown);
    resolve();
  });
});

export async function showLetter(html) {
  shown = html;
  await ready;
  put(frame, html);
}

export function put(frame, html) {
  const inside = frame.contentDocument;
  const place = inside.scrollingElement?.scrollTop ?? 0;
  // Parsed in the frame, whose policy allows a letter's styles.
  const letter = new frame.contentWindow.DOMParser().parseFromString(html, "text/html");
  inside.documentElement.lang = letter.documentElement.lang;
  inside.head.replaceChildren(...letter.head.childNodes);
  inside.body.replaceWith(inside.adoptNode(letter.body));
  if (inside.scrollingElement) inside.scrollingElement.scrollTop = place;
  // A letter's links lead off this machine: they are shown, but not followed.
  inside.onclick = inside.onauxclick = (event) => { if (event.target.closest?.("a")) event.preventDefault(); };
}

export function size(width, zoom) {
  frame.dataset.width = width;
  frame.style.zoom = String(zoom / 100);
}
