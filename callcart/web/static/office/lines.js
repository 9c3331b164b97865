// The box of lines of a stock document: a product found below is put into it; and the button that prints a page.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
  const add = event.target.closest("[data-add]");
  const box = document.querySelector("[data-lines]");
  if (!add || !box) return;
  const text = box.value.replace(/\s+$/, "");
  box.value = `${text}${text ? "\n" : ""}${add.dataset.add}\t1`;
  box.focus();
  box.setSelectionRange(box.value.length - 1, box.value.length); // the one unit is ready to be typed over
});

// Enter in the search adds the first product found; it never sends the form.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.name !== "find") return;
  event.preventDefault();
  document.querySelector("#found [data-add]")?.click();
});
