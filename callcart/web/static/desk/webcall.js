// A chat that becomes a call. Our own phone rings for it and is answered by itself, as for a number we call; the visitor's page is the other side.
import {toast} from "../js/toast.js";
import {word} from "../js/words.js";
import {announce, post, Refused} from "./net.js";
import {clearNotice, notice} from "./notice.js";
import * as notify from "./notify.js";
import * as phone from "./phone.js";
import {complain, shown} from "./written.js";

const desk = {open() {}, refresh() {}};
let begun = "";
let running = 0;
let invited = ""; // the chat whose visitor we have asked

/** What the desk does for us: open(id, options), refresh(). */
export function wire(given) {
  Object.assign(desk, given);
}

async function want(button) {
  if (!(await phone.mayBeReady())) return;
  const {conversation} = await post(button.dataset.webCall);
  if (conversation) begin(conversation); else { announce(word("web_call_invited")); desk.refresh(); }
}

function begin(conversation) {
  phone.dialled(conversation);
  clearNotice("web_call");
  if (begun === conversation) return;
  begun = conversation;
  announce(word("dialling"));
  desk.open(conversation, {focus: true});
}

/** What the feed says of a web call of ours. */
export function heard(news) {
  const here = news.conversation_id === shown();
  if (news.state === "invited") invited = news.conversation_id;
  if (news.state === "calling" && news.call_id) { begin(news.call_id); return; }
  if (news.state === "asked") {
    announce(word("web_call_asked"));
    notify.tell(word("web_call_asked"), () => desk.open(news.conversation_id));
    if (!here) notice("web_call", word("web_call_asked"), {tone: "blue", action: word("web_call_show"), run: () => { clearNotice("web_call"); desk.open(news.conversation_id, {focus: true}); }});
  }
  if (news.state === "ended") {
    clearNotice("web_call");
    notify.clear();
    if (invited === news.conversation_id && news.why === "declined") toast(word("web_call_declined"), "info");
    invited = "";
  }
  if (here) desk.refresh();
}

/** A wish that nobody answered goes away by itself. */
export function placed() {
  clearTimeout(running);
  if (shown()) clearNotice("web_call");
  const until = document.querySelector("#strip [data-web-call-until]")?.dataset.webCallUntil;
  if (until) running = setTimeout(desk.refresh, Math.max(1000, Date.parse(until) - Date.now() + 1000));
}

document.addEventListener("click", async (event) => {
  const yes = event.target.closest("[data-web-call]");
  const no = event.target.closest("[data-web-call-no]");
  const button = yes ?? no;
  if (!button || button.disabled) return;
  button.disabled = true;
  try {
    if (yes) await want(yes);
    else { await post(no.dataset.webCallNo); desk.refresh(); }
  } catch (error) {
    complain(error);
    if (error instanceof Refused) desk.refresh();
  } finally { button.disabled = false; }
});
