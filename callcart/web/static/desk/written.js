// A written conversation on the desk: what one does with it, and who else is there. What is typed is reply.js's.
import {toast} from "../js/toast.js";
import {placeMenu} from "../js/widgets.js";
import {word} from "../js/words.js";
import {announce, get, post, random, Refused, settings, Unreachable} from "./net.js";

const BEAT = 10000; // the server forgets a look after 25 s
const NEAR = 80; // pixels from the end that still count as the end
const desk = {open() {}, idle() {}, refresh() {}, refreshInbox() {}};
let looked = "";
let typedAt = -Infinity;

/** What the desk does for us: open(id), idle(), refresh(), refreshInbox(). */
export function wire(given) {
  Object.assign(desk, given);
}

const strip = () => document.querySelector("#strip [data-written-id]");
const region = () => document.getElementById("talk-region");

/** The written conversation that is on the screen, or "". */
export function shown() {
  return strip()?.dataset.writtenId ?? "";
}

/** How far its end is read: the place of the newest message on the screen. */
export function seen() {
  return Number(document.querySelector("#talk [data-seen]")?.dataset.seen ?? 0);
}

const address = (verb) => `${settings.urls.conversation}${shown()}/${verb}`;

export function complain(error) {
  if (error instanceof Unreachable) toast(word("offline"), "warning");
  else if (error instanceof Refused && error.status !== 401) toast([error.message, ...Object.values(error.fields)].filter(Boolean).join(" "), "danger");
  else if (!(error instanceof Refused)) throw error;
}

// ---- on the screen ----

let atEnd = true;
document.getElementById("talk-region").addEventListener("scroll", () => { atEnd = end() < NEAR; }, {passive: true});
const end = () => { const box = region(); return box.scrollHeight - box.scrollTop - box.clientHeight; };

const toEnd = () => { if (shown()) region().scrollTop = region().scrollHeight; };
document.getElementById("talk").addEventListener("load", () => { if (atEnd) toEnd(); }, true); // pictures come later

/** After its regions were placed: the newest message in sight, unless somebody reads further up. `fresh`: another one was shown before. */
export function placed(fresh) {
  const id = shown();
  if (fresh) atEnd = true;
  if (id && atEnd) { toEnd(); requestAnimationFrame(toEnd); } // on a phone the region is shown only now
  if (id !== looked) {
    if (looked) leave(looked);
    looked = id;
    if (id) beat();
  }
}

// ---- who else is there ----

export function typing() {
  const before = writes();
  typedAt = performance.now();
  if (!before) beat();
}

const writes = () => performance.now() - typedAt < BEAT;

async function beat() {
  const id = shown();
  if (!id || document.hidden) return;
  try {
    const {others} = await post(`${settings.urls.conversation}${id}/here`, {writes: writes()});
    if (id === shown()) showOthers(others);
  } catch (error) {
    if (!(error instanceof Unreachable) && !(error instanceof Refused)) throw error;
  }
}
setInterval(beat, BEAT);
document.addEventListener("visibilitychange", () => { if (!document.hidden) beat(); });

function showOthers(others) {
  const place = document.getElementById("others");
  if (!place) return;
  const lines = others.map(({name, writes: busy}) => {
    const line = document.createElement("span");
    line.className = busy ? "other other-writes" : "other";
    line.textContent = word(busy ? "other_writes" : "other_looks", {name});
    return line;
  });
  if (place.textContent !== lines.map((line) => line.textContent).join("")) place.replaceChildren(...lines);
}

function clearTyping() {
  const place = document.getElementById("customer-types");
  if (place) place.hidden = true;
}

let typesUntil = 0;
/** The customer writes: said for a moment, and not over what is said of colleagues. */
export function customerTypes(news) {
  const place = document.getElementById("customer-types");
  if (!place || news.conversation_id !== shown()) return;
  place.hidden = false;
  clearTimeout(typesUntil);
  typesUntil = setTimeout(clearTyping, 6000);
}

function leave(id) {
  post(`${settings.urls.conversation}${id}/here`, {left: true}).catch(() => {}); // forgotten by itself
}
addEventListener("pagehide", () => { if (looked) post(`${settings.urls.conversation}${looked}/here`, {left: true}, {keepalive: true}).catch(() => {}); });

// ---- what the feed says ----

/** News about written conversations; true where it is of the one on the screen. */
export function heard(kind, news) {
  if (news.conversation_id !== shown()) return;
  if (kind === "conversation.looked") { if (news.staff_id !== settings.staff) beat(); return; }
  if (kind === "message.added") clearTyping();
  if (kind === "message.added" && news.author === "customer") announce(word("new_message", {who: strip().dataset.caller}));
  desk.refresh();
}

// ---- what people do ----

async function act(button, work) {
  if (button.disabled) return;
  button.disabled = true;
  try { await work(); } catch (error) { complain(error); desk.refreshInbox(); } finally { button.disabled = false; }
}

