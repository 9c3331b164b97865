// Ticks in a list: all at once, how many there are, and buttons that need some.
import {word} from "../js/words.js";

for (const form of document.querySelectorAll("form[data-ticks]")) {
  const boxes = [...form.querySelectorAll("tbody input[type=checkbox]")];
  const all = form.querySelector("[data-tick-all]");
  const told = form.querySelector("[data-ticked]");
  const count = () => {
    const number = boxes.filter((box) => box.checked).length;
    if (told) told.textContent = number ? word("ticked", {count: number}) : "";
    if (all) { all.checked = number > 0 && number === boxes.length; all.indeterminate = number > 0 && number < boxes.length; }
    for (const button of form.querySelectorAll("[data-needs-ticks]")) button.disabled = !number;
  };
  form.addEventListener("change", (event) => {
    if (event.target === all) for (const box of boxes) box.checked = all.checked;
    count();
  });
  count();
}
