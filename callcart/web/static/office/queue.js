// The approval queue by keyboard: j and k move, x ticks, o opens, a approves, h holds, r rejects. Without this module the
// form works by mouse all the same.
import {shortcut} from "../js/keys.js";
import {word} from "../js/words.js";

const form = document.getElementById("queue");
if (form) start();

function start() {
  const rows = [...form.querySelectorAll("[data-row]")];
  const box = (row) => row.querySelector("input[name=order]");
  const told = form.querySelector("[data-ticked]");
  const all = form.querySelector("[data-tick-all]");
  let here = -1;

  const ticked = () => rows.filter((row) => box(row).checked);
  const count = () => {
    const number = ticked().length;
    told.textContent = number ? word("ticked", {count: number}) : "";
    all.checked = number === rows.length;
    all.indeterminate = number > 0 && number < rows.length;
    form.querySelector(".bulk-bar").classList.toggle("bulk-none", !number);
    for (const button of form.querySelectorAll("[data-needs-ticks], button[name=act]")) button.disabled = !number;
  };
  const go = (step) => {
    here = Math.min(Math.max(here + step, 0), rows.length - 1);
    rows.forEach((row, index) => row.classList.toggle("row-here", index === here));
    rows[here].focus({preventScroll: true});
    rows[here].scrollIntoView({block: "nearest"});
  };
  const tick = () => {
    if (here < 0) return go(1);
    box(rows[here]).checked = !box(rows[here]).checked;
    count();
  };
  // A decision on nothing ticked is one on the row the eye is on.
  const orHere = (act) => () => {
    if (!ticked().length && here >= 0) tick();
    if (ticked().length) act();
  };
  const press = (selector) => form.querySelector(selector)?.click();

  form.addEventListener("change", (event) => {
    if (event.target === all) rows.forEach((row) => { box(row).checked = all.checked; });
    count();
  });
  rows.forEach((row, index) => row.addEventListener("focusin", () => { here = index; }));
  // The two dialogs share the form: only the reason of the one that is open is sent.
  for (const field of document.querySelectorAll("[data-reason]")) {
    const dialog = field.closest("dialog");
    new MutationObserver(() => { field.disabled = !dialog.open; if (dialog.open) field.focus(); }).observe(dialog, {attributes: true, attributeFilter: ["open"]});
  }
  const group = word("queue");
  shortcut("j", word("move_down"), () => go(1), {group});
  shortcut("k", word("move_up"), () => go(-1), {group});
  shortcut("x", word("tick"), tick, {group});
  shortcut("o", word("open"), () => { if (here >= 0) rows[here].querySelector(".row-link").click(); }, {group});
  shortcut("a", word("approve"), orHere(() => press("button[value=approve]")), {group});
  shortcut("h", word("hold"), orHere(() => press("[data-open=hold-many]")), {group});
  shortcut("r", word("reject"), orHere(() => press("[data-open=reject-many]")), {group});
  count();
}
