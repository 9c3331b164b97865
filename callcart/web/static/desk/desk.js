// The desk itself: which conversation is open, what the feed says about it, keys, tabs, panes. Phone, order and wrap-up
// are modules of their own; this one wires them.
import {markFields, clearErrors} from "../js/htmx-setup.js";
import {list, shortcut} from "../js/keys.js";
import "../js/paste.js";
import {clearBanner, toast} from "../js/toast.js";
import {word} from "../js/words.js";
import {attach as attachPlayers} from "../js/waveform.js";
import {beforeReady, currentState, refreshFigures, showState} from "./agent.js";
import {announce, get, getJson, kept, morph, place, post, Refused, settings, Unreachable} from "./net.js";
import {clearNotice, notice} from "./notice.js";
import * as notify from "./notify.js";
import * as order from "./order.js";
import "./devices.js";
import * as callbacks from "./callbacks.js";
import * as dialling from "./dialling.js";
import * as passing from "./passing.js";
import * as phone from "./phone.js";
import * as reply from "./reply.js";
import "./sign-in.js";
import {holdPhone} from "./tabs.js";
import * as webCall from "./webcall.js";
import * as wrapUp from "./wrap-up.js";
import * as writeFirst from "./write-first.js";
import * as written from "./written.js";
import "./writing.js";

const desk = document.getElementById("desk");
let current = "";
let target = ""; // what is open, or being fetched to be opened
let asked = 0;
let stale = ""; // said while it was being fetched: what comes may be without it
let owed = {}; // what a showing that was overtaken by news of the same one was still to do
let feedUp = true;

const call = () => document.querySelector("#strip [data-conversation-id]"); // of a call; a written one's strip has no telephone
const strip = () => call() ?? document.querySelector("#strip [data-written-id]");
const phase = () => call()?.dataset.phase ?? "";
const customer = () => strip()?.dataset.customerId ?? document.querySelector("[data-person]")?.dataset.person ?? "";

// ---- showing a conversation or a customer ----

/** Show a conversation in all regions; an order being written and a note being typed stay. */
async function open(id, {focus = false, stay = false, write = false} = {}) {
  const question = ++asked;
  const other = id !== current;
  const former = id === target ? owed : {};
  owed = {focus: focus || former.focus, write: write || former.write, show: !stay || former.show};
  target = id;
  try {
    const html = await get(`${settings.urls.conversation}${id}`);
    if (question !== asked) return;
    const todo = owed;
    owed = {};
    const before = other ? "" : phase();
    if (other) { current = id; reply.flush(); order.forgetForm(); showTab("talk"); for (const menu of document.querySelectorAll("#strip details[open]")) menu.open = false; for (const each of ["talk", "wrap", "person"]) document.getElementById(each).replaceChildren(); }
    place(html);
    afterPlacing({fresh: other, write: todo.write});
    if (stale === id) refresh();
    stale = "";
    if (before === "active" && phase() === "wrap_up" && document.querySelector("#order [data-placed]")) showWrapUp();
    if (todo.show) showPane("talk");
    if (todo.focus) document.getElementById("talk-region").focus();
    markInbox();
  } catch (error) {
    complain(error);
  }
}

function afterPlacing({fresh = false, write = false} = {}) {
  attachPlayers(document.getElementById("talk"));
  wrapUp.restore();
  restoreKept();
  written.placed(fresh);
  webCall.placed();
  reply.restore({write});
  if (phase() === "wrap_up" || phase() === "closed") phone.over(current);
  phone.showControls();
  phone.pickUp();
  const tab = document.getElementById("tab-order");
  if (tab && order.hasDraft(customer(), current)) tab.classList.add("has-draft");
}

/** The call is over and its order placed: to the wrap-up, from its top. An order placed later stays to be read. */
function showWrapUp() {
  const region = document.getElementById("talk-region");
  const here = document.getElementById("order").contains(document.activeElement);
  showTab("talk");
  region.scrollTop = 0;
  if (here) region.focus();
}

// News of what is on the screen: on a phone, which shows one region at a time, nothing moves under the reader.
const refresh = debounce(() => { if (current) open(current, {stay: true}); }, 250);

