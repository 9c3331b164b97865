// The chat as a visitor sees it. What is said is kept by the server before it is shown as sent; what could not be sent stays, is marked,
// and goes by itself when the connection is back, once (each has a key of its own). The live process only says that there is news.
import {word} from "../js/words.js";
import * as call from "./call.js";
import * as survey from "./survey.js";

const base = document.body.dataset.base;
const store = `callcart-chat-${document.body.dataset.line}`;
const thread = document.getElementById("thread");
const start = document.getElementById("start");
const form = document.getElementById("write");
const text = document.getElementById("text");
const file = document.getElementById("file");
const standing = document.getElementById("standing");
const banner = document.getElementById("banner");
const end = document.getElementById("end");
const close = document.getElementById("close");
const framed = window.parent !== window;
const POLL = 20000; // where the live connection says nothing: it may be kept away by a proxy

let token = recall("token") ?? "";
let newest = 0;
let state = "";
let socket = null;
let wait = 500;
let hearing = null;
let again = false;
let unsent = JSON.parse(recall("unsent") ?? "[]");
let page = {};
let typedAt = 0;
let typingTimer = 0;
let sending = Promise.resolve();

function recall(name) {
  try { return localStorage.getItem(`${store}-${name}`); } catch { return null; }
}

function keep(name, value) {
  try { value === null ? localStorage.removeItem(`${store}-${name}`) : localStorage.setItem(`${store}-${name}`, value); } catch { /* this tab only, then */ }
}

class Refused extends Error {
  constructor(status, answer) {
    super(answer.message ?? String(status));
    this.status = status;
    this.fields = answer.fields ?? {};
  }
}

/** Our token, chosen here before the first word is sent: a beginning whose answer never came is the same one when it is sent again. */
function chosen() {
  const kept = recall("coming");
  if (kept) return kept;
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const made = btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  keep("coming", made);
  return made;
}

async function ask(path, body, known = token, more = {}) {
  const headers = known ? {"X-Chat-Token": known} : {};
  if (body && !(body instanceof FormData)) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(body);
  }
  const response = await fetch(base + path, {method: body ? "POST" : "GET", headers, body, credentials: "same-origin", ...more});
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, answer);
  return answer;
}

/** Show what has been said since the newest that is shown; one question at a time. */
async function hear() {
  if (!token) return;
  if (hearing) { again = true; return; }
  hearing = ask(`heard?after=${newest}`);
  try {
    take(await hearing);
    quiet();
  } catch (error) {
    if (error instanceof Refused && error.status === 401) forget();
    else if (!(error instanceof Refused)) say(word("offline"));
  } finally {
    hearing = null;
    if (again) { again = false; hear(); }
  }
}

function take(answer) {
  const atEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 80;
  for (const message of answer.messages) {
    if (message.place <= newest) continue;
    newest = message.place;
    thread.append(bubble(message));
    if (message.card && socket?.readyState === 1) socket.send("talk"); // from now on what moves about it is our news
  }
  state = answer.state;
  show(answer);
  if (answer.messages.length) {
    typing("");
    if (atEnd) thread.scrollTop = thread.scrollHeight;
    seen();
  }
}

function show(answer) {
  const waits = state === "waiting" || state === "offered" || state === "new";
  if (waits) {
    const words = [answer.place ? word("waiting_place", {place: answer.place}) : word("waiting")];
    if (answer.wait) words.push(word("waiting_time", {minutes: Math.max(1, Math.round(answer.wait / 60))}));
    standing.textContent = words.join(" ");
  } else if (state === "closed") standing.textContent = word("ended");
  else if (state) standing.textContent = "";
  end.hidden = !state || state === "closed";
  start.hidden = Boolean(token);
  showMail();
  callMe.show(waits);
  call.show(state, answer.call ?? null);
  survey.show(state);
  file.disabled = !token;
}

