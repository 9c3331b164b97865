// The telephone as the desk shows it: registered or not, ringing, talking, muted, held. The sound itself is softphone.js;
// this module gives it credentials, listens to it, and asks the server for what only the voice process can do (hold, end,
// rejoin). A page that is loaded again finds its call again.
import {toast} from "../js/toast.js";
import {word} from "../js/words.js";
import {announce, getJson, post, Refused, settings} from "./net.js";
import {clearNotice, notice} from "./notice.js";

const shown = document.getElementById("phone-state");
const help = document.getElementById("microphone-help");
const audio = document.getElementById("remote-audio");
let softphone = null;
let wanted = false;
let registered = false;
let talking = false;
let muted = false;
let held = false;
let rejoin = "";
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
  show("connecting");
  try {
    const [{Softphone}, credentials] = await Promise.all([import("../js/softphone.js"), getJson(settings.urls.phone)]);
    if (!wanted || softphone) return;
    softphone = new Softphone({...credentials, url: settings.urls.sip + credentials.ws_path, audio});
    listen();
    await softphone.start();
  } catch (error) {
    show("failed");
    if (error instanceof Refused && error.status < 500) return;
    setTimeout(() => wanted && !softphone && start(), 5000);
  }
}

/** Another tab has it. */
export function stop() {
  wanted = false;
  registered = false;
  softphone?.stop();
  softphone = null;
  show("elsewhere");
}

function listen() {
  const on = (name, react) => softphone.addEventListener(name, (event) => react(event.detail ?? {}));
  on("registered", () => {
    registered = true;
    show("ready");
    clearNotice("phone");
    if (rejoin) ask("rejoin", rejoin);
  });
  on("unregistered", () => {
    registered = false;
    show("failed");
    notice("phone", word("phone_down"));
  });
  on("ringing", () => { ringing(true); showControls(); });
  on("answered", () => {
    talking = true;
    muted = held = false;
    ringing(false);
    clearNotice("media");
    if (rejoin) toast(word("rejoined")); else announce(word("answered"));
    rejoin = "";
    clearNotice("rejoin");
    showControls();
    changed();
  });
  on("ended", () => {
    talking = muted = held = false;
    ringing(false);
    showControls();
  });
  on("microphone", (detail) => microphoneProblem(detail.problem));
}

function ringing(on) {
  document.body.classList.toggle("is-ringing", on);
  document.title = document.title.replace(/^\u25CF /, "");
  if (on) document.title = `\u25CF ${document.title}`;
}

/** After a reload: the call is still there, ask for it as soon as the phone is. */
export function rejoinWhenReady(conversation, phase) {
  if (phase !== "active" || !settings.telephony) return;
  rejoin = conversation;
  notice("rejoin", word("rejoining"), {tone: "blue"});
  if (registered) ask("rejoin", conversation);
}

export function inCall() {
  return talking;
}

/** What the voice process says of the sound: hold, talk, agent_lost. */
export function mediaState(state) {
  held = state === "hold";
  if (state === "talk" || state === "hold") announce(word(held ? "held" : "talking"));
  if (state === "agent_lost" && wanted && registered && !talking) ask("rejoin", conversation());
  showControls();
}

// ---- the microphone ----

/** Whether calls may be offered: asks for the microphone, explains what is wrong. */
export async function mayBeReady() {
  if (!settings.telephony) return true;
  try {
    const stream = await navigator.mediaDevices.getUserMedia({audio: true});
    for (const track of stream.getTracks()) track.stop();
    if (help.open) help.close();
    return true;
  } catch (error) {
    microphoneProblem({NotAllowedError: "refused", SecurityError: "refused", NotFoundError: "missing", NotReadableError: "busy"}[error.name] ?? "missing");
    return false;
  }
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

/** Set the buttons to what is so; called after every swap. */
export function showControls() {
  press("mute", muted);
  const hold = control("hold");
  if (hold && talking) press("hold", held);
  if (hold && !talking) held = hold.getAttribute("aria-pressed") === "true";
  const answer = control("answer");
  if (answer) answer.disabled = Boolean(softphone) && !softphone.ringing && !registered;
}

function press(name, on) {
  control(name)?.setAttribute("aria-pressed", String(on));
}

async function ask(verb, id = conversation()) {
  try {
    await post(`${settings.urls.conversation}${id}/call/${verb}`);
    return true;
  } catch (error) {
    if (verb === "rejoin") { rejoin = ""; clearNotice("rejoin"); toast(word("rejoin_failed"), "warning"); changed(); }
    else toast(error instanceof Refused ? error.message : word("offline"), "warning");
    return false;
  }
}

const ACTIONS = {
  async answer(button) {
    button.setAttribute("aria-busy", "true");
    announce(word("answering"));
    await softphone?.answer();
  },
  async decline() {
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
  },
  async hold() {
    const next = !held;
    held = next;
    press("hold", next);
    if (!(await ask(next ? "hold" : "unhold"))) { held = !next; press("hold", held); }
  },
  keypad(button) {
    const pad = document.getElementById("keypad");
    pad.hidden = !pad.hidden;
    button.setAttribute("aria-expanded", String(!pad.hidden));
    if (!pad.hidden) pad.focus(); else button.focus();
  },
  hangup() {
    softphone?.hangup();
    ask("hangup");
  },
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("#strip [data-call]");
  if (button) ACTIONS[button.dataset.call]?.(button);
  const key = event.target.closest("[data-dtmf]");
  if (key) send(key.dataset.dtmf);
});

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
