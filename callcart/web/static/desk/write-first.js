// A mail or an SMS that begins a conversation: a dialog from the customer's panel. What is typed stays in this browser until it has gone.
import {clearErrors, markFields} from "../js/htmx-setup.js";
import {toast} from "../js/toast.js";
import {word} from "../js/words.js";
import {get, kept, post, random, Refused, settings} from "./net.js";
import {complain} from "./written.js";

const dialog = document.getElementById("write-first");
let desk = {open() {}, refreshInbox() {}, restoreKept() {}};
let counting = 0;

export function wire(given) {
  desk = given;
}

/** A call rings: nothing may lie over it. What was typed is there again the next time. */
export function putAway() {
  if (dialog.open) dialog.close();
}

async function show(address) {
  try { dialog.innerHTML = await get(address); } catch (error) { complain(error); return; }
  desk.restoreKept();
  dialog.showModal();
  shape();
  (dialog.querySelector("[name='text']") ?? dialog.querySelector("[data-close]"))?.focus();
}

const form = () => dialog.querySelector("form");
const channel = () => form()?.elements.way?.selectedOptions[0]?.dataset.channel ?? "";

function shape() {
  const subject = dialog.querySelector("[data-subject]");
  if (subject) subject.hidden = channel() !== "mail";
  count();
}

function count() {
  const place = dialog.querySelector("[data-first-count]");
  clearTimeout(counting);
  if (!place) return;
  if (channel() !== "sms") { place.textContent = ""; return; }
  counting = setTimeout(async () => {
    try {
      const {units, room, parts} = await post(settings.urls.sms_length, {text: form().elements.text.value});
      place.textContent = word("sms_count", {units, room, parts});
    } catch { /* counted with the next key */ }
  }, 250);
}

async function send() {
  const which = form();
  if (which.dataset.sending) return;
  which.dataset.sending = "1";
  clearErrors(which);
  const name = `first.${which.dataset.writeFirst}`;
  const body = {way: which.elements.way.value, subject: which.elements.subject.value, text: which.elements.text.value};
  const before = kept.get(name);
  const same = before && JSON.stringify(before.body) === JSON.stringify(body);
  const key = same ? before.key : random(); // sent again after no answer, it is the same one
  kept.set(name, {key, body});
  try {
    const {conversation} = await post(which.dataset.writeFirst, {...body, key});
    kept.drop(name);
    for (const field of which.querySelectorAll("[data-keep]")) kept.drop(`text.${field.dataset.keep}`);
    dialog.close();
    toast(word("first_sent"));
    desk.refreshInbox();
    desk.open(conversation);
  } catch (error) {
    const left = error instanceof Refused ? markFields(which, error.fields) : [];
    if (!(error instanceof Refused) || left.length || !Object.keys(error.fields).length) complain(error);
  } finally { delete which.dataset.sending; }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-write]");
  if (button) show(button.dataset.write);
});
dialog.addEventListener("change", (event) => { if (event.target.name === "way") shape(); });
dialog.addEventListener("input", (event) => { if (event.target.name === "text") count(); });
dialog.addEventListener("submit", (event) => { event.preventDefault(); send(); });
dialog.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) { event.preventDefault(); event.stopPropagation(); if (form()?.elements.way) send(); }
});
