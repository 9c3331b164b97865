// The list that opens while one types: canned replies after `/`, colleagues after `@`. Arrows choose, Enter or Tab takes, Escape leaves it.
import {word} from "../js/words.js";
import {announce, getJson, settings} from "./net.js";

const WAIT = 120;
let given = {changed() {}, form: () => null};
let open = null; // {area, list, mark, rows, at, take}
let asked = 0;
let timer = 0;
let people = null;
const macros = new Map(); // conversation → the macro that was taken

export function wire(functions) {
  given = functions;
}

/** The macro that goes with the next answer of a conversation, or "". */
export function chosen(conversation) {
  return macros.get(conversation)?.id ?? "";
}

/** What follows the answer by the macro: "", set_aside or finish. */
export function follows(conversation) {
  return macros.get(conversation)?.then ?? "";
}

export function forget(conversation) {
  macros.delete(conversation);
  showMacro(null);
}

/** What stands before the cursor, from a mark at the beginning of a word on. */
function query(area, mark) {
  const before = area.value.slice(0, area.selectionStart);
  const at = before.lastIndexOf(mark);
  if (at < 0 || (at > 0 && !/\s/.test(before[at - 1]))) return null;
  const text = before.slice(at + 1);
  return /\n/.test(text) || text.length > 40 || /\s.*\s/.test(text) ? null : {at, text};
}

export function typed(area) {
  const found = settings.urls.canned ? query(area, "/") : null;
  if (!found) { close(); return; }
  clearTimeout(timer);
  timer = setTimeout(() => ask(area, found), WAIT);
}

async function ask(area, {at, text}) {
  const question = ++asked;
  const conversation = area.closest("[data-reply-box]").dataset.replyBox;
  let replies;
  try {
    ({replies} = await getJson(`${settings.urls.canned}?${new URLSearchParams({conversation, q: text})}`));
  } catch { return; } // the text stays as it is typed
  if (question !== asked || document.activeElement !== area) return;
  show(area, area.form.querySelector("[data-canned-list]"), at, replies.map((each) => ({
    title: each.name, note: each.about, text: each.text, take: () => takeReply(area, conversation, each),
  })), word("canned_none"));
}

function takeReply(area, conversation, reply) {
  const start = open.mark;
  area.setRangeText(reply.text, start, area.selectionStart, "end");
  if (reply.then || reply.tag) { macros.set(conversation, reply); showMacro(reply); }
  const gap = reply.missing.length ? reply.text.indexOf(reply.missing[0]) : -1;
  if (gap >= 0) area.setSelectionRange(start + gap, start + gap + reply.missing[0].length); // to be filled in by hand
  announce(word(reply.missing.length ? "canned_missing" : "canned_taken", {name: reply.name, count: reply.missing.length}));
  given.changed();
}

function showMacro(reply) {
  const place = given.form()?.querySelector("[data-macro]");
  if (!place) return;
  place.hidden = !reply;
  place.querySelector("[data-macro-text]").textContent = reply?.about ?? "";
}

// ---- colleagues ----

export async function typedComment(area, named) {
  const found = query(area, "@");
  if (!found) { close(); return; }
  const question = ++asked;
  try { people ??= (await getJson(settings.urls.colleagues)).colleagues; } catch { return; }
  if (question !== asked) return;
  const wanted = found.text.toLowerCase();
  const rows = people.filter((each) => each.name.toLowerCase().includes(wanted)).slice(0, 8);
  show(area, area.form.querySelector("[data-colleagues]"), found.at, rows.map((each) => ({
    title: each.name, note: "", text: "",
    take: () => {
      area.setRangeText(`@${each.name} `, open.mark, area.selectionStart, "end");
      named.set(each.id, each.name);
      area.dispatchEvent(new Event("input", {bubbles: true}));
    },
  })), word("nobody_called"));
}

// ---- the list ----

function show(area, list, mark, rows, none) {
  open = {area, list, mark, rows, at: 0};
  list.id ||= `list-${area.id}`;
  list.hidden = false;
  area.setAttribute("aria-controls", list.id);
  list.replaceChildren(...rows.map((row, index) => {
    const option = document.createElement("div");
    option.className = "canned-option";
    option.id = `${list.id}-${index}`;
    option.setAttribute("role", "option");
    option.addEventListener("pointerdown", (event) => { event.preventDefault(); open.at = index; take(); });
    for (const [tag, text, kind] of [["b", row.title, ""], ["span", row.note, ""], ["span", row.text, "canned-text"]]) {
      if (!text && tag !== "b") continue;
      const part = document.createElement(tag);
      part.textContent = text;
      if (kind) part.className = kind;
      option.append(part);
    }
    return option;
  }));
  if (!rows.length) {
    const nothing = document.createElement("p");
    nothing.className = "canned-none";
    nothing.textContent = none;
    list.append(nothing);
  }
  highlight();
}

function highlight() {
  const options = [...open.list.querySelectorAll("[role='option']")];
  options.forEach((each, index) => each.setAttribute("aria-selected", String(index === open.at)));
  const now = options[open.at];
  if (now) { open.area.setAttribute("aria-activedescendant", now.id); now.scrollIntoView({block: "nearest"}); }
}

function close() {
  clearTimeout(timer);
  asked++;
  if (!open) return;
  open.list.hidden = true;
  open.list.replaceChildren();
  open.area.removeAttribute("aria-activedescendant");
  open = null;
}

function take() {
  const row = open.rows[open.at];
  if (row) row.take();
  close();
}

/** A key pressed in the box; true where the open list took it. */
export function key(event) {
  if (!open || open.area !== event.target) return false;
  const count = open.rows.length;
  if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count) open.at = (open.at + (event.key === "ArrowDown" ? 1 : count - 1)) % count;
  else if ((event.key === "Enter" || event.key === "Tab") && count && !event.ctrlKey && !event.metaKey) { event.preventDefault(); take(); return true; }
  else if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(); return true; }
  else return false;
  event.preventDefault();
  highlight();
  return true;
}

document.addEventListener("focusout", (event) => { if (open && event.target === open.area) close(); });
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-macro-off]")) return;
  forget(event.target.closest("[data-reply-box]").dataset.replyBox);
});
