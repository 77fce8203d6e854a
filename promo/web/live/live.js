// Follows the server's news: fetches what is new, changes only what differs, and shows the spot of a finding.
"use strict";

let wanted = 0;
let running = false;

async function refresh() {
  wanted += 1;
  if (running) return;
  running = true;
  while (wanted) {
    wanted = 0;
    try {
      const answer = await fetch("/view");
      if (answer.ok) await show(new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("view"));
    } catch { /* the news will say when the server is back */ }
  }
  running = false;
}

async function show(fresh) {
  const view = document.getElementById("view");
  const figures = [...fresh.querySelectorAll("figure")];
  const changed = figures.filter((figure) => document.getElementById(figure.id)?.dataset.mark !== figure.dataset.mark);
  await Promise.all(changed.flatMap((figure) => [...figure.querySelectorAll("img")]).map(ready));
  const shown = new Map([...view.querySelectorAll("img")].map((image) => [image.closest("figure").id, image.src]));
  for (const figure of figures) {
    const old = document.getElementById(figure.id);
    const image = figure.querySelector("img");
    if (old && old.dataset.mark === figure.dataset.mark) figure.replaceWith(document.adoptNode(old));
    else if (image && shown.has(figure.id) && shown.get(figure.id) !== image.src) figure.classList.add("new");
  }
  view.replaceWith(document.adoptNode(fresh));
  document.title = fresh.querySelector("strong").textContent;
}

// A picture is decoded before it takes the place of the old one: nothing flashes.
async function ready(image) {
  const copy = new Image();
  copy.src = image.src;
  await copy.decode().catch(() => {});
}

function point(event) {
  const line = event.target.closest?.("li[data-spot]");
  for (const spot of document.querySelectorAll("rect.on")) spot.classList.remove("on");
  line?.closest("figure").querySelector(`rect[data-spot="${line.dataset.spot}"]`)?.classList.add("on");
}

document.addEventListener("mouseover", point);

const news = new EventSource("/news");
news.onmessage = () => {
  document.body.classList.remove("lost");
  refresh();
};
news.onerror = () => document.body.classList.add("lost");
