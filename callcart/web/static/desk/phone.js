// The telephone as the desk shows it: registered or not, ringing, talking, muted, held. The sound itself is softphone.js;
// this module gives it credentials, listens to it, and asks the server for what only the voice process can do (hold, end,
// rejoin). A page that is loaded again finds its call again.
import {openStream} from "../js/devices.js";
import {startRinging, stopRinging} from "../js/ringer.js";
import {toast} from "../js/toast.js";
import {word} from "../js/words.js";
import {announce, getJson, post, Refused, settings} from "./net.js";
import {clearNotice, notice} from "./notice.js";

const shown = document.getElementById("phone-state");
const help = document.getElementById("microphone-help");
const audio = document.getElementById("remote-audio");
const REGISTERING = 6000; // ms that "Ready" waits for the phone
const SETTLING = 2500; // ms after a call's end in which the server may not know of it yet
const AGAIN = 600; // ms until the next attempt to come up, doubled each time
const AGAIN_AT_MOST = 10000;
const PICKING_UP = 6000; // ms until the exchange is asked once more to ring us for our own call
const GOODBYE = 1500; // ms that a call which is over has to end in the page as well
const LISTENING = 1500; // ms in which sound that still comes is heard
const CONFIRMING = 4000; // ms until a hold that the exchange has not confirmed is taken for not done
let softphone = null;
let wanted = false;
let registered = false;
let talking = false;
let muted = false;
let held = false;
let rejoining = "";
let endedAt = -Infinity;
let attempts = 0;
let asking = 0;
let confirming = 0;
let exchangeLost = false;
let changed = () => {};

export function onChange(callback) {
  changed = callback;
}

function show(state) {
  shown.dataset.phone = state;
  const text = word(`phone_${state}`);
  shown.querySelector(".phone-state-text").textContent = text;
  shown.title = text;
}

// ---- coming up and going down ----

/** This tab has the phone from now on. */
export async function start() {
  wanted = true;
  if (!settings.telephony) { show("none"); return; }
  if (softphone) return;
  show("connecting");
  try {
    const [{Softphone}, credentials] = await Promise.all([import("../js/softphone.js"), getJson(settings.urls.phone)]);
    if (!wanted || softphone) return;
    softphone = new Softphone({...credentials, iceServers: credentials.ice_servers, url: settings.urls.sip + credentials.ws_path, audio});
    listen(softphone);
    softphone.start();
  } catch (error) {
    show("failed");
    if (error instanceof Refused && error.status < 500) { notice("phone", error.message); return; }
    startAgain();
  }
}

/** The exchange learns of a new account a moment after us, so the first refusal means little. */
function startAgain() {
  const wait = Math.min(AGAIN * 2 ** attempts++, AGAIN_AT_MOST);
  setTimeout(() => { if (wanted && !softphone) start(); }, wait);
}

/** Another tab has it: a call under way goes on there. */
export function stop() {
  wanted = false;
  drop();
  clearNotice("phone");
  clearNotice("rejoin");
  show("elsewhere");
  showControls();
}

function drop() {
  registered = talking = muted = false;
  rejoining = "";
  softphone?.stop();
  softphone = null;
  ringing(false);
}

function listen(phone) {
  const on = (name, react) => phone.addEventListener(name, (event) => { if (phone === softphone) react(event.detail); });
  on("registered", () => {
    registered = true;
    attempts = 0;
    show("ready");
    clearNotice("phone");
    pickUp();
    showControls();
  });
  on("unregistered", ({refused}) => {
    registered = false;
    if (refused && !talking) { // not known yet, or not ours any more: ask for another
      drop();
      startAgain();
      if (attempts < 3) { show("connecting"); return; }
    }
    show("failed");
    tellOfLoss();
    showControls();
  });
  on("ringing", () => { ringing(true); showControls(); });
  on("answered", () => {
    talking = true;
    muted = held = false;
    ringing(false);
    clearNotice("media");
    clearNotice("rejoin");
    clearTimeout(asking);
    if (rejoining) toast(word("rejoined")); else announce(word("answered"));
    rejoining = "";
    showControls();
    changed();
  });
  on("ended", () => {
    if (talking) { endedAt = performance.now(); setTimeout(pickUp, SETTLING); } // still mine by then: the leg was lost
    talking = muted = held = false;
    ringing(false);
    showControls();
    changed();
  });
  on("microphone", ({problem}) => { control("answer")?.removeAttribute("aria-busy"); microphoneProblem(problem); });
}

