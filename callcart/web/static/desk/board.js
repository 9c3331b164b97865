// The board moves with the feed; without it, and to be sure, it asks every few seconds.
const board = document.getElementById("board");
let timer = 0;
let busy = false;

async function refresh() {
  if (busy || document.hidden) return;
  busy = true;
  try {
    const response = await fetch(board.dataset.figures, {credentials: "same-origin", headers: {"HX-Request": "true"}});
    if (response.ok) {
      const fresh = document.createElement("div");
      fresh.innerHTML = await response.text();
      window.Idiomorph.morph(board, [...fresh.childNodes], {morphStyle: "innerHTML", ignoreActiveValue: true});
    }
  } catch { /* asked again soon */ } finally { busy = false; }
}

function soon() {
  timer ||= setTimeout(() => { timer = 0; refresh(); }, 400);
}

for (const kind of ["agent.state", "queue.changed", "conversation.state"]) document.addEventListener(`callcart:${kind}`, soon);
document.addEventListener("visibilitychange", soon);
setInterval(refresh, 10000);