function bubble(message) {
  const box = document.createElement("div");
  box.className = message.mine ? "bubble mine" : "bubble theirs";
  if (message.place) box.dataset.place = message.place;
  const who = document.createElement("span");
  who.className = message.mine ? "sr" : "who";
  who.textContent = message.mine ? word("you") : message.who || word("us");
  box.append(who);
  if (message.text) {
    const words = document.createElement("p");
    words.append(...linked(message.text));
    box.append(words);
  }
  if (message.card) box.append(card(message.card));
  for (const each of message.files ?? []) box.append(attachment(each));
  const time = document.createElement("time");
  time.dateTime = message.at;
  time.textContent = new Date(message.at).toLocaleTimeString(document.documentElement.lang, {hour: "2-digit", minute: "2-digit"});
  box.append(time);
  return box;
}

/** A text with its web addresses as links; everything else stays text. */
function linked(words) {
  return words.split(/(https?:\/\/[^\s<>"']+)/).map((part, index) => {
    if (index % 2 === 0) return document.createTextNode(part);
    const link = document.createElement("a");
    link.href = part;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    link.textContent = part;
    return link;
  });
}

/** An order that was shown. It stands as it is now: told of anew whenever something about it moves. */
function card(what) {
  const box = element("div", "card");
  box.dataset.card = what.place;
  const lines = document.createElement("ul");
  for (const line of what.more ? [...what.lines, word("more", {count: what.more})] : what.lines) lines.append(element("li", "", line));
  const how = element("p", "labels", what.labels.join(" · "));
  box.append(element("b", "", word("order", {number: what.number})), lines, element("p", "total", what.total), how);
  if (what.due) box.append(element("p", "due", word("due", {amount: what.due})));
  if (what.pay) box.append(link(what.pay, word("pay"), "pay"));
  if (what.waits) {
    const yes = element("button", "pay", word("agree"));
    yes.type = "button";
    yes.addEventListener("click", () => agree(what, yes));
    box.append(yes);
  } else if (what.agreed) box.append(element("p", "labels", word("agreed")));
  box.append(link(what.open, word("open"), "open"));
  return box;
}

function element(name, style, words = "") {
  const made = document.createElement(name);
  if (style) made.className = style;
  made.textContent = words;
  return made;
}

function link(address, words, style) {
  const made = element("a", style, words);
  made.href = address;
  made.target = "_blank";
  made.rel = "noopener";
  return made;
}

async function agree(what, button) {
  button.disabled = true;
  try {
    showCards(await ask("agree", {place: what.place, version: what.version}));
    quiet();
  } catch (error) {
    say(error instanceof Refused ? error.message : word("offline"));
    button.disabled = false;
    freshCards();
  }
}

function showCards(answer) {
  for (const what of answer.cards) {
    const old = thread.querySelector(`[data-card="${Number(what.place)}"]`);
    if (!old) continue;
    const held = old.contains(document.activeElement);
    const made = card(what);
    old.replaceWith(made);
    if (held) made.querySelector("button, a")?.focus();
  }
}

async function freshCards() {
  if (!token || !thread.querySelector("[data-card]")) return;
  try { showCards(await ask("cards")); } catch { /* the next news brings it */ }
}

function attachment(each) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "file";
  button.textContent = each.name;
  button.setAttribute("aria-label", word("save", {name: each.name}));
  button.addEventListener("click", () => fetched(each).then((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = each.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }));
  if (each.picture) {
    fetched(each).then((blob) => {
      const reader = new FileReader();
      reader.onload = () => {
        const picture = document.createElement("img");
        picture.src = reader.result;
        picture.alt = word("photo", {name: each.name});
        button.replaceChildren(picture);
        thread.scrollTop = thread.scrollHeight;
      };
      reader.readAsDataURL(blob);
    }).catch(() => {});
  }
  return button;
}

async function fetched(each) {
  const response = await fetch(`${base}files/${each.id}`, {headers: {"X-Chat-Token": token}});
  if (!response.ok) throw new Refused(response.status, {});
  return response.blob();
}

