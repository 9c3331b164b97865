// Scanning: each Enter puts a code into a queue that is sent in batches, one at a time, each with a key, so that a batch sent
// again after a broken connection is booked once. What became of the last code is said large, and by a tone.
import {send} from "../js/htmx-setup.js";
import {word} from "../js/words.js";

const MOST = 50;
const form = document.querySelector("[data-scan]");
const input = form?.querySelector("#code");
const feedback = form?.querySelector("#feedback");
const kept = `scan:${location.pathname}`;
let batches = JSON.parse(sessionStorage.getItem(kept) ?? "[]"); // {key, codes, condition, over}, oldest first
let busy = false;
let audio = null;

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  const code = input.value.trim();
  input.value = "";
  input.focus();
  if (code) put(code, false);
});

form?.addEventListener("click", (event) => {
  const again = event.target.closest("[data-take]");
  if (!again) return;
  event.preventDefault();
  put(again.dataset.take, true);
  again.remove();
  input.focus();
});

// A scanner types wherever the page is: letters that no field takes go to the box.
document.addEventListener("keydown", (event) => {
  if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && event.target === document.body) input?.focus();
});
addEventListener("online", work);
if (form) work();

/** Codes not sent yet join the last batch; one that is under way is never changed, or its key would lie. */
function put(code, over) {
  const condition = new FormData(form).get("condition") ?? "sellable";
  const last = batches.at(-1);
  const joins = last && !(busy && batches.length === 1) && !last.tried && last.over === over && last.condition === condition && last.codes.length < MOST;
  if (joins) last.codes.push(code);
  else batches.push({key: crypto.randomUUID(), codes: [code], condition, over, tried: false});
  keep();
  work();
}

function keep() {
  sessionStorage.setItem(kept, JSON.stringify(batches));
}

async function work() {
  if (busy || !batches.length) return;
  busy = true;
  const batch = batches[0];
  batch.tried = true;
  keep();
  try {
    const body = new FormData();
    body.set("key", batch.key);
    body.set("condition", batch.condition);
    if (batch.over) body.set("over", "1");
    for (const code of batch.codes) body.append("code", code);
    const answer = await send(location.href, {body});
    if (answer.status >= 500 || answer.redirected) throw new Error(answer.statusText);
    if (answer.status === 401) { // signed out: what was read waits until somebody signs in again, in another tab
      say("red", (await answer.json()).message, batch.codes.at(-1));
      setTimeout(work, 3000);
      busy = false;
      return;
    }
    batches.shift();
    keep();
    show(await answer.json(), batch);
  } catch {
    say("red", word("scan_offline"), batch.codes.at(-1));
    setTimeout(work, 3000);
    busy = false;
    return;
  }
  busy = false;
  work();
}

function show(answer, batch) {
  const failed = (answer.scans ?? []).filter((scan) => scan.outcome !== "booked");
  const last = (answer.scans ?? []).at(-1);
  feedback.replaceChildren(...[...failed, ...(last && last.outcome === "booked" ? [last] : [])].map(card));
  if (answer.message) say("red", answer.message, batch.codes.join(", "));
  if (answer.lines) document.getElementById("scan-lines").innerHTML = answer.lines;
  tone(failed.length || answer.message ? 220 : 880);
}

function card(scan) {
  const box = document.createElement("div");
  box.className = `scan-said scan-${scan.tone}`;
  box.append(element("b", scan.said), " ", element("span", `${scan.units} × ${scan.name || scan.code}`));
  if (scan.progress) box.append(element("span", scan.progress, "scan-progress"));
  if (scan.again) {
    const button = element("button", word("scan_take"), "btn");
    button.type = "button";
    button.dataset.take = `${scan.units}*${scan.code}`;
    box.append(button);
  }
  return box;
}

function element(name, text, className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function say(colour, text, code) {
  const box = document.createElement("div");
  box.className = `scan-said scan-${colour}`;
  box.append(element("b", text), " ", element("span", code));
  feedback.prepend(box);
}

/** High and short: booked. Low and longer: look at the screen. */
function tone(pitch) {
  try {
    audio ??= new AudioContext();
    const sound = audio.createOscillator();
    const loudness = audio.createGain();
    sound.frequency.value = pitch;
    loudness.gain.value = 0.08;
    sound.connect(loudness).connect(audio.destination);
    sound.start();
    sound.stop(audio.currentTime + (pitch > 400 ? 0.08 : 0.35));
  } catch { /* no sound here; the screen says it */ }
}
