// What is typed into the box of a written conversation: kept in this browser at once and on the server a moment later, sent once, with
// its files. The comment for colleagues stands beside it.
import {clearErrors, markFields} from "../js/htmx-setup.js";
import {shortcut} from "../js/keys.js";
import {toast} from "../js/toast.js";
import {word} from "../js/words.js";
import * as canned from "./canned.js";
import {kept, post, random, Refused, settings, Unreachable} from "./net.js";
import * as written from "./written.js";

const WAIT = 600;
const AGAIN = 5000;
let timer = 0;
let counting = 0;
let desk = {refresh() {}, refreshInbox() {}};

export function wire(given) {
  desk = given;
  canned.wire({changed, form});
}

const form = () => document.querySelector("#talk [data-reply]");
const commentForm = () => document.querySelector("#talk [data-comment]");
const box = (which) => which.querySelector("[data-reply-text]");
const id = () => document.querySelector("#talk [data-reply-box]")?.dataset.replyBox ?? "";
const name = (conversation) => `reply.${conversation}`;

// ---- keeping ----

/** After the regions were placed: what this browser knows better than the server comes back. */
export function restore({write = false} = {}) {
  if (chosen.conversation === id() && chosen.tab && (chosen.tab === "reply" ? form() : commentForm())) applyTab(chosen.tab);
  const which = form();
  if (!which) return;
  const mine = kept.get(name(id()));
  if (mine?.unsaved && mine.text !== box(which).value && !box(which).dataset.restored) {
    box(which).value = mine.text;
    say(word("restored"));
    changed();
  }
  box(which).dataset.restored = "1";
  count();
  if (write) box(which).focus();
}

function serialOf(which) {
  const next = Math.max(Number(which.dataset.serial) + 1, Date.now());
  which.dataset.serial = String(next);
  return next;
}

function changed() {
  const which = form();
  if (!which) return;
  keep(which, true);
  say(word("saving"));
  written.typing();
  count();
  clearTimeout(timer);
  timer = setTimeout(() => save(which, id()), WAIT);
}

/** `sending` is the id under which it goes: the same until it has gone, also after a reload. */
function keep(which, unsaved) {
  const before = kept.get(name(id())) ?? {};
  kept.set(name(id()), {...before, text: box(which).value, unsaved});
}

async function save(which, conversation) {
  const text = box(which).value;
  const serial = serialOf(which);
  try {
    const answer = await post(which.dataset.draft, {text, serial});
    if (answer.serial > serial) which.dataset.serial = String(answer.serial); // another browser of mine was quicker
    if (conversation !== id() || box(which).value !== text) return;
    keep(which, false);
    say(text ? word("saved") : "");
  } catch (error) {
    say(error instanceof Refused && error.message ? error.message : word("not_saved"));
    clearTimeout(timer);
    if (error instanceof Unreachable) timer = setTimeout(() => { if (form() === which) save(which, conversation); }, AGAIN);
  }
}

/** Before something else is shown: what is typed goes to the server now. */
export function flush() {
  const which = form();
  if (!which || !kept.get(name(id()))?.unsaved) return;
  clearTimeout(timer);
  save(which, id());
}
addEventListener("pagehide", () => {
  const which = form();
  if (which && kept.get(name(id()))?.unsaved) post(which.dataset.draft, {text: box(which).value, serial: serialOf(which)}, {keepalive: true}).catch(() => {});
});

function say(text) {
  const place = document.querySelector("#talk [data-reply-saved]");
  if (place && place.textContent !== text) place.textContent = text;
}

/** An SMS is counted by the server, as networks count it. */
function count() {
  const which = form();
  if (which?.dataset.channel !== "sms") return;
  clearTimeout(counting);
  counting = setTimeout(async () => {
    try {
      const {units, room, parts} = await post(settings.urls.sms_length, {text: box(which).value});
      const place = which.querySelector("[data-reply-count]");
      if (place) place.textContent = word("sms_count", {units, room, parts});
    } catch { /* counted with the next key */ }
  }, 250);
}

// ---- files ----

async function upload(input) {
  const which = form();
  clearErrors(which);
  for (const file of input.files) {
    const body = new FormData();
    body.append("file", file);
    try {
      showFiles(which, (await post(which.dataset.files, undefined, {body})).files);
    } catch (error) { refused(which, error); }
  }
  input.value = "";
  box(which).focus();
}

async function dropFile(button) {
  const which = form();
  try { showFiles(which, (await post(`${which.dataset.files}/drop`, {file: button.dataset.dropFile})).files); } catch (error) { refused(which, error); }
  box(which).focus();
}

function showFiles(which, files) {
  which.querySelector("[data-reply-files]").replaceChildren(...files.map((file) => {
    const line = document.createElement("li");
    line.dataset.file = file.id;
    const link = document.createElement("a");
    link.href = `${which.dataset.files}/${file.id}`;
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = file.name;
    const off = document.createElement("button");
    off.type = "button";
    off.className = "tag-off";
    off.dataset.dropFile = file.id;
    off.textContent = "×";
    off.setAttribute("aria-label", word("take_away", {name: file.name}));
    line.append(link, off);
    return line;
  }));
}

// ---- sending ----