/** The way of the signalling is lost. Whether the sound is lost too is heard, not guessed. */
async function tellOfLoss() {
  const before = talking ? await received() : 0;
  if (talking) await new Promise((done) => setTimeout(done, LISTENING));
  if (registered || exchangeLost || !softphone) return;
  notice("phone", word(talking && (await received()) > before ? "phone_signal" : "phone_down"));
}

async function received() {
  return (await softphone?.statistics())?.received ?? 0;
}

/** What is known of the exchange (up, lost, unheard). Lost, that is all there is to say; back, the phone need not wait. */
export function exchangeIs(state) {
  const before = exchangeLost;
  exchangeLost = state === "lost";
  if (exchangeLost) { clearNotice("phone"); clearNotice("rejoin"); clearNotice("media"); }
  if (before && !exchangeLost && !registered) softphone?.reconnect();
}

/** The server says that this call is over. An exchange that died says no good-bye: the page ends its side itself. */
export function over(id) {
  setTimeout(() => { if (softphone?.conversation === id) softphone.hangup(); }, GOODBYE);
}

function ringing(on) {
  document.body.classList.toggle("is-ringing", on);
  document.title = document.title.replace(/^\u25CF /, "");
  if (on) document.title = `\u25CF ${document.title}`;
  if (on) startRinging(); else stopRinging();
}

/** My call is going on but not in this page: after a reload, a lost network, or another tab. Ask for its sound. */
export function pickUp() {
  if (!wanted || !softphone || softphone.busy || strip()?.dataset.mine !== "1" || strip().dataset.phase !== "active") return;
  if (performance.now() - endedAt < SETTLING - 100) return;
  rejoining = conversation();
  notice("rejoin", word("rejoining"), {tone: "blue"});
  if (!registered) return; // once it is
  softphone.expect(rejoining);
  ask("rejoin", rejoining);
  clearTimeout(asking);
  asking = setTimeout(() => { if (rejoining && !talking) { softphone?.expect(""); pickUp(); } }, PICKING_UP);
}

/** We call out: what rings for this conversation, now or in a moment, is answered by itself. */
export function dialled(id) {
  softphone?.answer(id);
}

export function inCall() {
  return talking;
}

/** What the voice process says of the sound: hold, talk, agent_lost. */
export function mediaState(state) {
  held = state === "hold";
  clearTimeout(confirming);
  if (state === "talk" || state === "hold") announce(word(held ? "held" : "talking"));
  if (state === "agent_lost") pickUp();
  showControls();
}

// ---- the microphone ----

/** Whether calls may be offered: asks for the microphone, explains what is wrong. */
export async function mayBeReady() {
  if (!settings.telephony) return true;
  if (wanted && !(await comesUp())) { toast(word("phone_not_ready"), "warning"); return false; }
  try {
    const stream = await openStream({});
    for (const track of stream.getTracks()) track.stop();
    if (help.open) help.close();
    return true;
  } catch (error) {
    microphoneProblem({NotAllowedError: "refused", SecurityError: "refused", NotFoundError: "missing", NotReadableError: "busy"}[error.name] ?? "missing");
    return false;
  }
}

/** Whether the phone is registered, or becomes so in a moment. */
function comesUp() {
  if (registered) return true;
  return new Promise((resolve) => {
    const phone = softphone;
    const done = (up) => { clearTimeout(timer); phone?.removeEventListener("registered", yes); resolve(up); };
    const yes = () => done(true);
    const timer = setTimeout(() => done(registered), REGISTERING);
    phone?.addEventListener("registered", yes);
  });
}

function microphoneProblem(kind) {
  for (const each of help.querySelectorAll("[data-microphone]")) each.hidden = each.dataset.microphone !== kind;
  if (!help.open) help.showModal();
}
help.addEventListener("click", async (event) => {
  if (event.target.closest("[data-microphone-again]") && (await mayBeReady())) help.close();
});

// ---- the buttons of the strip ----

const strip = () => document.querySelector("#strip [data-conversation-id]");
const conversation = () => strip()?.dataset.conversationId ?? "";
const control = (name) => document.querySelector(`#strip [data-call="${name}"]`);

