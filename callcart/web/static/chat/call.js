// A chat that becomes a call: the visitor asks or is asked, this page's telephone is rung and answers by itself, and the chat goes on
// beside it. The telephone is loaded when it is needed; its password lives in this script's memory for as long as the call.
import {word} from "../js/words.js";

const panel = document.getElementById("call-panel"); // not there where the shop wants no calls
const part = (name) => document.getElementById(`call-${name}`);
const opener = document.getElementById("call");
const framed = window.parent !== window;
const AGAIN = 500; // ms until the exchange is asked once more: it learns of us a moment after the page
const TRIES = 12;
const LOOK = 4000; // ms between two looks while the call is on its way or the way of its signalling is lost
const NOTED = 8000; // ms
const GOODBYE = 1200; // ms that a call which is over has to end here by itself
const PROBLEMS = {NotAllowedError: "refused", SecurityError: "refused", NotReadableError: "busy", AbortError: "busy"};
const does = {ask: async () => ({}), hear() {}};

let now = null; // the call as the server told it last
let mine = ""; // the one this page takes part in
let parted = ""; // the one it took part in last, whose end is still to be told
let told = ""; // whose end has been told
let talk = ""; // state of the chat
let phone = null;
let starting = false;
let answeredAt = 0;
let muted = false;
let tries = 0;
let note = ""; // said for a moment where the call was
let noted = 0;

/** What the chat does for us: ask(path, body, token, more), hear(). */
export function wire(given) {
  Object.assign(does, given);
}

/** Whether this page could talk at all: a secure one, in a frame that is lent the microphone. */
function mayTalk() {
  const policy = document.permissionsPolicy ?? document.featurePolicy;
  return Boolean(panel) && isSecureContext && Boolean(navigator.mediaDevices?.getUserMedia) && (policy?.allowsFeature?.("microphone") ?? true);
}

/** What the server says: of the chat, and of the call (null: there is none). */
export function show(state, call) {
  if (!panel) return;
  const before = now?.state ?? "";
  talk = state;
  now = call;
  if (call?.state === "ended") ended(call);
  else if (!call && phone) drop();
  if (call?.state === "calling" && call.id === mine) start();
  if (call?.state === "invited" && before !== "invited" && framed) parent.postMessage({callcart: "open"}, "*");
  draw();
}

function draw() {
  const state = now?.state ?? "";
  const talking = answeredAt > 0;
  const here = state === "calling" && now.id === mine;
  opener.hidden = !mayTalk() || talk !== "active" || ["asked", "invited", "calling"].includes(state);
  const speaks = note && !here && state !== "invited";
  panel.hidden = !speaks && !(state === "invited" && mayTalk()) && !(state === "asked" && now.id === mine) && !here;
  part("yes").hidden = state !== "invited";
  part("no").hidden = !["asked", "invited"].includes(state);
  part("no").textContent = word(state === "asked" ? "call_cancel" : "call_not_now");
  part("end").hidden = !here;
  part("mute").hidden = !talking;
  part("mute").setAttribute("aria-pressed", String(muted));
  if (part("recorded")) part("recorded").hidden = !["invited", "asked"].includes(state);
  part("clock").hidden = !talking;
  if (!panel.hidden) say(speaks ? note : words(state, talking));
}

function words(state, talking) {
  if (state === "invited") return word("call_invited", {who: now.who || word("us")});
  if (state === "asked") return word("call_asking");
  if (!talking) return word("call_beginning");
  return muted ? word("call_muted") : word("call_talking", {who: now.who || word("us")});
}

/** Say how it ended, or what is in the way. */
function tell(text) {
  note = text;
  clearTimeout(noted);
  noted = setTimeout(() => { note = ""; draw(); }, NOTED);
  draw();
}

/** A live region speaks when it changes, so it is left alone when it does not. */
function say(text) {
  if (part("words").textContent !== text) part("words").textContent = text;
}

// ---- what the visitor does ----

