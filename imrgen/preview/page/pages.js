// The PDF's pages as images, each with invisible text above it to select, search and read aloud.
import { tab } from "./server.js";
const place = document.getElementById("pages");
let shown = "";

export async function showPages(content, zoom) {
  const scale = (96 / 72) * (zoom / 100);
  const key = `${content.id} ${zoom}`;
  if (key === shown) return;
  shown = key;
  const sheets = [...place.children];
  const figures = await Promise.all(content.pages.map((page, number) => sheet(content, page, number, scale)));
  if (key !== shown) return;
  figures.forEach((figure, number) => (sheets[number] ? sheets[number].replaceWith(figure) : place.append(figure)));
  sheets.slice(figures.length).forEach((figure) => figure.remove());
}

async function sheet(content, page, number, scale) {
  const figure = document.createElement("figure");
  figure.setAttribute("aria-label", `Page ${number + 1}`);
  figure.style.width = `${page.width * scale}px`;
  figure.style.height = `${page.height * scale}px`;
  const image = new Image();
  image.alt = "";
  image.src = `image/${content.id}/${number}?scale=${(scale * Math.min(2, devicePixelRatio)).toFixed(3)}&tab=${tab}`;
  figure.append(image);
  for (const [left, top, width, height, words] of page.lines) {
    const line = document.createElement("span");
    line.className = "line";
    line.textContent = `${words} `;
    line.style.left = `${left * scale}px`;
    line.style.top = `${top * scale}px`;
    line.style.fontSize = `${height * scale}px`;
    line.style.maxWidth = `${width * scale}px`;
    line.style.overflow = "hidden";
    figure.append(line);
  }
  for (const [left, top, width, height, origin] of page.spots ?? []) {
    const spot = document.createElement("span");
    spot.className = "spot";
    spot.dataset.origin = origin;
    spot.style.left = `${left * scale}px`;
    spot.style.top = `${top * scale}px`;
    spot.style.width = `${width * scale}px`;
    spot.style.height = `${height * scale}px`;
    figure.append(spot);
  }
  // The old page stays until the new one can be shown.
  await image.decode().catch(() => {});
  return figure;
}
