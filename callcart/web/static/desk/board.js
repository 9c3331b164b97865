// The board moves with the feed; without it, and to be sure, it asks every few seconds. A supervisor sets states from it.
import {send} from "../js/htmx-setup.js";
import {toast} from "../js/toast.js";
import {word} from "../js/words.js";

const board = document.getElementById("board");
let timer = 0;
let busy = false;

async function refresh() {
  if (busy || document.hidden || board.querySelector("details[open]")) return; // an open menu is not pulled away
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

async function force(button) {
  const headers = {"Content-Type": "application/json"};
  const response = await send(button.closest("[data-force]").dataset.force, {headers, body: JSON.stringify({state: button.dataset.state})}).catch(() => null);
  const answer = response ? await response.json().catch(() => ({})) : {};
  if (response?.ok) toast(word("forced")); else toast(answer.message ?? word(response ? "failed" : "offline"), "warning");
  soon();
}

board.addEventListener("click", (event) => {
  const button = event.target.closest("[data-state]");
  if (button) force(button);
});
for (const kind of ["agent.state", "call.media", "queue.changed", "conversation.state"]) document.addEventListener(`callcart:${kind}`, soon);
document.addEventListener("visibilitychange", soon);
setInterval(refresh, 10000);
