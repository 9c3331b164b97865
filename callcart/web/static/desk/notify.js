// A message is offered while its agent looks elsewhere: a chime, and where the browser was allowed to, a note beside the clock.
import {chime} from "../js/ringer.js";
import {inCall} from "./phone.js";

let shown = null;

/** Tell of an offer; `open` is what a click on the note does. Nothing sounds over a talk. */
export function tell(text, open) {
  if (!inCall()) chime();
  if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") return;
  clear();
  shown = new Notification(text, {tag: "callcart-offer"});
  shown.addEventListener("click", () => { window.focus(); open(); clear(); });
}

export function clear() {
  shown?.close();
  shown = null;
}

// Asked when somebody gets ready, which is when it begins to matter; what was answered once stays.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-agent='ready']") && "Notification" in window && Notification.permission === "default") Notification.requestPermission();
});
document.addEventListener("visibilitychange", () => { if (!document.hidden) clear(); });