async function openCustomer(id, {focus = false, stay = false} = {}) {
  try {
    place(await get(`${settings.urls.customer}${id}`));
    if (!stay) showPane("person");
    if (focus) document.getElementById("person-region").focus();
  } catch (error) { complain(error); }
}

const refreshPerson = debounce(async () => {
  if (current) { open(current, {stay: true}); return; }
  const shown = document.querySelector("[data-person]")?.dataset.person;
  if (shown) openCustomer(shown, {stay: true});
}, 400);

async function fetchInbox() {
  try {
    const holder = document.createElement("div");
    holder.innerHTML = await get(settings.urls.inbox);
    morph(document.getElementById("inbox"), holder);
    markInbox();
  } catch { /* the next news brings it */ }
}
const refreshInbox = debounce(fetchInbox, 300);

/** What concerns others too (somebody waits, a colleague took one): every desk hears of it, and they do not all ask at once. */
let inTime = 0;
function refreshInboxInTime() {
  inTime ||= setTimeout(() => { inTime = 0; fetchInbox(); }, 1000 + Math.random() * 2000);
}

function markInbox() {
  for (const each of document.querySelectorAll("#inbox [data-conversation]")) {
    if (each.dataset.conversation === current) each.setAttribute("aria-current", "true"); else each.removeAttribute("aria-current");
  }
}

function complain(error) {
  if (error instanceof Unreachable) toast(word("offline"), "warning");
  else if (error instanceof Refused && error.status !== 401) toast(error.message || word("failed"), "danger");
  else if (!(error instanceof Refused)) throw error;
}

export function debounce(run, wait) {
  let timer = 0;
  return () => { clearTimeout(timer); timer = setTimeout(run, wait); };
}

// ---- tabs and panes ----

function showTab(name) {
  for (const tab of document.querySelectorAll("[data-tab]")) {
    const chosen = tab.dataset.tab === name;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
  }
  document.getElementById("talk").hidden = name !== "talk";
  document.getElementById("order").hidden = name !== "order";
}

function showPane(name) {
  desk.dataset.pane = name;
  for (const each of document.querySelectorAll("[data-pane-to]")) {
    if (each.dataset.paneTo === name) each.setAttribute("aria-current", "true"); else each.removeAttribute("aria-current");
  }
}

async function startOrder(options = {}) {
  const who = customer();
  if (!who) return;
  showTab("order");
  showPane("talk");
  try { await order.openOrder(who, current, options); } catch (error) { complain(error); }
}

document.addEventListener("desk:placed", () => {
  const orderShown = !document.getElementById("order").hidden;
  if (orderShown && document.querySelector("[data-tab='order']")) showTab("order");
});

// ---- what the feed says ----

const about = (event) => ({...event.detail, ...(event.detail.data ?? {})});
const mine = (news) => news.staff_id === settings.staff;
const on = (kind, react) => document.addEventListener(`callcart:${kind}`, (event) => react(about(event)));

on("offer.made", async (news) => {
  if (!mine(news)) return;
  const id = news.conversation_id;
  const first = !current; // nothing is taken from the screen: who it is comes before all else that is asked
  if (first) await offered(id);
  refreshOwnState();
  await fetchInbox();
  const message = document.querySelector(`#inbox [data-offered="${CSS.escape(id)}"]`);
  if (message) {
    const text = word("written_offer", {who: message.querySelector(".inbox-name").textContent});
    announce(text);
    notify.tell(text, () => open(id));
  }
  if (!first) {
    if (message && current) return; // it waits in the inbox; nothing is taken from the screen for it
    if (phase() === "active") return; // never over a talking agent
    await offered(id);
  }
  if (!message && current === id) announce(word("incoming", {who: strip()?.dataset.caller ?? word("unknown_caller")}));
  clearNotice("rona");
});

function offered(id) {
  writeFirst.putAway();
  return open(id);
}

