// A flow's page and its trial. Blocks are links and changes are forms, so all works without this. Here changes are kept as they
// are made, one after another, so that none meets the revision of the one before; arrow keys walk from block to block as they
// lie; and a call is pressed and listened to.
import {send} from "../js/htmx-setup.js";
import {toast} from "../js/toast.js";
import {word} from "../js/words.js";

const work = document.getElementById("flow-work");
const form = document.getElementById("try-form");
const player = new Audio();
const WAYS = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]};
const waiting = [];
let busy = false;
let revision = "";

const boxes = () => [...work.querySelectorAll(".flow-drawing [data-block]")];
const at = (box) => ({row: Number(box.dataset.row), column: Number(box.dataset.column), x: box.getBoundingClientRect().left});

/** The nearest block in that direction: in a row by its column, between rows by what lies under it. */
function beside(box, [down, right]) {
  const here = at(box);
  const found = boxes().filter((other) => (down ? at(other).row === here.row + down : at(other).row === here.row && at(other).column === here.column + right));
  return found.sort((one, other) => Math.abs(at(one).x - here.x) - Math.abs(at(other).x - here.x))[0];
}

/** Arrows of the chosen block stand out. */
function light() {
  const chosen = work.querySelector(".flow-drawing [data-block][aria-current]")?.dataset.block;
  for (const arrow of work.querySelectorAll(".flow-arrow")) {
    arrow.classList.toggle("flow-near", Boolean(chosen) && (arrow.dataset.from === chosen || arrow.dataset.to === chosen));
  }
}

/** What was typed or chosen is read now; it is sent in its turn, with the revision that is known by then. */
function keep(changed) {
  const body = new FormData(changed);
  if (changed.matches(".flow-add") && !body.get("kind")) return;
  waiting.push({address: changed.action, body});
  next();
}

function go(address, {push = true} = {}) {
  if (push) history.pushState({}, "", address);
  waiting.push({address, method: "GET"});
  next();
}

async function next() {
  if (busy || !waiting.length) return;
  busy = true;
  const {address, body, method = "POST"} = waiting.shift();
  if (body && revision) body.set("revision", revision);
  try {
    const answer = await send(address, {method, body, headers: {"HX-Request": "true", Accept: "text/html"}});
    if (answer.ok || answer.status === 422 || answer.status === 409) show(await answer.text(), answer);
    else toast(word("failed"), "danger");
  } catch { toast(word("offline"), "warning"); }
  busy = false;
  next();
}

/** The work space as it is now, unless more is on its way: what is being typed is never taken back. */
function show(text, answer) {
  const fresh = document.createElement("div");
  fresh.innerHTML = text;
  revision = fresh.querySelector('[name="revision"]')?.value ?? "";
  const said = JSON.parse(answer.headers.get("HX-Trigger") ?? "{}")["callcart:toast"];
  if (said) toast(said.text, said.kind);
  if (answer.status === 409) waiting.length = 0; // what follows was made on what is no more
  if (waiting.length && answer.ok) return;
  window.Idiomorph.morph(work, [...fresh.childNodes], {morphStyle: "innerHTML", ignoreActiveValue: answer.ok});
  light();
  if (!answer.ok) work.querySelector("[aria-invalid='true'], .alert-danger")?.focus();
}

function steer(event) {
  const box = event.target.closest?.(".flow-drawing [data-block]");
  const way = WAYS[event.key];
  if (!box) return;
  if (way) {
    const found = beside(box, way);
    if (found) { event.preventDefault(); found.focus(); found.scrollIntoView({block: "nearest", inline: "nearest"}); }
  } else if (event.key === "Delete" && box.hasAttribute("aria-current")) {
    event.preventDefault();
    document.getElementById("remove-block")?.click();
  }
}

if (work) {
  work.addEventListener("keydown", steer);
  work.addEventListener("change", (event) => {
    const changed = event.target.closest("form[data-auto]");
    if (changed) keep(changed);
  });
  work.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-auto]")) return;
    event.preventDefault();
    keep(event.target);
  });
  work.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-go]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(link.href);
  });
  addEventListener("popstate", () => go(location.href, {push: false}));
  light();
  work.querySelector(".flow-drawing [aria-current]")?.scrollIntoView({block: "nearest", inline: "center"});
}

/** One sound after another. */
function play(addresses) {
  const [first, ...rest] = addresses;
  if (!first) return;
  player.onended = () => play(rest);
  player.onerror = () => toast(word("failed"), "warning");
  player.src = first;
  player.play().catch(() => {});
}

function press(pressed) {
  player.pause();
  form.elements.pressed.value = pressed;
  form.dispatchEvent(new Event("press"));
}

if (form) {
  const call = document.getElementById("call");
  call.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if ("press" in button.dataset) press(button.dataset.press);
    else if ("play" in button.dataset) play([button.dataset.play]);
    else if ("playAll" in button.dataset) play(lastSaid());
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), select, textarea, button, a, summary")) return;
    const button = call.querySelector(`[data-digit="${CSS.escape(event.key)}"]:not(:disabled)`);
    if (button) { event.preventDefault(); button.click(); }
  });
  form.addEventListener("change", () => player.pause());
}

/** What was said since the caller last did something. */
function lastSaid() {
  const found = [];
  for (const line of [...document.querySelectorAll(".flow-line")].reverse()) {
    if (line.matches(".flow-line-caller")) { if (found.length) break; continue; }
    const button = line.querySelector("[data-play]");
    if (button) found.unshift(button.dataset.play);
  }
  return found;
}
