// Keyboard shortcuts: a registry, the `?` overlay that lists it, and markup: data-key="n" clicks (or focuses) its element.
// Keys typed into a field belong to the field unless a modifier is held. Screen readers' own keys are refused.
import {word} from "./words.js";

const RESERVED = /^(ctrl\+(alt\+)?.|ctrl|alt|insert.*|capslock.*|tab|shift\+tab|arrow.*|home|end|pageup|pagedown|ctrl\+alt\+.*)$/;
const ALLOWED_WITH_CTRL = new Set(["ctrl+enter"]);
const registry = new Map();
const listed = [];

/** Name a press: modifiers in the order ctrl, alt, shift, then the key (`alt+n`, `f8`, `?`, `ctrl+enter`). */
export function nameOf(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key.toLowerCase();
  const base = event.altKey && /^Key[A-Z]$|^Digit\d$/.test(event.code) ? event.code.replace(/Key|Digit/, "").toLowerCase() : key;
  const shifted = event.shiftKey && (base.length > 1 || /[a-z0-9]/.test(base));
  return (event.ctrlKey || event.metaKey ? "ctrl+" : "") + (event.altKey ? "alt+" : "") + (shifted ? "shift+" : "") + base;
}

/** Register a shortcut. `typing: true` lets it fire inside a field too (function keys and modified keys do anyway);
 *  `when()` false leaves the press alone. Returns a function that takes it away. */
export function shortcut(name, label, run, {group = "", typing = false, when = () => true} = {}) {
  if (RESERVED.test(name) && !ALLOWED_WITH_CTRL.has(name)) throw new Error(`the key ${name} belongs to the browser or a screen reader`);
  const entry = {name, label, run, group, typing, when};
  const entries = registry.get(name) ?? [];
  entries.unshift(entry);
  registry.set(name, entries);
  return () => registry.set(name, registry.get(name).filter((each) => each !== entry));
}

/** Keys that the overlay lists whether or not they can be pressed now: {name, label, group} each. */
export function list(entries) {
  listed.push(...entries);
}

export function start() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.key === "Process" || event.repeat) return;
    const name = nameOf(event);
    const modified = event.ctrlKey || event.altKey || event.metaKey || /^f\d+$/i.test(event.key);
    const typing = isTyping(event.target) && !modified;
    const inDialog = document.querySelector("dialog[open]");
    const entry = (registry.get(name) ?? []).find((each) => (each.typing || !typing) && each.when());
    if (entry && !inDialog) {
      event.preventDefault();
      entry.run(event);
      return;
    }
    if (typing) return;
    const scope = inDialog ?? document;
    const element = [...scope.querySelectorAll(`[data-key="${CSS.escape(name)}"]`)].find((each) => each.checkVisibility() && !each.disabled);
    if (element) {
      event.preventDefault();
      if (element.matches("input:not([type=checkbox]):not([type=radio]), textarea, select")) { element.focus(); element.select?.(); } else element.click();
    } else if (name === "?" && !inDialog) {
      event.preventDefault();
      overlay();
    }
  });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-shortcuts]")) overlay(); });
}

function isTyping(target) {
  return target.isContentEditable || target.matches?.("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit])");
}

/** How a shortcut is written for people: `alt+n` → Alt N. */
export function written(name) {
  return name.split("+").map((part) => (part.length === 1 ? part.toUpperCase() : part[0].toUpperCase() + part.slice(1))).join(" ");
}

function overlay() {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog dialog-wide";
  const title = document.createElement("h2");
  title.id = "shortcut-title";
  title.textContent = word("shortcuts");
  dialog.setAttribute("aria-labelledby", "shortcut-title");
  const head = document.createElement("div");
  head.className = "dialog-head";
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn btn-sm";
  close.textContent = word("close");
  close.addEventListener("click", () => dialog.close());
  head.append(title, close);
  const list = document.createElement("div");
  list.className = "dialog-body shortcut-list";
  let group = null;
  for (const entry of entries()) {
    if (entry.group && entry.group !== group) {
      const heading = document.createElement("h3");
      heading.textContent = entry.group;
      list.append(heading);
    }
    group = entry.group;
    const row = document.createElement("div");
    row.className = "shortcut-row";
    const key = document.createElement("kbd");
    key.textContent = written(entry.name);
    row.append(entry.label, key);
    list.append(row);
  }
  dialog.append(head, list);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  document.body.append(dialog);
  dialog.showModal();
}

function entries() {
  const written = [...registry.values()].flat().filter((each) => each.label && each.when());
  const marked = [...document.querySelectorAll("[data-key]")].filter((each) => each.checkVisibility()).map((each) => ({
    name: each.dataset.key,
    label: each.dataset.keyLabel ?? each.getAttribute("aria-label") ?? each.getAttribute("title") ?? ownText(each),
    group: each.dataset.keyGroup ?? "",
  }));
  const seen = new Set();
  return [...written, ...marked, ...listed, {name: "?", label: word("shortcuts"), group: ""}]
    .filter((each) => !seen.has(each.name) && seen.add(each.name))
    .sort((one, other) => one.group.localeCompare(other.group));
}

function ownText(element) {
  return [...element.childNodes].filter((node) => !node.matches?.("kbd, svg")).map((node) => node.textContent).join("").trim();
}