on("offer.ended", (news) => {
  if (!mine(news)) return;
  notify.clear();
  refreshInbox();
  const state = news.state ?? news.reason ?? "";
  if (state === "timed_out") notice("rona", word("missed"), {action: settings.words.ready, run: () => document.querySelector("[data-agent='ready']")?.click()});
  if (news.conversation_id === target && ["timed_out", "withdrawn", "rejected", "unreachable", "returned"].includes(state)) {
    if (state === "withdrawn") toast(word("offer_gone"), "info");
    idle();
  }
});
on("conversation.state", (news) => {
  refreshFiguresSoon();
  if (mine(news)) refreshInbox(); else refreshInboxInTime();
  if (news.conversation_id === current) {
    if (["active", "wrap_up", "closed"].includes(news.state) || written.shown()) refresh();
    if (news.state === "wrap_up" && mine(news)) announce(word("ended"));
  } else if (mine(news) && news.state === "active" && phase() !== "active" && !written.shown()) open(news.conversation_id);
});
on("conversation.customer", (news) => { refreshInbox(); if (news.conversation_id === current) refresh(); });
for (const kind of ["message.added", "message.delivery", "conversation.looked", "conversation.tagged"]) {
  on(kind, (news) => {
    written.heard(kind, news);
    if (news.conversation_id === target && target !== written.shown()) stale = target;
    if (kind === "message.added") { if (mine(news)) refreshInbox(); else refreshInboxInTime(); }
  });
}
on("chat.visitor", (news) => written.heard("chat.visitor", news));
on("webcall.changed", (news) => { if (mine(news)) webCall.heard(news); });
on("chat.typing", (news) => written.customerTypes(news));
on("conversation.mentioned", (news) => {
  if (!mine(news)) return;
  refreshInbox();
  if (news.conversation_id !== current) announce(word("named"));
});
on("conversation.noted", (news) => { if (news.conversation_id === current) refresh(); });
on("recording.ready", (news) => { if (news.conversation_id === current) refresh(); });
on("agent.state", async (news) => {
  if (!mine(news)) return;
  refreshInbox();
  await refreshOwnState();
  if (phase() === "passed_on") { if (currentState() === "ready") idle(); else refresh(); } // its wrap-up is over
});
for (const kind of ["order.placed", "order.changed", "payment.changed", "parcel.changed"]) on(kind, refreshPerson);
for (const kind of ["tasks.opened", "tasks.changed"]) on(kind, refreshInbox);
on("callback.changed", refreshInbox);
on("queue.changed", () => { refreshFiguresSoon(); refreshInbox(); });
on("call.media", (news) => {
  if (news.conversation_id !== current || !mine(news)) return;
  if (news.state === "agent_lost") notice("media", word("agent_lost")); else clearNotice("media");
  phone.mediaState(news.state);
  refresh(); // the clock of a hold, and the step
  refreshInbox();
});
on("call.recording", (news) => {
  if (news.conversation_id !== current) return;
  if (mine(news)) announce(word(news.paused ? "recording_paused" : "recording_on"));
  refresh();
});
on("call.line", (news) => { if (news.conversation_id === current && mine(news)) refresh(); });
on("call.parked", refreshInbox);
on("call.dialled", (news) => { if (mine(news)) dialling.told(news); });
on("call.consult", (news) => {
  if (!mine(news)) return;
  passing.told(news);
  if (news.conversation_id === current) refresh();
  refreshInbox();
});
on("telephony.state", (news) => tellOfTelephones(news.up ? "up" : "lost"));

/** up; lost: no call can be; unheard: calls go on, but nobody is there to steer them. */
function tellOfTelephones(state) {
  if (!settings.telephony) return;
  phone.exchangeIs(state);
  if (state !== "up") { notice("voice", word(state === "lost" ? "telephones_lost" : "voice_down")); return; }
  if (document.querySelector("[data-notice='voice']")) toast(word("voice_back"), "info");
  clearNotice("voice");
}

const refreshFiguresSoon = debounce(refreshFigures, 600);

async function refreshOwnState() {
  try {
    const now = await getJson(settings.urls.now);
    showState(now.state_html);
    if (now.state !== "paused") clearNotice("rona");
  } catch { /* asked again soon */ }
}

document.addEventListener("callcart:feed", (event) => {
  feedUp = event.detail.up;
  if (feedUp) { clearNotice("feed"); catchUp(); } else { clearBanner("feed"); notice("feed", word("feed_poll")); }
});

