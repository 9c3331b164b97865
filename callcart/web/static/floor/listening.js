// The supervisor's ear: the telephone of this page, brought up when it is first needed. A desk in another tab has the phone; it is asked for.
import {PagePhone} from "../js/page-phone.js";
import {toast} from "../js/toast.js";
import {word} from "../js/words.js";
import {announce, getJson, post, settings} from "./net.js";

const line = document.getElementById("watching");
const phone = new PagePhone({
  audio: document.getElementById("remote-audio"),
  lock: `callcart-desk-${settings.tenant}-${settings.staff}`, // the one the desk's tabs share
  sip: settings.urls.sip,
  credentials: () => getJson(settings.urls.phone),
});
let talk = "";

/** Listen to a talk, whisper, or join; on it already, only what one does changes. */
export async function listen(conversation, mode) {
  if (!settings.telephony) return;
  try {
    const there = talk === conversation && phone.conversation === conversation;
    if (!there) {
      if (!(await phone.hold(offerToTake))) return;
      await phone.comeUp();
      if (talk && talk !== conversation) await leave(talk);
      talk = conversation;
      phone.expect(conversation); // answers by itself
    }
    await post(`${settings.urls.talks}${conversation}/${mode}`);
    say(there ? `on_${mode}` : `asked_${mode}`);
  } catch (error) { toast(error.message || word("phone_failed"), "warning"); }
}

/** Leave the talk. */
export async function leave(conversation) {
  try { await post(`${settings.urls.talks}${conversation}/stop`); } catch (error) { toast(error.message, "warning"); }
  phone.hangup();
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

phone.addEventListener("gone", gone);
phone.addEventListener("problem", () => { toast(word("microphone"), "warning"); });
document.addEventListener("callcart:call.watching", (event) => {
  const news = {...event.detail, ...(event.detail.data ?? {})};
  if (news.conversation_id !== talk) return;
  if (news.mode) say(`on_${news.mode}`); else phone.down();
});
