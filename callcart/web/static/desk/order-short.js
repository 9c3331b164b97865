// A line that is out: the buyer is asked for it, or the customer is told when it is back. One press, one word of what was done.
import {toast} from "../js/toast.js";
import {word} from "../js/words.js";
import {announce, post, Refused, Unreachable} from "./net.js";

const panel = document.getElementById("order");

panel.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-short]");
  if (!button || button.disabled) return;
  const row = button.closest("[data-line]");
  const variant = row.dataset.line;
  button.disabled = true;
  try {
    const done = await post(button.dataset.url, {
      act: button.dataset.short,
      variant_id: variant,
      customer_id: panel.querySelector("[data-order]").dataset.customer,
      quantity: row.querySelector("[data-quantity]").value.trim(),
      channel: row.querySelector("[data-channel]").value,
    });
    announce(done.said);
    toast(done.said, "success");
  } catch (error) {
    const said = error instanceof Refused ? [error.message, ...Object.values(error.fields)].filter(Boolean).pop() : "";
    toast(said || word(error instanceof Unreachable ? "offline" : "failed"), "warning");
  } finally {
    button.disabled = false;
  }
});