/** Without the feed, and once in a while with it: where do I stand? Also tells the server that this desk is alive. */
async function catchUp() {
  try {
    const now = await getJson(settings.urls.now);
    showState(now.state_html);
    tellOfTelephones(now.telephones);
    if (now.conversation && now.conversation !== current && phase() !== "active") await open(now.conversation);
    else if (current && now.conversation === current && now.phase !== phase()) refresh();
    refreshInbox();
    refreshFigures();
  } catch (error) {
    if (!(error instanceof Unreachable) && !(error instanceof Refused)) throw error;
  }
}
setInterval(() => { if (!feedUp) catchUp(); }, 4000);
setInterval(() => { if (feedUp) catchUp(); }, 20000);

// ---- what people do ----

function idle({focus = false} = {}) {
  current = target = "";
  const question = ++asked;
  reply.flush();
  get(settings.urls.idle).then((html) => {
    if (question !== asked) return; // a call has come meanwhile
    order.forgetForm();
    document.getElementById("talk").replaceChildren();
    place(html);
    written.placed(true);
    markInbox();
    showTab("talk");
    if (focus) document.getElementById("look-up-box")?.focus();
  }).catch(complain);
}

/** The customer's numbers in full, once asked for; the server writes down who looked. */
async function showNumbers(button) {
  try {
    const {phones} = await post(button.dataset.reveal);
    for (const [id, text] of Object.entries(phones)) {
      const place = document.querySelector(`[data-shown-phone="${CSS.escape(id)}"]`);
      if (place) place.textContent = text;
    }
    button.remove();
  } catch (error) { complain(error); }
}

/** The customer was called. */
async function taskDone(button) {
  button.disabled = true;
  try {
    toast((await post(button.dataset.taskDone)).text, "success");
  } catch (error) { complain(error); }
  refreshInbox();
}

document.addEventListener("click", (event) => {
  const target = (selector) => event.target.closest(selector);
  const talk = target("[data-conversation]:not([data-order])");
  if (talk) open(talk.dataset.conversation, {focus: true});
  const person = target("[data-customer]:not([data-order])");
  if (person) person.closest("form, #look-up-results")?.parentElement?.querySelector("[data-link]") ? pick(person.dataset.customer) : openCustomer(person.dataset.customer, {focus: true});
  const candidate = target("[data-pick]");
  if (candidate) pick(candidate.dataset.pick);
  const tab = target("[data-tab]");
  if (tab) tab.dataset.tab === "order" ? startOrder() : showTab("talk");
  const go = target("[data-tab-go]");
  if (go) { showTab(go.dataset.tabGo); document.getElementById("talk-region").focus(); }
  if (target("[data-order-again]")) { order.forgetForm(); startOrder(); }
  if (target("[data-new-order]")) startOrder();
  const repeat = target("[data-repeat]");
  if (repeat) startOrder({repeat: repeat.dataset.repeat});
  const pane = target("[data-pane-to]");
  if (pane) showPane(pane.dataset.paneTo);
  const reveal = target("[data-reveal]");
  if (reveal) showNumbers(reveal);
  const called = target("[data-task-done]");
  if (called) taskDone(called);
  if (target("[data-show-search]")) idle({focus: true});
  const demo = target("[data-demo]");
  if (demo) callDemo(demo);
});

document.addEventListener("keydown", (event) => {
  const tab = event.target.closest?.("[role='tablist'] [role='tab']");
  if (!tab || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return;
  const tabs = [...tab.parentElement.querySelectorAll("[role='tab']")];
  event.preventDefault();
  tabs.at((tabs.indexOf(tab) + (event.key === "ArrowRight" ? 1 : -1) + tabs.length) % tabs.length).focus();
});

async function pick(id) {
  if (!current) { openCustomer(id, {focus: true}); return; }
  try {
    await post(`${settings.urls.conversation}${current}/customer`, {customer: id});
    await open(current);
    toast(word("customer_linked", {name: strip()?.dataset.caller ?? ""}), "success");
  } catch (error) { complain(error); }
}

async function callDemo(button) {
  button.disabled = true;
  try {
    const answer = await post(settings.urls.demo, {caller: button.dataset.demo});
    toast(answer.message ?? word("demo_ringing"), "info");
  } catch (error) { complain(error); }
  setTimeout(() => { button.disabled = false; }, 4000);
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.matches("[data-look-up]")) { event.preventDefault(); lookUp(form, true); }
  if (form.matches("[data-new-customer], [data-note-form]")) {
    event.preventDefault();
    if (form.dataset.sending) return;
    form.dataset.sending = "1";
    clearErrors(form);
    try {
      await post(form.action, Object.fromEntries(new FormData(form)));
      for (const field of form.querySelectorAll("[data-keep]")) kept.drop(`text.${field.dataset.keep}`);
      form.reset();
      toast(word(form.matches("[data-new-customer]") ? "customer_saved" : "note_written"));
      await open(current);
      document.getElementById("talk-region").focus();
    } catch (error) {
      if (error instanceof Refused && Object.keys(error.fields).length) {
        const left = markFields(form, error.fields);
        if (left.length) toast(left.join(" "), "danger");
      } else complain(error);
    } finally { delete form.dataset.sending; }
  }
});

