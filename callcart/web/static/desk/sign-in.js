// A session that ended while somebody works: the call goes on (the phone does not know of sessions), the text stays, and
// the person signs in again in a dialog. Everybody who asked meanwhile waits for that one dialog.
import {send} from "../js/htmx-setup.js";
import {onSignedOut, settings} from "./net.js";

const dialog = document.getElementById("sign-in-again");
const form = dialog.querySelector("form");
const problem = dialog.querySelector("[data-sign-in-error]");
let waiting = null;

onSignedOut(() => (waiting ??= ask().finally(() => { waiting = null; })));

function ask() {
  const before = document.activeElement;
  if (!dialog.open) dialog.showModal();
  form.elements.password.value = "";
  form.elements.password.focus();
  return new Promise((resolve) => {
    const closed = () => { dialog.removeEventListener("close", closed); before?.focus?.(); resolve(dialog.returnValue === "signed-in"); };
    dialog.returnValue = "";
    dialog.addEventListener("close", closed);
  });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  problem.hidden = true;
  const response = await send(settings.urls.sign_in, {body: new FormData(form)}).catch(() => null);
  if (response?.ok) {
    dialog.close("signed-in");
    dispatchEvent(new Event("online")); // the feed rested without a session: it may come back at once
    return;
  }
  const body = (await response?.json().catch(() => ({}))) ?? {};
  problem.textContent = [body.message, ...Object.values(body.fields ?? {})].filter(Boolean).join(" ") || settings.words.no_connection;
  problem.hidden = false;
  form.elements.password.select();
});
