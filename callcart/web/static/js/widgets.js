// Small behaviour by data attributes: data-open / data-close (dialogs), data-back, data-copy, data-submit (send the form on
// change), data-typing-ticks, data-once (a form that must not be sent twice), .dropdown menus that close by themselves.
import {toast} from "./toast.js";
import {word} from "./words.js";

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) {
    event.preventDefault();
    const dialog = document.getElementById(opener.dataset.open);
    if (dialog && !dialog.open) dialog.showModal();
  }
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
  if (event.target.matches("dialog.dialog")) event.target.close();
  if (event.target.closest("[data-back]")) {
    if (history.length > 1) history.back(); else location.assign("/");
  }
  const copy = event.target.closest("[data-copy]");
  if (copy) navigator.clipboard?.writeText(copy.dataset.copy || copy.textContent.trim()).then(() => toast(word("copied"), "info"));
  for (const menu of document.querySelectorAll("details.dropdown[open]")) {
    if (!menu.contains(event.target) || event.target.closest(".menu-item")) menu.open = false;
  }
});

// A menu in a scrolling table must not be cut off by it: put it where its button is on the screen.
document.addEventListener("toggle", (event) => {
  const dropdown = event.target;
  if (dropdown.matches?.("details.dropdown") && dropdown.open) placeMenu(dropdown);
}, true);

/** Also for whoever fills an open menu: it has another size then. */
export function placeMenu(dropdown) {
  const menu = dropdown.querySelector(".menu");
  const button = dropdown.querySelector("summary").getBoundingClientRect();
  menu.classList.add("placed");
  const {width, height} = menu.getBoundingClientRect();
  const left = dropdown.classList.contains("dropdown-end") ? button.right - width : button.left;
  const below = button.bottom + 4 + height < innerHeight || button.top < height;
  menu.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
  menu.style.top = `${below ? button.bottom + 4 : button.top - height - 4}px`;
  at.set(dropdown, where(dropdown));
}
const at = new WeakMap(); // where an open menu's button stood
const where = (dropdown) => { const {left, top} = dropdown.querySelector("summary").getBoundingClientRect(); return `${Math.round(left)} ${Math.round(top)}`; };
addEventListener("scroll", (event) => { // a menu whose button moves away closes; news that move something else close nothing
  for (const menu of document.querySelectorAll("details.dropdown[open]")) {
    if ((!menu.contains(event.target) || event.target === document) && at.get(menu) !== where(menu)) menu.open = false;
  }
}, true);

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.dropdown[open]");
  if (!menu) return;
  if (event.key === "Escape") {
    event.preventDefault();
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  if (event.target.matches("input, select, textarea")) return; // there the arrows are the field's own
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const items = [...menu.querySelectorAll(".menu-item")];
    const step = event.key === "ArrowDown" ? 1 : -1;
    items.at((items.indexOf(document.activeElement) + step + items.length) % items.length)?.focus();
  }
});

document.addEventListener("change", (event) => {
  event.target.closest("[data-submit]")?.closest("form")?.requestSubmit();
});

// What is typed in here holds only where the box named is ticked: typing ticks it.
document.addEventListener("input", (event) => {
  const box = document.getElementById(event.target.closest("[data-typing-ticks]")?.dataset.typingTicks ?? "");
  if (box) box.checked = true;
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]") || event.defaultPrevented) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 8000);
});
// A dialog whose form was refused is open again when the page comes back, with its errors at their fields.
document.querySelector("dialog[data-now]")?.showModal();
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sent]")) delete form.dataset.sent;
});
