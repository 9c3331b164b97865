// A second person on the line, and passing the call on: the dialog that chooses to whom, and the steps while they are there. What is
// done is done by the voice process, which tells it by the feed.
import {toast} from "../js/toast.js";
import {word} from "../js/words.js";
import {announce, get, post, Refused, settings} from "./net.js";

const dialog = document.getElementById("pass-on");
const KNOWN = new Set(["busy", "timed_out", "no_answer", "rejected", "unreachable", "limit", "no_such_number", "failed", "ended"]);
let changed = () => {};

export function onChange(callback) {
  changed = callback;
}

function say(error) {
  toast(error instanceof Refused ? error.message : word("offline"), "warning");
  if (error instanceof Refused && error.status === 409) changed();
}

async function openDialog(address) {
  try {
    dialog.innerHTML = await get(address);
    if (!dialog.open) dialog.showModal();
    (dialog.querySelector("[data-to]:not([disabled])") ?? dialog.querySelector("[data-close]"))?.focus();
  } catch (error) { say(error); }
}

function showProblem(error) {
  const field = error.fields?.number;
  const place = dialog.querySelector(field ? "[data-number-error]" : "[data-pass-on-error]");
  if (!place) { say(error); return; }
  place.textContent = field ?? error.message;
  place.hidden = false;
  if (field) document.getElementById("pass-on-number").focus();
}

async function passOn(button) {
  for (const each of dialog.querySelectorAll("[data-number-error], [data-pass-on-error]")) each.hidden = true;
  const body = {to: button.dataset.to, id: button.dataset.id ?? "", ask: button.dataset.ask === "1", number: document.getElementById("pass-on-number")?.value ?? ""};
  button.setAttribute("aria-busy", "true");
  try {
    await post(dialog.querySelector("[data-pass-on-to]").dataset.passOnTo, body);
    dialog.close();
  } catch (error) {
    if (error instanceof Refused) showProblem(error); else say(error);
    if (error instanceof Refused && error.status === 409) changed();
  } finally { button.removeAttribute("aria-busy"); }
}

async function step(name) {
  const id = document.querySelector("#strip [data-conversation-id]")?.dataset.conversationId;
  if (!id) return;
  try { await post(`${settings.urls.conversation}${id}/call/${name}`); } catch (error) { say(error); }
}

/** What the voice process says of the second person: calling, in, out, ended, completed; and why. */
export function told({state, why}) {
  if (state === "completed") { announce(word("second_completed")); toast(word("second_completed"), "info"); }
  if (state === "ended" && KNOWN.has(why)) toast(word(`second_${why}`), why === "ended" ? "info" : "warning");
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("#strip [data-pass-on]");
  if (opener) openDialog(opener.dataset.passOn);
  const choice = event.target.closest("#pass-on [data-to]");
  if (choice) passOn(choice);
  const wished = event.target.closest("#strip [data-second-step]");
  if (wished) step(wished.dataset.secondStep);
});

dialog.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.id === "pass-on-number") {
    event.preventDefault();
    dialog.querySelector("[data-to='outside'][data-ask]")?.click();
  }
});
