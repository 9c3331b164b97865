// A round on a phone: "fewer" opens a field; only what is open is sent.
document.addEventListener("toggle", (event) => {
  const some = event.target.closest?.(".walk-some");
  if (!some) return;
  for (const field of some.querySelectorAll("input, button")) field.disabled = !some.open;
  if (some.open) some.querySelector("input").select();
}, true);
