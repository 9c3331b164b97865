// The live feed: one EventSource to the live process, whatever it says becomes `callcart:event` on document, and
// `callcart:<kind>` besides. Resumes where it stopped; says so quietly while it is down; never loses typed text.
import {banner, clearBanner} from "./toast.js";
import {word} from "./words.js";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15000;
const SILENCE = 45000; // the server says something at least every 20 s
const HIDDEN = 60000; // a page nobody looks at gives its connection back; a desk never does

let source = null;
let address = "";
let token = "";
let wait = FIRST_WAIT;
let watchdog = 0;
let bannerTimer = 0;
let pending = 0;
let hideTimer = 0;
let resting = false; // hidden, or signed out: nothing is tried until somebody looks

/** Open the feed if the page names one (<meta name="feed">). `resume` in <meta name="feed-token"> continues from there. */
export function start() {
  address = document.querySelector('meta[name="feed"]')?.content ?? "";
  if (!address) return;
  token = document.querySelector('meta[name="feed-token"]')?.content ?? "";
  open();
  addEventListener("online", () => reopen(0));
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => { if (event.persisted) reopen(0); });
  document.addEventListener("visibilitychange", seen);
}

function open() {
  const url = new URL(address);
  if (token) url.searchParams.set("token", token);
  resting = false;
  source = new EventSource(url, {withCredentials: true});
  source.onopen = () => {
    wait = FIRST_WAIT;
    clearTimeout(bannerTimer);
    bannerTimer = 0;
    clearBanner("feed");
    clearBanner("signed-out");
    tell("callcart:feed", {up: true});
    watch();
  };
  source.onmessage = (event) => { watch(); receive(event); };
  on("ping", () => {});
  on("reset", startOver); // more happened than can be told
  on("restart", () => reopen(200 + Math.random() * 1800)); // the server is going, another one takes over
  on("signed_out", signedOut);
  source.onerror = failed;
}

/** A message of its own name; like every other it may carry the token to continue from. */
function on(name, react) {
  source.addEventListener(name, (event) => {
    watch();
    if (event.lastEventId) token = event.lastEventId;
    react();
  });
}

function close() {
  clearTimeout(pending);
  clearTimeout(watchdog);
  source?.close();
}

function reopen(delay) {
  close();
  pending = setTimeout(open, delay);
}

/** Broken, or refused: the browser does not say which, so a refusal is asked for by name. */
async function failed() {
  const refused = source.readyState === EventSource.CLOSED;
  close();
  bannerTimer ||= setTimeout(() => {
    banner("feed", word("feed_down"));
    tell("callcart:feed", {up: false});
  }, 4000);
  const status = refused ? await refusal() : 0;
  if (status === 401) { signedOut(); return; }
  if (status === 422) { token = ""; startOver(); }
  reopen(wait * (0.75 + Math.random() / 2));
  wait = Math.min(wait * 2, LONGEST_WAIT);
}

async function refusal() {
  const url = new URL(address);
  if (token) url.searchParams.set("token", token);
  const asking = new AbortController();
  const limit = setTimeout(() => asking.abort(), 10000);
  try {
    return (await fetch(url, {credentials: "include", cache: "no-store", signal: asking.signal})).status;
  } catch {
    return 0;
  } finally {
    clearTimeout(limit);
    asking.abort();
  }
}

/** The session is over. A call goes on; so does what is typed. Tried again when somebody comes back to this page. */
function signedOut() {
  close();
  resting = true;
  clearTimeout(bannerTimer);
  bannerTimer = 0;
  clearBanner("feed");
  const href = `/login?next=${encodeURIComponent(location.pathname + location.search)}`;
  banner("signed-out", word("signed_out"), {href, text: word("sign_in"), newTab: true});
  tell("callcart:feed", {up: false});
}

/** Everything shown may be old: modules that keep state listen to `callcart:reset`, pieces of htmx are fetched anew. */
function startOver() {
  tell("callcart:reset", {});
  tell("callcart:feed", {up: true, reset: true});
  const kinds = new Set();
  for (const piece of document.querySelectorAll("[hx-trigger*='callcart:']")) {
    for (const [, kind] of piece.getAttribute("hx-trigger").matchAll(/callcart:([\w.]+)/g)) kinds.add(kind);
  }
  for (const kind of kinds) tell(`callcart:${kind}`, {kind, reset: true, data: {}});
}

function seen() {
  clearTimeout(hideTimer);
  if (!document.hidden) {
    if (resting) reopen(0);
  } else if (!new URL(address).searchParams.has("desk")) {
    hideTimer = setTimeout(() => { close(); resting = true; }, HIDDEN);
  }
}

function watch() {
  clearTimeout(watchdog);
  watchdog = setTimeout(() => reopen(0), SILENCE);
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
