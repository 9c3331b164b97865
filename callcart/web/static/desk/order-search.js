// The product search: a combobox (ARIA 1.2). Digits of a barcode reader end in Enter and find their product at once.
import {word} from "../js/words.js";
import {get} from "./net.js";

/** Wire the box inside `panel`; `chosen(variant, name)` is called for what was taken. */
export function wireSearch(panel, address, chosen) {
  const box = panel.querySelector("#order-search");
  const list = panel.querySelector("#order-options");
  const said = panel.querySelector("#order-said");
  let timer = 0;
  let asked = 0;
  let shown = "";

  const options = () => [...list.querySelectorAll("[data-variant]")];
  const active = () => list.querySelector("[aria-selected='true']");

  function select(option) {
    active()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({block: "nearest"});
    if (option) box.setAttribute("aria-activedescendant", option.id); else box.removeAttribute("aria-activedescendant");
  }

  function close() {
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  }

  async function search() {
    clearTimeout(timer);
    const text = box.value.trim();
    if (!text) { close(); return; }
    const question = ++asked;
    const html = await get(`${address}?${new URLSearchParams({q: text})}`).catch(() => "");
    if (question !== asked) return;
    list.innerHTML = html;
    shown = text;
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
    select(options()[0] ?? null);
    said.textContent = options().length ? word("found", {count: options().length}) : word("nothing_found");
  }

  function take(option) {
    box.value = "";
    shown = "";
    asked++;
    close();
    chosen(option.dataset.variant, option.dataset.name);
  }

  box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(search, 120); });
  box.addEventListener("keydown", async (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const all = options();
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !list.hidden && all.length) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      select(all[(all.indexOf(active()) + step + all.length) % all.length]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      if (box.value.trim() !== shown || list.hidden) await search(); // a barcode reader is quicker than our timer
      if (active()) take(active());
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (list.hidden) box.blur(); else close();
    }
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus in the box
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[data-variant]");
    if (option) take(option);
  });
  box.addEventListener("blur", close);
}
