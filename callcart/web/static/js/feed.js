// The live feed: one EventSource to the live process, whatever it says becomes `callcart:event` on document, and
// `callcart:<kind>` besides. Resumes where it stopped; says so quietly while it is down; never loses typed text.
import {banner, clearBanner} from "./toast.js";
import {word} from "./words.js";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15000;
const SILENCE = 45000; // the server says something at least every 20 s

let source = null;
let token = "";
let wait = FIRST_WAIT;
let watchdog = 0;
let bannerTimer = 0;

/** Open the feed if the page names one (<meta name="feed">). `resume` in <meta name="feed-token"> continues from there. */
export function start() {
  const address = document.querySelector('meta[name="feed"]')?.content;
  if (!address) return;
  token = document.querySelector('meta[name="feed-token"]')?.content ?? "";
  open(address);
  addEventListener("online", () => reopen(address, 0));
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => { if (event.persisted) reopen(address, 0); });
}

function open(address) {
  const url = new URL(address);
  if (token) url.searchParams.set("token", token);
  source = new EventSource(url, {withCredentials: true});
  source.onopen = () => {
    wait = FIRST_WAIT;
    clearTimeout(bannerTimer);
    bannerTimer = 0;
    clearBanner("feed");
    tell("callcart:feed", {up: true});
    watch(address);
  };
  source.onmessage = (event) => { watch(address); receive(event); };
  source.addEventListener("ping", (event) => { watch(address); if (event.lastEventId) token = event.lastEventId; });
  source.onerror = () => {
    source.close();
    bannerTimer ||= setTimeout(() => {
      banner("feed", word("feed_down"));
      tell("callcart:feed", {up: false});
    }, 4000);
    reopen(address, wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  };
}

let pending = 0;
function reopen(address, delay) {
  clearTimeout(pending);
  pending = setTimeout(() => { source?.close(); open(address); }, delay);
}

function watch(address) {
  clearTimeout(watchdog);
  watchdog = setTimeout(() => reopen(address, 0), SILENCE);
}

function receive(message) {
  if (message.lastEventId) token = message.lastEventId;
  let event;
  try { event = JSON.parse(message.data); } catch { return; }
  for (const one of Array.isArray(event) ? event : [event]) {
    tell("callcart:event", one);
    if (one.kind) tell(`callcart:${one.kind}`, one);
  }
}

function tell(name, detail) {
  document.body.dispatchEvent(new CustomEvent(name, {detail, bubbles: true})); // hx-trigger="callcart:order.placed from:body"
}
