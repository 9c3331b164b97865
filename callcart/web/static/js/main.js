// Loaded by every page: wires the small modules. Each of them finds its elements by data-* attributes.
import "./htmx-setup.js";
import "./theme.js";
import "./dates.js";
import "./widgets.js";
import {start as startFeed} from "./feed.js";
import {start as startKeys} from "./keys.js";
import {showWaiting, toast} from "./toast.js";
import {word} from "./words.js";

showWaiting();
startKeys();
startFeed();
// what became of the reader's own requests; nobody else is sent these
for (const [what, kind] of [["approved", "success"], ["refused", "warning"], ["expired", "warning"]]) {
  document.addEventListener(`callcart:approvals.${what}`, () => toast(word(`approval_${what}`), kind));
}
// told to those who may see the board, on whatever page they are
document.addEventListener("callcart:voice.alarm", (event) => {
  const {limit} = event.detail.data ?? {};
  toast(word(limit === "prompt" || limit === "strangers" ? `alarm_${limit}` : "alarm_dialled"), "danger");
});
if (document.querySelector("[data-chart]")) import("./chart.js");
if (document.querySelector("[data-waveform]")) import("./waveform.js");
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt.querySelector?.("[data-chart]")) import("./chart.js").then((chart) => chart.draw(event.detail.elt));
  if (event.detail.elt.querySelector?.("[data-waveform]")) import("./waveform.js").then((wave) => wave.attach(event.detail.elt));
});