/** Ask for a call, or agree to one. The microphone first: its question is the browser's, and takes as long as people do. */
async function wish(button) {
  button.disabled = true;
  try {
    const stream = await navigator.mediaDevices.getUserMedia({audio: true});
    for (const track of stream.getTracks()) track.stop();
  } catch (error) {
    tell(word(`microphone_${PROBLEMS[error.name] ?? "missing"}`));
    button.disabled = false;
    return;
  }
  try {
    const {call} = await does.ask("call", {});
    mine = call?.id ?? "";
    note = "";
    show(talk, call);
  } catch (error) {
    tell(error.status ? error.message : word("offline"));
    does.hear();
  } finally {
    button.disabled = false;
  }
}

/** No, not any more, or good-bye. */
async function leave() {
  mine = "";
  phone?.hangup();
  try {
    const {call} = await does.ask("call/decline", {});
    show(talk, call);
  } catch { /* the server hears it from the exchange, or the question runs out */ }
  drop();
  draw();
}

function mute() {
  muted = !muted;
  phone?.mute(muted);
  draw();
}

// ---- the telephone ----

async function start() {
  if (phone || starting) return;
  starting = true;
  const id = mine;
  try {
    const [{Softphone}, known] = await Promise.all([import("../js/softphone.js"), does.ask("call/phone", {})]);
    if (id !== mine || now?.state !== "calling") return;
    const url = `${document.body.dataset.sip}${known.path}?ticket=${encodeURIComponent(known.ticket)}`;
    phone = new Softphone({username: known.username, password: known.password, realm: known.realm, url, audio: part("audio"), iceServers: known.ice_servers});
    tries = 0;
    listen(phone);
    phone.expect(known.conversation);
    phone.start();
  } catch (error) {
    if (!error.status) tell(word("call_failed"));
    mine = "";
    does.ask("call/decline", {}).catch(() => {});
    does.hear();
  } finally {
    starting = false;
  }
}

function listen(of) {
  const on = (name, react) => of.addEventListener(name, (event) => { if (of === phone) react(event.detail); });
  on("unregistered", ({refused}) => {
    if (refused && !answeredAt && tries++ < TRIES) setTimeout(() => { if (of === phone) of.again(); }, AGAIN);
    else does.hear(); // the way is lost, or the call is over: the server knows
  });
  on("answered", () => { answeredAt = Date.now(); muted = false; draw(); });
  on("ended", () => { parted = mine; mine = ""; drop(); draw(); setTimeout(does.hear, 600); });
  on("microphone", ({problem}) => { tell(word(`microphone_${problem}`)); leave(); });
}

function drop() {
  phone?.stop();
  phone = null;
  answeredAt = 0;
  muted = false;
}

function ended(call) {
  if (told === call.id) return;
  told = call.id;
  if (call.id === mine || call.id === parted) tell(word({declined: "call_declined", expired: "call_expired", not_reached: "call_failed", over: "call_over"}[call.why] ?? "call_over"));
  if (call.id !== mine) return;
  mine = "";
  const had = phone;
  setTimeout(() => { if (had && had === phone) { had.hangup(); drop(); draw(); } }, GOODBYE);
}

setInterval(() => {
  if (!answeredAt) return;
  const seconds = Math.floor((Date.now() - answeredAt) / 1000);
  part("clock").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}, 500);
// What waits runs out without a word, and a lost way brings none.
setInterval(() => { if (["asked", "invited", "calling"].includes(now?.state) && !(phone?.registered && answeredAt)) does.hear(); }, LOOK);

if (panel) {
  opener.addEventListener("click", () => wish(opener));
  part("yes").addEventListener("click", () => wish(part("yes")));
  part("no").addEventListener("click", leave);
  part("end").addEventListener("click", leave);
  part("mute").addEventListener("click", mute);
  addEventListener("pagehide", () => { // a page that is closed hangs up
    if (mine && ["asked", "calling"].includes(now?.state)) does.ask("call/decline", {}, undefined, {keepalive: true}).catch(() => {});
    phone?.hangup();
  });
}
