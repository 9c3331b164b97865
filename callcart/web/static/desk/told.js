// What a desk is told by a supervisor: messages that stand until they are read, other queues for a while, and that somebody is on the line, where the shop says so.
// And the way back: a supervisor who takes a call over comes here from the board, and asks for it once his phone is up.
import {toast} from "../js/toast.js";
import {word} from "../js/words.js";
import {announce, getJson, post, Refused, settings} from "./net.js";
import {clearNotice, notice} from "./notice.js";

const BOARD = "/desk/board/";
const PHONE_UP = 15000; // ms that the phone of this page has to come up
let shown = new Set();
let watched = "";

async function look() {
  try {
    const told = await getJson(`${BOARD}told`);
    showMessages(told.messages);
    showWatched(told.watched);
    showLent(told.lent);
  } catch { /* asked again with the next news */ }
}

function showMessages(messages) {
  const now = new Set(messages.map((each) => each.id));
  for (const id of shown) if (!now.has(id)) clearNotice(`told-${id}`);
  for (const {id, text, who, at} of messages) {
    notice(`told-${id}`, word("told", {who, at, text}), {tone: "blue told", action: word("told_read"), run: () => read(id)});
    if (!shown.has(id)) announce(word("told", {who, at, text}));
  }
  shown = now;
}

async function read(id) {
  clearNotice(`told-${id}`);
  shown.delete(id);
  try { await post(`${BOARD}messages/${id}/read`); } catch { look(); }
}

function showWatched(mode) {
  if (mode === watched) return;
  watched = mode;
  if (!mode) { clearNotice("watched"); return; }
  notice("watched", word(`watched_${mode}`), {tone: "amber"});
  announce(word(`watched_${mode}`));
}

let lent = "";
function showLent(text) {
  if (text === lent) return;
  if (text) { notice("lent", text, {tone: "blue"}); announce(text); } else { clearNotice("lent"); toast(word("lent_over"), "info"); }
  lent = text;
}

const about = (event) => ({...event.detail, ...(event.detail.data ?? {})});
for (const kind of ["broadcast.made", "call.watched", "agent.queues"]) document.addEventListener(`callcart:${kind}`, look);
for (const kind of ["conversation.state", "call.media"]) {
  document.addEventListener(`callcart:${kind}`, (event) => { if (about(event).staff_id === settings.staff && (watched || about(event).state === "active" || about(event).state === "talk")) look(); });
}
document.addEventListener("callcart:feed", (event) => { if (event.detail.up) look(); });
document.addEventListener("callcart:reset", look);
setInterval(look, 60000);
look();

// ---- taking a call over ----

const wanted = new URLSearchParams(location.search).get("take_over") ?? "";
const phone = document.getElementById("phone-state");

async function takeOver() {
  clearNotice("take-over");
  try {
    await post(`${BOARD}talks/${wanted}/take_over`);
    toast(word("taking_over"), "info");
  } catch (error) {
    const text = error instanceof Refused ? error.message : word("offline");
    if (error instanceof Refused && error.code !== "voice.not_ready") toast(text, "warning");
    else notice("take-over", text, {action: word("take_over_again"), run: takeOver});
  }
}

if (/^[0-9a-f-]{36}$/.test(wanted)) {
  history.replaceState(null, "", location.pathname); // a page that is loaded again asks for nothing
  const up = () => phone?.dataset.phone === "ready";
  const watch = new MutationObserver(() => { if (up()) { stop(); takeOver(); } });
  const timer = setTimeout(() => { stop(); toast(word("phone_not_ready"), "warning"); }, PHONE_UP);
  const stop = () => { watch.disconnect(); clearTimeout(timer); };
  if (up()) { stop(); takeOver(); } else if (phone) watch.observe(phone, {attributes: true, attributeFilter: ["data-phone"]});
}