/** Set the buttons to what is so; called after every swap. What needs the phone of this tab is off without it. */
export function showControls() {
  press("mute", muted);
  const hold = control("hold");
  if (hold && talking) press("hold", held);
  if (hold && !talking) held = hold.getAttribute("aria-pressed") === "true";
  const label = document.querySelector("#strip .strip-active [data-call-state]");
  if (label) {
    label.textContent = word(held ? "on_hold" : "connected");
    strip().classList.toggle("strip-held", held);
  }
  for (const name of ["mute", "keypad"]) able(name, talking);
  able("answer", Boolean(softphone) && (softphone.ringing || registered));
}

function able(name, on) {
  const button = control(name);
  if (button) button.disabled = !on;
}

function press(name, on) {
  control(name)?.setAttribute("aria-pressed", String(on));
}

async function ask(verb, id = conversation()) {
  try {
    await post(`${settings.urls.conversation}${id}/call/${verb}`);
    return true;
  } catch (error) {
    const gone = error instanceof Refused && error.status === 409; // it ended at the same moment
    if (verb === "rejoin") { rejoining = ""; clearNotice("rejoin"); toast(word("rejoin_failed"), "warning"); }
    else if (!gone) toast(error instanceof Refused ? error.message : word("offline"), "warning");
    if (gone) changed();
    return false;
  }
}

const ACTIONS = {
  async answer(button) {
    button.setAttribute("aria-busy", "true");
    announce(word("answering"));
    stopRinging();
    if (!(await softphone?.answer(conversation()))) button.removeAttribute("aria-busy");
  },
  async decline() {
    stopRinging();
    try {
      const answer = await post(`${settings.urls.conversation}${conversation()}/decline`, {offer: strip().dataset.offer});
      toast(answer.message, "info");
    } catch (error) {
      toast(error instanceof Refused ? error.message : word("offline"), "warning");
    }
  },
  mute() {
    muted = !muted;
    softphone?.mute(muted);
    press("mute", muted);
    announce(word(muted ? "muted" : "unmuted"));
    // The board and the path shall know; it is off here whatever becomes of that.
    if (strip()?.dataset.mine === "1") post(`${settings.urls.conversation}${conversation()}/call/${muted ? "mute" : "unmute"}`).catch(() => {});
  },
  park() {
    ask("park");
  },
  async hold() {
    const next = !held;
    const back = () => { clearTimeout(confirming); held = !next; press("hold", held); };
    held = next;
    press("hold", next);
    clearTimeout(confirming); // what the exchange does it says; silence means that nobody was there to do it
    confirming = setTimeout(() => { back(); toast(word("not_done"), "warning"); }, CONFIRMING);
    if (!(await ask(next ? "hold" : "unhold"))) back();
  },
  keypad(button) {
    const pad = document.getElementById("keypad");
    pad.hidden = !pad.hidden;
    button.setAttribute("aria-expanded", String(!pad.hidden));
    if (!pad.hidden) pad.focus(); else button.focus();
  },
  recording(button) {
    ask(button.getAttribute("aria-pressed") === "true" ? "resume_recording" : "pause_recording");
  },
  leave() {
    softphone?.hangup();
  },
  async hangup(button) {
    if ("second" in button.dataset) { await ask("hangup"); return; } // ends what is shown, not always the call
    await ask("hangup"); // first the wish, so that it counts even where the exchange misses our leg's end
    softphone?.hangup();
  },
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("#strip [data-call]");
  if (button) ACTIONS[button.dataset.call]?.(button);
  const parked = event.target.closest("[data-pick-up]");
  if (parked) pickUpParked(parked.dataset.pickUp);
  const key = event.target.closest("[data-dtmf]");
  if (key) send(key.dataset.dtmf);
});

async function pickUpParked(address) {
  try {
    toast((await post(address)).message, "info");
  } catch (error) {
    toast(error instanceof Refused ? error.message : word("offline"), "warning");
  }
}

/** Whether digits go down the line: the keypad is open and has the focus. */
export function wantsDigits() {
  return document.getElementById("keypad")?.contains(document.activeElement) ?? false;
}

document.addEventListener("keydown", (event) => {
  if (!wantsDigits()) return;
  if (/^[0-9*#]$/.test(event.key)) { event.preventDefault(); event.stopPropagation(); send(event.key); }
  if (event.key === "Escape") ACTIONS.keypad(control("keypad"));
}, true);

function send(digit) {
  softphone?.dtmf(digit);
  const sent = document.getElementById("keypad-sent");
  if (sent) sent.textContent = (sent.textContent + digit).slice(-20);
}
