// Calling out: by click on a customer's number, by a typed one, or the last one again. Our own phone rings for it and is answered by itself.
import {toast} from "../js/toast.js";
import {word} from "../js/words.js";
import {announce, post, Refused, settings} from "./net.js";
import * as phone from "./phone.js";

const SAID = new Set(["busy", "no_answer", "rejected", "no_such_number", "not_allowed", "failed", "phone"]);
let begun = () => {};

/** `callback(conversation)` once a call is on its way. */
export function onDialled(callback) {
  begun = callback;
}

const dial = (body, place = null) => dialAt(settings.urls.dial, body, place);

/** Call what this address knows to call; refusals are shown in `place`, or as a toast. */
export async function dialAt(address, body, place = null) {
  if (place) place.hidden = true;
  if (!(await phone.mayBeReady())) return;
  announce(word("dialling"));
  try {
    const {conversation} = await post(address, body);
    phone.dialled(conversation);
    begun(conversation);
  } catch (error) {
    const text = error instanceof Refused ? (error.fields.number ?? error.message) : word("offline");
    if (place) { place.textContent = text; place.hidden = false; } else toast(text, "warning");
  }
}

/** Why nobody was reached, in words. */
export function told({why}) {
  if (SAID.has(why)) { toast(word(`dial_${why}`), "warning"); announce(word(`dial_${why}`)); }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dial]");
  if (button) dial({phone: button.dataset.phone ?? "", talk: button.dataset.talk ?? ""});
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-dial-form]")) return;
  event.preventDefault();
  dial({number: event.target.elements.number.value}, event.target.querySelector("[data-dial-error]"));
});
