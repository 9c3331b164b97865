// The form of a promotion shows the fields of the kind chosen. Without script all of them show, and the server takes what counts.
const kind = document.querySelector("[data-kind]");

function show() {
  for (const part of document.querySelectorAll("[data-for]")) part.hidden = !part.dataset.for.split(" ").includes(kind.value);
  for (const part of document.querySelectorAll("[data-not-for]")) part.hidden = part.dataset.notFor.split(" ").includes(kind.value);
}

if (kind) {
  kind.addEventListener("change", show);
  show();
}