const ACTIONS = [
  ["[data-accept]", async (button) => { await post(button.dataset.accept); desk.refreshInbox(); await desk.open(button.dataset.accepts, {write: true}); }],
  ["[data-refuse]", async (button) => {
    const {message} = await post(button.dataset.refuse, {offer: button.dataset.offerId});
    toast(message, "info");
    desk.refreshInbox();
    if (button.closest("#strip")) desk.idle();
  }],
  ["[data-take]", async (button) => { await post(button.dataset.take); desk.refreshInbox(); await desk.open(shown(), {write: true}); }],
  ["[data-again]", async (button) => { toast((await post(button.dataset.again)).message); desk.refresh(); }],
  ["[data-spam]", async (button) => {
    const on = button.dataset.spam === "1";
    if (on && !(await sure(button.dataset.asks))) return;
    toast((await post(address("spam"), {on})).message, "info");
    desk.refreshInbox();
    if (on) desk.idle(); else desk.refresh();
  }],
  ["[data-tag]", async (button) => { await post(address("tag"), {tag: button.dataset.tag}); button.closest("details").open = false; desk.refresh(); }],
  ["[data-untag]", async (button) => { await post(address("tag"), {tag: button.dataset.untag, off: true}); desk.refresh(); }],
  ["[data-give-staff]", (button) => give({staff: button.dataset.giveStaff})],
  ["[data-give-queue]", (button) => give({queue: button.dataset.giveQueue})],
  ["[data-show-order]", async (button) => {
    button.dataset.key ||= random(); // pressed again after no answer, it is the same message
    const {message} = await post(address("orders/show"), {order: button.dataset.showOrder, message_id: button.dataset.key});
    delete button.dataset.key;
    const menu = button.closest("details");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
    toast(message);
    desk.refresh();
  }],
  ["[data-merge]", async (button) => {
    if (!(await sure(button.dataset.asks))) return;
    toast((await post(address("merge/in"), {other: button.dataset.merge})).message);
    desk.refreshInbox();
    desk.refresh();
  }],
  ["[data-unmerge]", async (button) => { toast((await post(address("merge/undo"), {other: button.dataset.unmerge})).message); desk.refreshInbox(); desk.refresh(); }],
  ["[data-sleep]", (button) => asideUntil(button.dataset.sleep, button)],
  ["[data-sleep-then]", (button) => asideUntil(button.parentElement.querySelector("[data-sleep-at]").value, button)],
  ["[data-aside]", (button) => asideUntil("", button)],
  ["[data-finish]", async () => { await post(address("finish"), {seen: seen()}); left(word("ended_it")); }],
  ["[data-earlier]", async (button) => {
    const before = end();
    const holder = document.createElement("template");
    holder.innerHTML = await get(button.dataset.earlier);
    button.closest("p").replaceWith(holder.content);
    region().scrollTop = region().scrollHeight - region().clientHeight - before;
  }],
  ["[data-show-formatted]", (button) => showFormatted(button)],
  ["[data-show-pictures]", (button) => {
    const holder = button.closest("[data-formatted]");
    holder.querySelector("iframe").src = `${holder.dataset.formatted}?pictures=1`;
    button.hidden = true;
  }],
];

document.addEventListener("click", (event) => {
  for (const [selector, run] of ACTIONS) {
    const button = event.target.closest(selector);
    if (button) { act(button, async () => run(button)); return; }
  }
  const file = event.target.closest("a[data-asks]");
  if (file && !file.dataset.sure) {
    event.preventDefault();
    sure(file.dataset.asks).then((yes) => { if (yes) { file.dataset.sure = "1"; file.click(); delete file.dataset.sure; } });
  }
});

async function give(to) {
  await post(address("hand-over/to"), to);
  left(word("handed_over"));
}

// The list is asked for when it is opened: who is ready, and how orders stand, changes by the minute.
document.addEventListener("toggle", async (event) => {
  const menu = event.target.closest?.("[data-fetched]");
  if (!menu?.open) return;
  try {
    menu.querySelector("[data-fetched-here]").innerHTML = await get(menu.dataset.fetched);
    placeMenu(menu);
    menu.querySelector("[data-fetched-here] button")?.focus();
  } catch (error) { complain(error); }
}, true);

async function asideUntil(until, button) {
  await post(address("aside"), {until, seen: seen()});
  const menu = button.closest("details");
  if (menu) menu.open = false;
  left(word(until ? "put_off" : "set_aside"));
}

/** It is with nobody now, or over. */
export function left(text) {
  toast(text);
  desk.refreshInbox();
  desk.idle();
}

function showFormatted(button) {
  const holder = button.closest("[data-formatted]");
  const frame = document.createElement("iframe");
  frame.title = word("formatted_mail");
  frame.setAttribute("sandbox", "allow-same-origin allow-popups allow-popups-to-escape-sandbox"); // no scripts: so its height can be read
  frame.addEventListener("load", () => {
    const height = frame.contentDocument?.documentElement.scrollHeight ?? 240;
    frame.height = String(Math.max(80, height + 4));
    frame.classList.add("sized");
    holder.querySelector("[data-show-pictures]").hidden = frame.src.endsWith("pictures=1") || !frame.contentDocument?.querySelector("img.remote");
  });
  frame.src = holder.dataset.formatted;
  holder.prepend(frame);
  button.remove();
}

/** Ask once before something that cannot be undone. */
function sure(text) {
  const dialog = document.getElementById("sure");
  dialog.querySelector("[data-sure-text]").textContent = text;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), {once: true}));
}
