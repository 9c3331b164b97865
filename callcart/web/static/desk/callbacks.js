// Callbacks: the dialog of one (done, not reached, put off, call now) and of a new promise. What is done comes back by the feed.
import {clearErrors, markFields} from "../js/htmx-setup.js";
import {toast} from "../js/toast.js";
import {word} from "../js/words.js";
import {dialAt} from "./dialling.js";
import {get, post, Refused} from "./net.js";

const dialog = document.getElementById("callback");
let about = () => ({});
let changed = () => {};

/** `whom()` gives the open conversation and customer, for a promise; `callback()` is called once something was done. */
export function onChange(whom, callback) {
  about = whom;
  changed = callback;
}

function complain(error) {
  const form = dialog.open ? dialog.querySelector("[data-callback-form]") : null;
  const atFields = form && error instanceof Refused && Object.keys(error.fields).length > 0;
  const left = atFields ? markFields(form, error.fields) : [];
  if (atFields && !left.length) return;
  const text = left.length ? left.join(" ") : error instanceof Refused ? error.message : word("offline");
  const place = dialog.open ? dialog.querySelector("[data-callback-error]") : null;
  if (place) { place.textContent = text; place.hidden = false; } else toast(text, "warning");
  if (error instanceof Refused && error.status === 409) changed();
}

async function show(address) {
  try {
    dialog.innerHTML = await get(address);
    if (!dialog.open) dialog.showModal();
    (dialog.querySelector("input:not([type=hidden]), textarea") ?? dialog.querySelector("[data-close]"))?.focus();
  } catch (error) { complain(error); }
}

async function act(button) {
  const form = dialog.querySelector("[data-callback-form]");
  clearErrors(form);
  dialog.querySelector("[data-callback-error]").hidden = true;
  button.setAttribute("aria-busy", "true");
  try {
    const {text} = await post(button.dataset.callbackDo, Object.fromEntries(new FormData(form)));
    dialog.close();
    toast(text, "success");
    changed();
  } catch (error) { complain(error); } finally { button.removeAttribute("aria-busy"); }
}

document.addEventListener("click", (event) => {
  const target = (selector) => event.target.closest(selector);
  const line = target("[data-callback]");
  if (line) show(line.dataset.callback);
  const promise = target("[data-promise]");
  if (promise) show(`${promise.dataset.promise}?${new URLSearchParams(about())}`);
  const wanted = target("#callback [data-callback-do]");
  if (wanted) act(wanted);
  const call = target("[data-callback-call]");
  if (call) { if (dialog.open) dialog.close(); dialAt(call.dataset.callbackCall, {}); changed(); }
});

dialog?.addEventListener("submit", (event) => {
  event.preventDefault();
  const buttons = dialog.querySelectorAll("[data-callback-do]");
  if (buttons.length === 1) act(buttons[0]);
});
