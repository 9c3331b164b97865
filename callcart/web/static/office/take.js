// Recording a prompt by telephone: rings this page's phone or a number, shows how far it is, and has the keys of a telephone as buttons
// while the call is here. What is kept is decided by the keys alone, whoever presses them.
import {clearErrors, markFields, send} from "../js/htmx-setup.js";
import {PagePhone} from "../js/page-phone.js";
import {toast} from "../js/toast.js";
import {word} from "../js/words.js";

const settings = JSON.parse(document.getElementById("take-settings").textContent);
const panel = document.getElementById("take");
const phone = new PagePhone({
  audio: document.getElementById("remote-audio"),
  lock: `callcart-desk-${settings.tenant}-${settings.staff}`, // the one the desk's tabs share
  sip: settings.urls.sip,
  credentials: async () => (await ask(settings.urls.phone, {method: "GET"})).json(),
});
let mine = ""; // the take whose call is at this page

class Refused extends Error {
  constructor(message, fields) {
    super(message);
    this.fields = fields;
  }
}

async function ask(address, options = {}) {
  const response = await send(address, options).catch(() => null);
  if (!response) throw new Refused(word("offline"), {});
  if (response.ok) return response;
  const body = await response.json().catch(() => ({}));
  throw new Refused(body.message ?? word("failed"), body.fields ?? {});
}

async function begin(form) {
  const data = new FormData(form);
  const here = data.get("where") === "page";
  clearErrors(form);
  try {
    if (here) {
      if (!(await phone.hold((run) => offerToTake(form, run)))) return;
      await phone.comeUp();
    }
    const body = JSON.stringify({where: data.get("where"), number: data.get("number") ?? ""});
    const {take} = await (await ask(form.action, {body, headers: {"Content-Type": "application/json"}})).json();
    mine = here ? take : "";
    if (here) phone.answer(take);
    form.closest("dialog").close();
    refresh();
  } catch (error) {
    if (here && !mine) phone.down();
    // A dialog covers the place of toasts: what is said of a number stands at it, of this page's phone under the choice.
    const name = here ? "where" : "number";
    const fields = Object.keys(error.fields ?? {}).length ? error.fields : {[name]: error.message || word("phone_failed")};
    const left = markFields(form, fields);
    if (left.length) toast(left.join(" "), "warning");
  }
}

/** Another tab has the phone of this person. */
function offerToTake(form, run) {
  const place = form.querySelector("[data-elsewhere]");
  place.hidden = false;
  place.querySelector("button").onclick = () => { place.hidden = true; run(); form.requestSubmit(); };
}

function refresh() {
  document.body.dispatchEvent(new CustomEvent("callcart:take.look"));
}

/** Its keys are shown where its call is; a page that is not up to date any more is loaded again once the call is over. */
function drawn() {
  const take = panel.querySelector("[data-take]");
  const there = take && take.dataset.take === mine && phone.conversation === mine;
  for (const keys of panel.querySelectorAll('[data-when="page"]')) keys.hidden = !there;
  if (take?.dataset.state === "kept" && document.body.dataset.kept !== take.dataset.take && !phone.conversation) location.reload();
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-record]");
  if (!form) return;
  event.preventDefault();
  begin(form);
});
panel.addEventListener("click", async (event) => {
  const {key} = event.target.closest("[data-key]")?.dataset ?? {};
  if (key) phone.dtmf(key);
  const {stop} = event.target.closest("[data-stop]")?.dataset ?? {};
  if (!stop) return;
  try { await ask(stop); phone.hangup(); } catch (error) { toast(error.message, "warning"); }
  refresh();
});
for (const form of document.querySelectorAll("form[data-record]")) {
  const number = form.querySelector("[data-number]");
  const follow = () => { number.hidden = new FormData(form).get("where") !== "number"; };
  form.addEventListener("change", follow);
  follow();
}
document.body.dataset.kept = panel.querySelector('[data-state="kept"]')?.dataset.take ?? ""; // shown as this page was made
phone.addEventListener("gone", () => { refresh(); drawn(); });
phone.addEventListener("answered", drawn);
phone.addEventListener("problem", () => { toast(word("microphone"), "warning"); });
document.addEventListener("htmx:afterSwap", (event) => { if (event.target === panel) drawn(); });
