// A wall display: asks for its figures every few seconds, says when it cannot, and goes on trying for ever. F, or the button: full screen.
import "../js/dates.js";

const wall = document.getElementById("wall");
const lost = document.getElementById("wall-lost");
const full = document.getElementById("wall-full");
const EVERY = 3000;
const LATER = 15000; // ms between attempts that fail, at most
let failed = 0;

async function refresh() {
  let wait = EVERY;
  try {
    const response = await fetch(wall.dataset.figures, {credentials: "omit", cache: "no-store"});
    if (response.status === 404) { over(); return; }
    if (!response.ok) throw new Error(String(response.status));
    const fresh = document.createElement("div");
    fresh.innerHTML = await response.text();
    window.Idiomorph.morph(wall, [...fresh.childNodes], {morphStyle: "innerHTML"});
    failed = 0;
    lost.hidden = true;
  } catch {
    failed += 1;
    wait = Math.min(LATER, EVERY * failed);
    if (failed > 1) { lost.textContent = lost.dataset.lost; lost.hidden = false; }
  }
  setTimeout(refresh, wait);
}

/** Withdrawn: nothing is left on the screen, and it is asked for seldom, should it have been the server's mistake. */
function over() {
  wall.replaceChildren();
  lost.textContent = lost.dataset.over;
  lost.hidden = false;
  setTimeout(() => location.reload(), 300000);
}

full.addEventListener("click", () => {
  if (document.fullscreenElement) document.exitFullscreen(); else document.documentElement.requestFullscreen().catch(() => {});
});
setTimeout(refresh, EVERY);