async function send(which, then, {anyway = false, until = ""} = {}) {
  if (which.dataset.sending) return;
  which.dataset.sending = "1";
  clearTimeout(timer);
  clearErrors(which);
  const conversation = id();
  const mine = {...kept.get(name(conversation)), text: box(which).value};
  mine.sending ??= random();
  kept.set(name(conversation), mine);
  const follow = then || canned.follows(conversation);
  try {
    const {stays} = await post(which.dataset.reply, {text: mine.text, message_id: mine.sending, seen: written.seen(), serial: serialOf(which), then: follow, until, anyway, macro: canned.chosen(conversation)});
    gone(which, conversation);
    if (stays) toast(stays, "warning");
    if (follow && !stays) written.left(word(follow === "finish" ? "sent_ended" : "sent_aside"));
    else { desk.refreshInbox(); desk.refresh(); box(form() ?? which)?.focus(); }
  } catch (error) {
    const code = error instanceof Refused ? error.code : "";
    if (code === "messaging.already_sent") kept.set(name(conversation), {...mine, sending: random()}); // what was changed since is a new one
    if (code === "messaging.heard_meanwhile") warn(); else refused(which, error);
    if (code) desk.refresh();
  } finally { delete which.dataset.sending; }
}

function gone(which, conversation) {
  kept.drop(name(conversation));
  canned.forget(conversation);
  box(which).value = box(which).defaultValue = "";
  which.querySelector("[data-reply-files]").replaceChildren();
  which.querySelector("[data-heard]").hidden = true;
  say("");
  count();
}

function warn() {
  const line = form()?.querySelector("[data-heard]");
  if (line) line.hidden = false;
}

function refused(which, error) {
  if (error instanceof Refused && Object.keys(error.fields).length) {
    const left = markFields(which, error.fields);
    if (left.length) toast(left.join(" "), "danger");
  } else written.complain(error);
}

// ---- comments ----

const named = new Map();

async function comment(which) {
  if (which.dataset.sending) return;
  which.dataset.sending = "1";
  clearErrors(which);
  const text = which.elements.text.value;
  const who = [...named].filter(([, called]) => text.includes(`@${called}`)).map(([each]) => each);
  try {
    await post(which.dataset.comment, {text, named: who});
    kept.drop(`text.${which.elements.text.dataset.keep}`);
    which.elements.text.value = which.elements.text.defaultValue = "";
    named.clear();
    toast(word(who.length ? "comment_told" : "comment_written"));
    desk.refresh();
  } catch (error) { refused(which, error); } finally { delete which.dataset.sending; }
}

let chosen = {conversation: "", tab: ""};

// The keys of the reply while the comment is in front: what sends is shown first and sent by a second press, the rest is done at once.
const behind = () => form()?.closest("[role='tabpanel']").hidden ?? false;
for (const key of ["alt+s", "alt+k"]) shortcut(key, "", () => showTab("reply"), {when: behind});
for (const key of ["alt+z", "alt+u", "alt+p"]) {
  shortcut(key, "", () => { showTab("reply"); document.querySelector(`#talk [data-reply] [data-key="${key}"]`)?.click(); }, {when: behind});
}

function showTab(which) {
  chosen = {conversation: id(), tab: which};
  applyTab(which);
  (which === "reply" ? box(form()) : commentForm().elements.text).focus();
}

function applyTab(which) {
  for (const tab of document.querySelectorAll("#talk [data-reply-tab]")) tab.setAttribute("aria-selected", String(tab.dataset.replyTab === which));
  if (form()) form().parentElement.hidden = which !== "reply";
  if (commentForm()) commentForm().parentElement.hidden = which !== "comment";
}

// ---- wiring ----

const talk = document.getElementById("talk");
talk.addEventListener("input", (event) => {
  if (event.target.matches("[data-reply-text]")) { clearErrors(form()); changed(); canned.typed(event.target); }
  if (event.target.matches("[data-comment-text]")) canned.typedComment(event.target, named);
});
talk.addEventListener("change", (event) => { if (event.target.matches("[data-reply-file]")) upload(event.target); });
talk.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-reply], [data-comment]")) return;
  event.preventDefault();
  if (event.target.matches("[data-comment]")) comment(event.target); else send(event.target, event.submitter?.dataset.then ?? "");
});
talk.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-reply-tab]");
  if (tab) showTab(tab.dataset.replyTab);
  if (event.target.closest("[data-send-anyway]")) send(form(), "", {anyway: true});
  const drop = event.target.closest("[data-drop-file]");
  if (drop) dropFile(drop);
});
talk.addEventListener("keydown", (event) => {
  const area = event.target.closest("[data-reply-text], [data-comment-text]");
  if (!area || event.isComposing) return;
  if (canned.key(event)) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    event.stopPropagation();
    area.form.requestSubmit();
  } else if (event.key === "Escape") area.blur(); // so that plain keys work again
});
// Files dropped or pasted into the box go along.
talk.addEventListener("paste", (event) => {
  if (event.target.matches("[data-reply-text]") && event.clipboardData?.files.length && form()?.querySelector("[data-reply-file]")) { event.preventDefault(); upload({files: event.clipboardData.files, value: ""}); }
});
