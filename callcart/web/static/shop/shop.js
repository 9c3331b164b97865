// The shop works without this file; it only makes it nicer. Finds its elements by data-* attributes.
import "../js/paste.js";
import "../js/theme.js";

document.documentElement.classList.add("js");
for (const button of document.querySelectorAll("[data-theme-toggle]")) button.hidden = false;
for (const button of document.querySelectorAll("[data-js-hide]")) button.hidden = true;

// − and + beside a quantity.
for (const stepper of document.querySelectorAll("[data-stepper]")) {
  const input = stepper.querySelector("input");
  const button = (label, text, step) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.setAttribute("aria-label", label);
    made.addEventListener("click", () => {
      const wanted = Number(input.value || 0) + step;
      input.value = String(Math.min(Math.max(wanted, Number(input.min)), Number(input.max)));
      input.dispatchEvent(new Event("change", {bubbles: true}));
    });
    return made;
  };
  stepper.prepend(button(stepper.dataset.less, "−", -1));
  stepper.append(button(stepper.dataset.more, "+", 1));
}

// A quantity of the cart is sent when it has rested for a moment.
for (const form of document.querySelectorAll("[data-autosubmit]")) {
  let timer;
  form.addEventListener("change", () => {
    clearTimeout(timer);
    timer = setTimeout(() => form.requestSubmit(), 600);
  });
}

// A form that must not be sent twice. The server takes it once in any case.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.dataset.sent) event.preventDefault();
  else form.dataset.sent = "1";
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sent]")) delete form.dataset.sent;
});

// The fields of a new address only while "another address" is chosen.
for (const part of document.querySelectorAll("[data-shown-by]")) {
  const form = part.closest("form");
  const update = () => {
    const chosen = form.querySelector(`[name="${part.dataset.shownBy}"]:checked`);
    part.hidden = chosen?.dataset.shows !== part.id;
  };
  form.addEventListener("change", update);
  update();
}

// Totals and instalments follow the chosen delivery.
for (const form of document.querySelectorAll("[data-totals]")) {
  const update = () => {
    const chosen = form.querySelector("[name=delivery_method]:checked");
    if (!chosen) return;
    for (const place of form.querySelectorAll("[data-show-total]")) place.textContent = chosen.dataset.total;
    for (const place of form.querySelectorAll("[data-show-price]")) place.textContent = chosen.dataset.price;
    for (const place of form.querySelectorAll("[data-show-tax]")) place.textContent = chosen.dataset.tax;
    const parts = JSON.parse(chosen.dataset.parts);
    for (const option of form.querySelectorAll("[name=instalments] option")) option.textContent = parts[option.value];
    const cash = form.querySelector("[data-cash]");
    cash.disabled = "noCash" in chosen.dataset;
    form.querySelector("[data-cash-refused]").hidden = !cash.disabled;
    if (cash.disabled && cash.checked) form.querySelector("[name=payment_method]:not(:disabled)").checked = true;
  };
  form.addEventListener("change", (event) => {
    if (event.target.name === "instalments") form.querySelector('[name=payment_method][value="instalments"]').checked = true;
    update();
  });
  update();
}

// A page that waits for word from the payment provider asks for the state, and shows itself anew when it has moved.
for (const waiting of document.querySelectorAll("[data-poll]")) {
  let pause = 1000;
  const look = async () => {
    try {
      const answer = await fetch(waiting.dataset.poll, {headers: {Accept: "application/json"}});
      if (answer.ok && (await answer.json()).state !== waiting.dataset.pollFrom) return location.reload();
    } catch { /* no network just now: ask again */ }
    pause = Math.min(pause * 1.3, 10000);
    setTimeout(look, pause);
  };
  setTimeout(look, pause);
}
for (const first of document.querySelectorAll("[aria-invalid=true]")) { first.focus(); break; }
