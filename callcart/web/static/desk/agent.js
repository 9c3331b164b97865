// The agent's own state: ready, paused with a reason, off. Asked of the server; what it answers is what is shown.
import {shortcut} from "../js/keys.js";
import {toast} from "../js/toast.js";
import {word} from "../js/words.js";
import {get, morph, post, Refused, settings} from "./net.js";

let mayBeReady = async () => true;

/** `check()` false: no phone or microphone; it has said so itself. */
export function beforeReady(check) {
  mayBeReady = check;
}

export function currentState() {
  return document.getElementById("state")?.dataset.state ?? "offline";
}

export async function setState(state, reason = "") {
  if (state === "ready" && !(await mayBeReady())) return;
  const held = document.activeElement?.closest?.("#state");
  try {
    const answer = await post(settings.urls.state, {state, reason});
    showState(answer.html);
    if (held) document.querySelector("#state summary")?.focus();
  } catch (error) {
    toast(error instanceof Refused ? error.message : word("failed"), "danger");
  }
}

export function showState(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const fresh = holder.content.firstElementChild;
  const old = document.getElementById("state");
  if (!fresh || !old) return;
  const open = old.querySelector("details")?.open;
  old.replaceWith(fresh);
  if (open) fresh.querySelector("details").open = true;
}

export async function refreshFigures() {
  try {
    const holder = document.createElement("div");
    holder.innerHTML = await get(settings.urls.figures);
    morph(document.getElementById("bar-figures"), holder);
  } catch { /* the next news brings them */ }
}

document.addEventListener("click", (event) => { // also in the strip of a call that was passed on
  const button = event.target.closest("[data-agent]");
  if (!button) return;
  button.closest("details")?.removeAttribute("open");
  setState(button.dataset.agent === "pause" ? "paused" : button.dataset.agent, button.dataset.reason ?? "");
});

shortcut("f6", settings.words.ready_key, () => setState("ready"), {group: settings.words.my_state});
