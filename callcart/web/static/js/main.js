// Loaded by every page: wires the small modules. Each of them finds its elements by data-* attributes.
import "./htmx-setup.js";
import "./theme.js";
import "./dates.js";
import "./widgets.js";
import {start as startFeed} from "./feed.js";
import {start as startKeys} from "./keys.js";
import {showWaiting} from "./toast.js";

showWaiting();
startKeys();
startFeed();
if (document.querySelector("[data-chart]")) import("./chart.js");
if (document.querySelector("[data-waveform]")) import("./waveform.js");
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt.querySelector?.("[data-chart]")) import("./chart.js").then((chart) => chart.draw(event.detail.elt));
  if (event.detail.elt.querySelector?.("[data-waveform]")) import("./waveform.js").then((wave) => wave.attach(event.detail.elt));
});
