// Short notes in the corner, read out politely. `toast(text, kind)`; the server sends them by the event
// `callcart:toast` (htmx) or, across a redirect, in the cookie `toast`.
import {word} from "./words.js";

const LIFE = {success: 5000, info: 6000, warning: 9000, danger: 12000};

export function toast(text, kind = "success") {
  const region = document.getElementById("toasts");
  if (!region || !text) return;
  const note = document.createElement("div");
  note.className = `toast-note toast-${kind}`;
  const body = document.createElement("div");
  body.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "×";
  close.setAttribute("aria-label", word("close"));
  close.addEventListener("click", () => note.remove());
  note.append(body, close);
  while (region.childElementCount > 3) region.firstElementChild.remove();
  region.append(note);
  let timer = setTimeout(() => note.remove(), LIFE[kind] ?? 6000);
  note.addEventListener("pointerenter", () => clearTimeout(timer));
  note.addEventListener("pointerleave", () => { timer = setTimeout(() => note.remove(), 3000); });
}

/** Show what a redirect left for us, once. */
export function showWaiting() {
  const found = document.cookie.match(/(?:^|; )toast="?([\w=-]+)"?/);
  if (!found) return;
  document.cookie = "toast=; Max-Age=0; path=/; SameSite=Lax";
  try {
    const bytes = Uint8Array.from(atob(found[1].replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
    const {text, kind} = JSON.parse(new TextDecoder().decode(bytes));
    toast(text, kind);
  } catch { /* not ours */ }
}

document.addEventListener("callcart:toast", (event) => toast(event.detail.text, event.detail.kind));

/** A quiet line at the foot of the page that stays until taken away; one per name. */
export function banner(name, text, link = null) {
  clearBanner(name);
  const line = document.createElement("div");
  line.className = "banner";
  line.dataset.banner = name;
  line.append(text);
  if (link) {
    const anchor = document.createElement("a");
    anchor.href = link.href;
    anchor.textContent = link.text;
    if (link.newTab) { anchor.target = "_blank"; anchor.rel = "noopener"; }
    line.append(anchor);
  }
  document.getElementById("banners")?.append(line);
}

export function clearBanner(name) {
  document.querySelector(`[data-banner="${name}"]`)?.remove();
}
