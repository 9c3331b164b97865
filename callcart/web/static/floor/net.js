// How the board asks the server, and says things aloud.
import {send} from "../js/htmx-setup.js";
import {word} from "../js/words.js";

export const settings = JSON.parse(document.getElementById("floor-settings").textContent);

/** The server said no, or nothing at all: `message` is what to show. */
export class Refused extends Error {
  constructor(message, fields = {}) {
    super(message);
    this.fields = fields;
  }
}

async function ask(address, options) {
  const response = await send(address, options).catch(() => null);
  if (!response) throw new Refused(word("offline"));
  if (response.ok) return response;
  const body = await response.json().catch(() => ({}));
  throw new Refused(body.message ?? word("failed"), body.fields);
}

export async function get(address) {
  return (await ask(address, {method: "GET", headers: {"HX-Request": "true"}})).text();
}

export async function getJson(address) {
  return (await ask(address, {method: "GET", headers: {Accept: "application/json"}})).json();
}

export async function post(address, body = {}) {
  return (await ask(address, {method: "POST", body: JSON.stringify(body), headers: {"Content-Type": "application/json", Accept: "application/json"}})).json();
}

let spoken = 0;
/** Say it to a screen reader now; said twice it is heard twice. */
export function announce(text) {
  const region = document.getElementById("announce");
  region.textContent = "";
  clearTimeout(spoken);
  spoken = setTimeout(() => { region.textContent = text; }, 60);
}
