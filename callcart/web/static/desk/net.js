// How the desk asks the server: pieces of HTML put where they belong, JSON, and a signed-out session that is mended in
// place. What somebody types is never overwritten by an answer.
import {send} from "../js/htmx-setup.js";

export const settings = JSON.parse(document.getElementById("desk-settings").textContent);

/** The server refused: {status, code, message, fields, details}. */
export class Refused extends Error {
  constructor(status, body) {
    super(body.message ?? String(status));
    this.status = status;
    this.code = body.code ?? "";
    this.fields = body.fields ?? {};
    this.details = body.details ?? {};
  }
}

/** There was no answer at all. */
export class Unreachable extends Error {}

let signIn = null;
/** `ask()` resolves to true once the session is back. */
export function onSignedOut(ask) {
  signIn = ask;
}

async function request(address, options, again = true) {
  let response;
  try {
    response = await send(address, options);
  } catch {
    throw new Unreachable(address);
  }
  if (response.ok) return response;
  const body = await response.json().catch(() => ({}));
  if (response.status === 401 && again && signIn && (await signIn())) return request(address, options, false);
  throw new Refused(response.status, body);
}

export async function get(address) {
  return (await request(address, {method: "GET"})).text();
}

export async function getJson(address) {
  return (await request(address, {method: "GET"})).json();
}

/** POST of JSON; `body` undefined sends none. Answers JSON (an empty object where there is none). */
export async function post(address, body = undefined, options = {}) {
  const extra = body === undefined ? {} : {body: JSON.stringify(body), headers: {"Content-Type": "application/json"}};
  const response = await request(address, {...extra, ...options});
  return response.status === 204 ? {} : response.json();
}

/** POST of a draft; answers HTML. */
export async function postForHtml(address, body) {
  return (await request(address, {body: JSON.stringify(body), headers: {"Content-Type": "application/json"}})).text();
}

/** Put each <… data-region="x"> of an answer into the element with that id. `skip` names regions to leave alone. */
export function place(html, {skip = []} = {}) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  for (const piece of holder.content.querySelectorAll("[data-region]")) {
    const target = document.getElementById(piece.dataset.region);
    if (target && !skip.includes(piece.dataset.region)) morph(target, piece);
  }
}

/** Morph the inside of an element; a field that somebody has typed into keeps what was typed, an open menu stays as it is. */
export function morph(target, source) {
  window.Idiomorph.morph(target, [...source.childNodes], {
    morphStyle: "innerHTML",
    ignoreActiveValue: true,
    callbacks: {beforeNodeMorphed: (old, fresh) => !(old.id && old.id === fresh.id && (isDirty(old) || old.matches?.("details.dropdown[open]")))},
  });
  document.dispatchEvent(new CustomEvent("desk:placed", {detail: {target}}));
}

function isDirty(element) {
  return element.matches?.("input:not([type=radio]):not([type=checkbox]):not([type=hidden]), textarea") && element.value !== element.defaultValue;
}

const prefix = `callcart.${settings.tenant}.${settings.staff}.`;
/** Text kept in this browser, apart for each shop and each person. */
export const kept = {
  get(name) {
    try { return JSON.parse(localStorage.getItem(prefix + name)); } catch { return null; }
  },
  set(name, value) {
    try { localStorage.setItem(prefix + name, JSON.stringify(value)); } catch { /* private window: nothing to keep in */ }
  },
  drop(name) {
    try { localStorage.removeItem(prefix + name); } catch { /* the same */ }
  },
};

let spoken = 0;
/** Say it to a screen reader now. */
export function announce(text) {
  const place = document.getElementById("announce");
  clearTimeout(spoken);
  place.textContent = "";
  spoken = setTimeout(() => { place.textContent = text; }, 50);
}

export function random() {
  return crypto.randomUUID();
}