// ---- to be called instead ----

const callMe = {
  form: document.getElementById("call-me"), // not there where nobody calls
  opener: document.getElementById("call-me-open"),
  show(waits) {
    if (!this.form) return;
    this.opener.hidden = !(waits || "closed" in this.opener.dataset);
    if (this.opener.hidden) this.form.hidden = true;
  },
  open(open) {
    this.form.hidden = !open;
    this.opener.setAttribute("aria-expanded", String(open));
    (open ? this.form.elements.number : this.opener).focus();
  },
  async send() {
    try {
      const number = this.form.elements.number.value;
      await ask("call-me", {number});
      this.open(false);
      say(word("will_call", {number}));
      if (token) hear();
    } catch (error) { say(error instanceof Refused ? (error.fields?.number ?? error.message) : word("failed")); }
  },
};
callMe.opener?.addEventListener("click", () => callMe.open(callMe.form.hidden));
callMe.form?.addEventListener("submit", (event) => { event.preventDefault(); callMe.send(); });
document.getElementById("call-me-no")?.addEventListener("click", () => callMe.open(false));

// ---- what was said, by mail ----

const mail = document.getElementById("mail"); // not there where the shop sends none
const mailOpen = document.getElementById("mail-open");

function showMail() {
  if (mail) mailOpen.hidden = !token || !thread.querySelector(".bubble.theirs[data-place]");
}

function openMail(open) {
  mail.hidden = !open;
  mailOpen.setAttribute("aria-expanded", String(open));
  (open ? mail.elements.email : mailOpen).focus();
}

