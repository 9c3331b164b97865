// htmx under a strict policy: the CSRF header, what a refusal looks like, and errors at their fields.
import {banner, clearBanner, toast} from "./toast.js";
import {word} from "./words.js";

function csrfToken() {
  const cookie = document.cookie.match(/(?:^|; )csrf=([^;]+)/);
  return cookie ? cookie[1] : document.querySelector('meta[name="csrf"]')?.content ?? "";
}

/** fetch() with our headers, for modules that talk to the server without htmx. */
export function send(address, options = {}) {
  const headers = {"X-CSRFToken": csrfToken(), Accept: "application/json", ...options.headers};
  return fetch(address, {credentials: "same-origin", method: "POST", ...options, headers});
}

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = csrfToken();
});

document.addEventListener("htmx:beforeRequest", (event) => clearErrors(event.target.closest?.("form")));

// A refusal: {code, message, fields, sign_in}. Errors go to their fields; what has no field becomes a toast.
document.addEventListener("callcart:error", (event) => {
  const error = event.detail;
  if (error.sign_in) {
    banner("signed-out", word("signed_out"), {href: error.sign_in, text: word("sign_in"), newTab: true});
    return;
  }
  const left = markFields(event.target.closest?.("form") ?? document, error.fields ?? {});
  if (left.length || !Object.keys(error.fields ?? {}).length) toast([error.message, ...left].join(" "), "danger");
});

document.addEventListener("htmx:responseError", (event) => {
  if (!event.detail.xhr.getResponseHeader("HX-Trigger")) toast(word("failed"), "danger");
});
document.addEventListener("htmx:sendError", () => toast(word("offline"), "warning"));
document.addEventListener("htmx:timeout", () => toast(word("failed"), "warning"));
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) clearBanner("signed-out");
});
document.addEventListener("htmx:afterSwap", (event) => focusProblem(event.detail.target));
document.addEventListener("DOMContentLoaded", () => focusProblem(document));

/** Put each error at its field; gives back the texts that have none, and focuses the bad field that stands first. */
export function markFields(scope, fields) {
  const left = [];
  let first = null;
  for (const [name, text] of Object.entries(fields)) {
    const place = scope.querySelector(`[data-error-for="${CSS.escape(name)}"]`);
    const input = scope.querySelector(`[name="${CSS.escape(name)}"]:not([type="hidden"])`);
    if (!place) { left.push(text); continue; }
    place.textContent = text;
    place.hidden = false;
    input?.setAttribute("aria-invalid", "true");
    if (input && (!first || input.compareDocumentPosition(first) & Node.DOCUMENT_POSITION_FOLLOWING)) first = input;
  }
  first?.focus();
  return left;
}

/** The error of one field goes as soon as somebody mends it. */
export function clearErrorOf(scope, name) {
  const place = scope.querySelector(`[data-error-for="${CSS.escape(name)}"]`);
  if (place) { place.hidden = true; place.textContent = ""; }
  for (const input of scope.querySelectorAll(`[name="${CSS.escape(name)}"][aria-invalid]`)) { input.removeAttribute("aria-invalid"); input.classList.remove("is-invalid"); }
}

export function clearErrors(scope) {
  for (const place of scope?.querySelectorAll("[data-error-for]") ?? []) { place.hidden = true; place.textContent = ""; }
  for (const input of scope?.querySelectorAll("[aria-invalid]") ?? []) { input.removeAttribute("aria-invalid"); input.classList.remove("is-invalid"); }
}

function focusProblem(scope) {
  (scope.querySelector?.("[aria-invalid='true']") ?? scope.querySelector?.("[data-focus]"))?.focus();
}
