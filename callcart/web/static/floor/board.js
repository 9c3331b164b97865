// The board moves with the feed; without it, and to be sure, it asks every few seconds. This module shows it, rings at limits for those who
// want it, and opens an agent; what is then done to him is acts.js and listening.js.
import {shortcut} from "../js/keys.js";
import {chime} from "../js/ringer.js";
import {toast} from "../js/toast.js";
import {word} from "../js/words.js";
import {wire} from "./acts.js";
import {announce, get, settings} from "./net.js";

const board = document.getElementById("board");
const panel = document.getElementById("agent-panel");
const ring = document.getElementById("board-ring");
const RINGING = `callcart.${settings.tenant}.${settings.staff}.board-ring`;
const AGAIN = 30000; // ms until what is still past its limit rings once more
let timer = 0;
let busy = false;
let chosen = "";
let alarms = new Map(); // name → when it last rang

// ---- the moving part ----

async function refresh() {
  if (busy || document.hidden) return;
  busy = true;
  try {
    morph(board, await get(settings.urls.figures));
    mark();
    ringAtLimits();
    await refreshPanel();
  } catch { /* asked again soon */ } finally { busy = false; }
}

function morph(target, html) {
  const fresh = document.createElement("div");
  fresh.innerHTML = html;
  window.Idiomorph.morph(target, [...fresh.childNodes], {morphStyle: "innerHTML", ignoreActiveValue: true});
}

function soon() {
  timer ||= setTimeout(() => { timer = 0; refresh(); }, 400);
}

for (const kind of ["agent.state", "agent.queues", "call.media", "queue.changed", "conversation.state", "call.watching"]) document.addEventListener(`callcart:${kind}`, soon);
document.addEventListener("visibilitychange", soon);
setInterval(refresh, 10000);

// ---- limits that ring ----

function wantsRing() {
  try { return localStorage.getItem(RINGING) === "1"; } catch { return false; }
}

function ringAtLimits() {
  const now = Date.now();
  const found = [...document.querySelectorAll("#board-alarms [data-alarm]")];
  const fresh = found.filter((each) => now - (alarms.get(each.dataset.alarm) ?? -Infinity) > AGAIN);
  const before = alarms.size;
  alarms = new Map(found.map((each) => [each.dataset.alarm, fresh.includes(each) ? now : alarms.get(each.dataset.alarm)]));
  if (!wantsRing()) return;
  if (fresh.length) {
    chime();
    announce(fresh.map((each) => each.textContent).join(". "));
  } else if (before && !found.length) announce(word("all_right"));
}

ring.setAttribute("aria-pressed", String(wantsRing()));
ring.addEventListener("click", () => {
  const on = ring.getAttribute("aria-pressed") !== "true";
  ring.setAttribute("aria-pressed", String(on));
  try { localStorage.setItem(RINGING, on ? "1" : "0"); } catch { /* a private window forgets it */ }
  alarms.clear();
  toast(word(on ? "ring_on" : "ring_off"), "info");
  if (on) { chime(); ringAtLimits(); }
});

// ---- choosing and opening an agent ----

const rows = () => [...board.querySelectorAll("[data-agent]")];

function mark() {
  for (const row of rows()) row.classList.toggle("row-chosen", row.dataset.agent === chosen);
}

function step(by) {
  const all = rows();
  if (!all.length) return;
  const here = all.findIndex((each) => each.dataset.agent === chosen);
  const row = all[here < 0 ? (by > 0 ? 0 : all.length - 1) : (here + by + all.length) % all.length];
  chosen = row.dataset.agent;
  mark();
  row.querySelector("[data-open-agent]").focus();
  row.scrollIntoView({block: "nearest"});
}

async function open(id, {focus = true} = {}) {
  chosen = id;
  mark();
  try {
    morph(panel, await get(settings.urls.agents + id));
    panel.hidden = false;
    document.body.classList.add("panel-open");
    if (focus) panel.focus({preventScroll: true}); // it stands where it can be seen, and a page that moves would close its menus
  } catch (error) { close(); toast(error.message || word("failed"), "warning"); }
}

/** Something in the panel is in use: a menu is open, a form was begun. Nothing is pulled away then. */
const inUse = () => panel.hidden || panel.querySelector("details.dropdown[open], form[data-touched]") !== null;
const opened = () => panel.querySelector("[data-agent-panel]")?.dataset.agentPanel;

async function refreshPanel() {
  const id = opened();
  if (!id || inUse()) return;
  try {
    const html = await get(settings.urls.agents + id);
    if (!inUse() && opened() === id) morph(panel, html); // looked at again: much can be begun while an answer comes
  } catch { /* with the next round */ }
}

function close() {
  if (panel.hidden) return;
  panel.hidden = true;
  document.body.classList.remove("panel-open");
  rows().find((each) => each.dataset.agent === chosen)?.querySelector("[data-open-agent]").focus();
}

document.addEventListener("click", (event) => {
  const agent = event.target.closest("[data-open-agent]");
  if (agent) open(agent.dataset.openAgent);
  if (event.target.closest("[data-panel-close]")) close();
});
panel.addEventListener("input", (event) => { const form = event.target.closest("form"); if (form) form.dataset.touched = "1"; });
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || panel.hidden || document.querySelector("dialog[open]")) return;
  const menu = panel.querySelector("details.dropdown[open]");
  if (menu) menu.open = false; else close();
});
const group = word("keys");
shortcut("j", word("next"), () => step(1), {group});
shortcut("k", word("previous"), () => step(-1), {group});

wire({refresh, reopen: () => open(panel.querySelector("[data-agent-panel]")?.dataset.agentPanel ?? chosen, {focus: false})});
ringAtLimits();