async function sendMail() {
  mail.dataset.key ||= crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`; // sent again after no answer, it is asked once
  try {
    const {address} = await ask("transcript", {email: mail.elements.email.value, key: mail.dataset.key});
    delete mail.dataset.key;
    openMail(false);
    say(word("mailed", {address}));
  } catch (error) {
    if (error instanceof Refused) delete mail.dataset.key;
    say(error instanceof Refused ? Object.values(error.fields)[0] ?? error.message : word("offline"));
  }
}

mailOpen?.addEventListener("click", () => {
  mail.elements.email.value ||= start.elements.email.value;
  openMail(mail.hidden);
});
mail?.addEventListener("submit", (event) => { event.preventDefault(); sendMail(); });
document.getElementById("mail-no")?.addEventListener("click", () => openMail(false));

function quiet() { banner.hidden = true; }

function say(words) {
  banner.textContent = words;
  banner.hidden = false;
}

/** What the page has shown has arrived: but only where somebody looks. */
function seen() {
  if (newest && document.visibilityState === "visible" && token) ask("page", {seen: newest}).catch(() => {});
}

function forget() {
  token = "";
  newest = 0;
  state = "";
  keep("token", null);
  socket?.close();
  start.hidden = false;
}

function send(words, attached) {
  const entry = {key: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, text: words};
  const box = bubble({mine: true, text: words || attached?.name, at: new Date().toISOString(), files: []});
  box.classList.add("going");
  thread.append(box);
  thread.scrollTop = thread.scrollHeight;
  if (!attached) { unsent.push(entry); keep("unsent", JSON.stringify(unsent)); }
  inTurn(() => deliver(entry, box, attached));
}

/** One after the other, in the order in which it was written. */
function inTurn(work) {
  sending = sending.then(work);
  return sending;
}

async function deliver(entry, box, attached) {
  try {
    let answer;
    if (!token) {
      const fields = new FormData(start);
      const coming = chosen();
      answer = await ask("begin", {...page, name: fields.get("name"), email: fields.get("email"), text: entry.text, key: entry.key}, coming);
      token = coming;
      keep("token", token);
      keep("coming", null);
      connect();
    } else {
      const body = new FormData();
      body.set("text", entry.text);
      body.set("key", entry.key);
      body.set("after", String(newest));
      if (attached) body.set("file", attached);
      answer = await ask("say", body);
    }
    const begins = !state || state === "closed";
    sent(entry);
    box?.remove();
    take(answer);
    if (begins && socket?.readyState === 1) socket.send("talk");
    thread.scrollTop = thread.scrollHeight;
    quiet();
  } catch (error) {
    if (error instanceof Refused && error.status === 401 && token) {
      forget();
      return deliver(entry, box, attached);
    }
    box?.classList.add("failed");
    const told = error instanceof Refused ? Object.values(error.fields)[0] ?? error.message : word("offline");
    say(told);
    if (error instanceof Refused && error.status !== 429 && error.status < 500) {
      sent(entry);
      text.value ||= entry.text;
    }
  }
}

function sent(entry) {
  unsent = unsent.filter((each) => each.key !== entry.key);
  keep("unsent", unsent.length ? JSON.stringify(unsent) : null);
}

/** What was written while the connection was gone. */
async function catchUp() {
  await hear();
  for (const entry of [...unsent]) {
    thread.querySelectorAll(".going").forEach((box) => box.remove());
    await inTurn(() => deliver(entry, null, null));
  }
}

function connect() {
  if (!token || socket) return;
  socket = new WebSocket(document.body.dataset.live, ["callcart-chat", token]);
  socket.onopen = () => { wait = 500; catchUp(); freshCards(); };
  socket.onmessage = (event) => {
    const news = JSON.parse(event.data);
    if (news.kind === "agent.typing") typing(news.who || word("us"));
    else if (news.kind === "card.changed") freshCards();
    else if (news.kind !== "ping") hear();
  };
  socket.onclose = (event) => {
    socket = null;
    if (event.code === 4401) return;
    setTimeout(connect, wait + Math.random() * wait);
    wait = Math.min(wait * 2, 15000);
  };
}

function typing(who) {
  clearTimeout(typingTimer);
  if (state !== "active") return;
  standing.textContent = who ? word("typing", {who}) : "";
  if (who) typingTimer = setTimeout(() => typing(""), 12000); // a desk says it every ten seconds
}

function submit() {
  const words = text.value.trim();
  if (!words) return;
  text.value = "";
  keep("draft", null);
  grow();
  send(words);
  text.focus();
}

function grow() {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight, 120)}px`;
}

form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); submit(); }
  if (event.key === "Escape" && framed) parent.postMessage({callcart: "close"}, "*");
});
text.addEventListener("input", () => {
  grow();
  keep("draft", text.value || null);
  if (token && state && state !== "closed" && Date.now() - typedAt > 3000) {
    typedAt = Date.now();
    ask("typing", {}).catch(() => {});
  }
});
file.addEventListener("change", () => {
  const chosen = file.files[0];
  file.value = "";
  if (!chosen) return;
  if (chosen.size > 10 * 1024 * 1024) say(word("too_big"));
  else send("", chosen);
});
end.addEventListener("click", () => ask("end", {}).then(hear).catch((error) => say(error.message)));
close.addEventListener("click", () => parent.postMessage({callcart: "close"}, "*"));
addEventListener("message", (event) => {
  if (event.source !== parent || event.data?.callcart !== "page" || !("watch" in document.body.dataset)) return;
  page = {page: String(event.data.page), title: String(event.data.title)};
  if (token) ask("page", page).catch(() => {});
});
addEventListener("online", () => { connect(); catchUp(); });
document.addEventListener("visibilitychange", seen);
setInterval(() => { if (document.visibilityState === "visible" && (!socket || socket.readyState !== 1)) { hear(); freshCards(); } }, POLL);

call.wire({ask, hear});
survey.wire({ask});
text.value = recall("draft") ?? "";
start.hidden = Boolean(token);
close.hidden = !framed;
if (framed) parent.postMessage({callcart: "ready"}, "*");
if (token) { file.disabled = false; connect(); hear(); }
