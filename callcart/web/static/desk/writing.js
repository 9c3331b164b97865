// Wrap-up runs out while an order or a note is being written: the desk asks that no call comes until its agent gets ready.
import {serverNow} from "../js/dates.js";
import {word} from "../js/words.js";
import {currentState, setState} from "./agent.js";
import {post, settings} from "./net.js";
import {clearNotice, notice} from "./notice.js";

const LATEST = 8; // seconds before the end
const WRITES = 30; // seconds since something was typed or chosen
let typed = -Infinity;
let asked = "";

for (const id of ["order", "wrap"]) {
  for (const kind of ["input", "change", "click"]) document.getElementById(id).addEventListener(kind, () => { typed = performance.now(); });
}

/** An order that was begun and stands open, or something typed a moment ago. */
function writes() {
  const order = document.querySelector("#order [data-order]");
  const begun = order !== null && order.querySelector("[data-quantity]") !== null;
  return begun || performance.now() - typed < WRITES * 1000;
}

async function look() {
  if (asked && ["ready", "ringing", "talking", "offline"].includes(currentState())) { asked = ""; clearNotice("writing"); }
  const strip = document.querySelector("#strip [data-phase='wrap_up'][data-mine='1']");
  const end = strip?.querySelector("time[data-until]");
  if (!end || asked === strip.dataset.conversationId || currentState() !== "wrap_up") return;
  if ((Date.parse(end.dateTime) - serverNow()) / 1000 > LATEST || !writes()) return;
  asked = strip.dataset.conversationId;
  try {
    const {waits} = await post(`${settings.urls.conversation}${asked}/writing`);
    if (waits) notice("writing", word("still_writing"), {tone: "blue", action: settings.words.ready, run: () => setState("ready")});
  } catch {
    asked = ""; // asked again in a second
  }
}

setInterval(look, 1000);
