// The supervisor's ear: the telephone of this page, brought up when it is first needed. A desk in another tab has the phone; it is asked for.
import {toast} from "../js/toast.js";
import {word} from "../js/words.js";
import {announce, getJson, post, settings} from "./net.js";

const audio = document.getElementById("remote-audio");
const line = document.getElementById("watching");
const REGISTERING = 8000; // ms until a phone that does not come up is given up
const LOCK = `callcart-desk-${settings.tenant}-${settings.staff}`; // the one the desk's tabs share
let softphone = null;
let letGo = null;
let talk = "";

/** Listen to a talk, whisper, or join; on it already, only what one does changes. */
export async function listen(conversation, mode) {
  if (!settings.telephony) return;
  try {
    const there = talk === conversation && softphone?.conversation === conversation;
    if (!there) {
      if (!(await hold())) return;
      await comeUp();
      if (talk && talk !== conversation) await leave(talk);
      talk = conversation;
      softphone.expect(conversation); // answers by itself
    }
    await post(`${settings.urls.talks}${conversation}/${mode}`);
    say(there ? `on_${mode}` : `asked_${mode}`);
  } catch (error) { toast(error.message, "warning"); }
}

/** Leave the talk. */
export async function leave(conversation) {
  try { await post(`${settings.urls.talks}${conversation}/stop`); } catch (error) { toast(error.message, "warning"); }
  softphone?.hangup();
}

function say(name) {
  line.hidden = !name;
  line.textContent = name ? word(name) : "";
  if (name) announce(word(name));
}

function gone() {
  if (talk) announce(word("stopped"));
  talk = "";
  say("");
  softphone?.stop();
  softphone = null;
  letGo?.();
  letGo = null;
}

// ---- the phone ----

async function comeUp() {
  if (softphone?.registered) return;
  const [{Softphone}, credentials] = await Promise.all([import("../js/softphone.js"), getJson(settings.urls.phone)]);
  softphone = new Softphone({...credentials, iceServers: credentials.ice_servers, url: settings.urls.sip + credentials.ws_path, audio});
  const mine = softphone;
  mine.addEventListener("ended", () => { if (mine === softphone) gone(); });
  mine.addEventListener("microphone", () => { toast(word("microphone"), "warning"); });
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => { reject(new Error(word("phone_failed"))); if (mine === softphone) gone(); }, REGISTERING);
    mine.addEventListener("registered", () => { clearTimeout(timer); resolve(); }, {once: true});
    mine.start();
  });
}

/** Have the phone of this person: a tab of the desk keeps it unless one asks for it. */
function hold() {
  if (letGo || !navigator.locks) return true;
  return new Promise((resolve) => {
    const take = (options) => navigator.locks.request(LOCK, options, (lock) => {
      if (!lock) { offerToTake(() => take({steal: true})); resolve(false); return null; }
      resolve(true);
      return new Promise((release) => { letGo = release; });
    }).catch((error) => { if (error.name === "AbortError") { letGo = null; gone(); } else throw error; });
    take({ifAvailable: true});
  });
}

function offerToTake(run) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-sm";
  button.textContent = word("phone_here");
  button.addEventListener("click", () => { say(""); run(); });
  line.replaceChildren(`${word("phone_elsewhere")} `, button);
  line.hidden = false;
  announce(word("phone_elsewhere"));
}

document.addEventListener("callcart:call.watching", (event) => {
  const news = {...event.detail, ...(event.detail.data ?? {})};
  if (news.conversation_id !== talk) return;
  if (news.mode) say(`on_${news.mode}`); else gone();
});
addEventListener("pagehide", () => softphone?.hangup());
