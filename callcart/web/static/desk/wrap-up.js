// The note and the two digits of a wrap-up. Every change is kept: in the browser at once, on the server a moment later.
import {clearErrors, markFields} from "../js/htmx-setup.js";
import {shortcut} from "../js/keys.js";
import {toast} from "../js/toast.js";
import {word} from "../js/words.js";
import {kept, post, Refused, Unreachable} from "./net.js";

const region = document.getElementById("wrap");
const WAIT = 700;
let timer = 0;
let finished = () => {};

export function onFinished(callback) {
  finished = callback;
}

const form = () => region.querySelector("[data-wrap]");
const name = (which) => `wrap.${which.dataset.wrap}`;

function draftOf(which) {
  return {note: which.elements.note.value, disposition: which.elements.disposition?.value ?? kept.get(name(which))?.disposition ?? ""};
}

/** After the region was placed: bring back what this browser knows better than the server. */
export function restore() {
  const which = form();
  if (!which) return;
  const mine = kept.get(name(which));
  if (!mine?.unsaved) return;
  if (mine.note && mine.note !== which.elements.note.value) {
    which.elements.note.value = mine.note;
    say(which, word("restored"));
  }
  if (mine.disposition) choose(which, mine.disposition, {save: false});
  save(which);
}

function changed(which) {
  kept.set(name(which), {...draftOf(which), unsaved: true});
  say(which, word("saving"));
  clearTimeout(timer);
  timer = setTimeout(() => save(which), WAIT);
}

async function save(which) {
  const draft = draftOf(which);
  try {
    await post(which.dataset.draft, draft);
    const now = draftOf(which);
    if (now.note === draft.note && now.disposition === draft.disposition) {
      kept.drop(name(which));
      say(which, word("saved"));
    }
  } catch (error) {
    say(which, error instanceof Refused && error.message ? error.message : word("not_saved"));
    clearTimeout(timer);
    if (error instanceof Unreachable) timer = setTimeout(() => form() === which && save(which), 5000);
  }
}

function say(which, text) {
  const place = which.querySelector("[data-saved]");
  if (place && place.textContent !== text) place.textContent = text;
}

function choose(which, id, {save: keep = true} = {}) {
  const button = which.querySelector(`[data-choose="${CSS.escape(id)}"]`);
  if (!button) return;
  const level = button.closest("[data-level]");
  const parent = level.dataset.under ?? id;
  for (const each of which.querySelectorAll("[data-choose]")) {
    each.setAttribute("aria-pressed", String(each.dataset.choose === id || each.dataset.choose === parent));
  }
  for (const each of which.querySelectorAll("[data-level='2']")) each.hidden = each.dataset.under !== parent;
  which.elements.disposition.value = id;
  clearErrors(which);
  if (keep) changed(which);
}

function digit(event) {
  const which = form();
  const chosen = which.elements.disposition.value;
  const top = which.querySelector(`[data-level="1"] [aria-pressed="true"]`);
  const below = top && which.querySelector(`[data-under="${CSS.escape(top.dataset.choose)}"]`);
  const level = below && (chosen === top.dataset.choose) ? below : null;
  const found = (level ?? which.querySelector("[data-level='1']")).querySelector(`[data-digit="${event.key}"]`);
  if (!found) return;
  choose(which, found.dataset.choose);
  if (found.closest("[data-level]").dataset.under) which.elements.note.focus();
}

/** Whether digits belong to the wrap-up now. */
export function wantsDigits() {
  return form()?.dataset.phase === "wrap_up";
}

for (let key = 1; key <= 9; key++) shortcut(String(key), "", digit, {when: wantsDigits});
shortcut("backspace", "", () => {
  const which = form();
  which.elements.disposition.value = "";
  for (const each of which.querySelectorAll("[data-choose]")) each.setAttribute("aria-pressed", "false");
  for (const each of which.querySelectorAll("[data-level='2']")) each.hidden = true;
  changed(which);
}, {when: wantsDigits});

async function submit(which) {
  clearTimeout(timer);
  clearErrors(which);
  if (which.dataset.sending) return;
  which.dataset.sending = "1";
  try {
    await post(which.action, draftOf(which));
    kept.drop(name(which));
    finished(which.dataset.wrap);
  } catch (error) {
    delete which.dataset.sending;
    if (!(error instanceof Refused)) { toast(word("not_saved"), "warning"); return; }
    const left = markFields(which, error.fields);
    if (error.fields.disposition) which.querySelector("[data-choose]")?.focus();
    if (left.length || !Object.keys(error.fields).length) toast([error.message, ...left].join(" "), "danger");
  }
}

region.addEventListener("input", (event) => { if (event.target.name === "note") changed(form()); });
region.addEventListener("click", (event) => {
  const button = event.target.closest("[data-choose]");
  if (button) choose(form(), button.dataset.choose);
});
region.addEventListener("submit", (event) => { event.preventDefault(); submit(form()); });
region.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && wantsDigits()) { event.preventDefault(); submit(form()); }
  else if (event.key === "Escape" && event.target.matches("textarea")) event.target.blur(); // out of the field, so that keys work again
});
shortcut("ctrl+enter", "", () => submit(form()), {when: wantsDigits});