async function lookUp(form, submitted = false) {
  clearTimeout(looking);
  const text = form.elements.q.value.trim();
  const results = form.parentElement?.querySelector("#look-up-results");
  if (!results) return; // somebody was chosen meanwhile
  if (!text) { results.replaceChildren(); return; }
  try {
    results.innerHTML = await get(`${settings.urls.look_up}?${new URLSearchParams({q: text})}`);
    if (submitted) results.querySelector("[data-customer]")?.focus();
  } catch (error) { complain(error); }
}
let looking = 0;
document.addEventListener("input", (event) => {
  const form = event.target.closest?.("[data-look-up]");
  if (form) { clearTimeout(looking); looking = setTimeout(() => lookUp(form), 250); }
  if (event.target.dataset?.keep) kept.set(`text.${event.target.dataset.keep}`, event.target.value);
});

function restoreKept() {
  for (const field of document.querySelectorAll("[data-keep]")) {
    const text = kept.get(`text.${field.dataset.keep}`);
    if (text && field.value === field.defaultValue) field.value = text;
  }
}

// ---- keys ----

const group = settings.words.keys;
list(settings.keys);
for (let key = 1; key <= 9; key++) {
  shortcut(String(key), key === 1 ? settings.words.pick_key : "", () => document.querySelector(`[data-candidates] [data-digit="${key}"]`)?.click(), {
    group, when: () => !wrapUp.wantsDigits() && !phone.wantsDigits() && document.querySelector("[data-candidates]") !== null,
  });
}
shortcut("j", settings.words.next_key, () => {
  const items = [...document.querySelectorAll("#inbox [data-conversation]")];
  const here = items.findIndex((each) => each.dataset.conversation === current);
  items[(here + 1) % items.length]?.click();
}, {group, when: () => document.querySelector("#inbox [data-conversation]") !== null});
shortcut("alt+1", settings.words.region_inbox, () => { showPane("inbox"); document.querySelector("#inbox button")?.focus(); }, {group});
shortcut("alt+2", settings.words.region_talk, () => { showPane("talk"); document.getElementById("talk-region").focus(); }, {group});
shortcut("alt+3", settings.words.region_person, () => { showPane("person"); document.getElementById("person-region").focus(); }, {group});

// ---- start ----

order.onPlaced(() => { document.getElementById("tab-order")?.classList.remove("has-draft"); refreshPerson(); });
wrapUp.onFinished((conversation) => {
  refreshOwnState();
  refreshInbox();
  refreshFigures();
  if (target === conversation) idle(); // else the next call rings already
});
beforeReady(() => phone.mayBeReady());
phone.onChange(refresh);
written.wire({open, idle, refresh, refreshInbox});
webCall.wire({open, refresh});
reply.wire({refresh, refreshInbox});
writeFirst.wire({open, refreshInbox, restoreKept});
passing.onChange(refresh);
dialling.onDialled((id) => open(id, {focus: true}));
callbacks.onChange(() => ({talk: call()?.dataset.conversationId ?? "", customer: customer()}), refreshInbox);
holdPhone(() => phone.start(), () => phone.stop());
if (settings.active) open(settings.active);
addEventListener("beforeunload", (event) => { if (phone.inCall() && !settings.rejoins) event.preventDefault(); });
