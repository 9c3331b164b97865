// An address pasted in one piece fills the fields of its form: data-paste on a textarea holds the address to ask, data-paste-prefix
// what stands before the fields' names. Typing on is never disturbed: only what was found is filled in, and the cursor goes to
// the first field that has to be looked at.
const FIELDS = ["name", "phone", "province", "city", "district", "street", "postcode", "country"];

for (const box of document.querySelectorAll("[data-paste]")) box.closest("[data-paste-part]")?.removeAttribute("hidden");

document.addEventListener("paste", (event) => {
  const box = event.target.closest?.("[data-paste]");
  if (box) setTimeout(() => split(box)); // once the text has arrived
});
document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.("[data-paste]");
  if (!box || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  split(box);
});

async function split(box) {
  const text = box.value.trim();
  if (!text) return;
  const form = box.closest("form");
  const token = form.querySelector("[name=csrfmiddlewaretoken]")?.value ?? csrf();
  let found;
  try {
    const answer = await fetch(box.dataset.paste, {method: "POST", body: new URLSearchParams({text}), headers: {"X-CSRFToken": token, Accept: "application/json"}});
    if (!answer.ok) return;
    found = await answer.json();
  } catch { return; } // no network: the text stays, the fields are typed
  if (box.value.trim() === text) fill(form, box, found);
}

function fill(form, box, found) {
  const prefix = box.dataset.pastePrefix ?? "";
  const field = (name) => form.elements[prefix + name];
  for (const name of FIELDS) {
    const its = field(name);
    if (!its || !found[name]) continue;
    if (its.tagName === "SELECT") choose(its, found[name]);
    else its.value = found[name];
  }
  const first = found.doubtful.map(field).find((each) => each && each.checkVisibility?.() !== false) ?? field("name");
  box.value = "";
  first?.dispatchEvent(new Event("input", {bubbles: true}));
  first?.focus();
  first?.select?.();
}

/** A province of a list is chosen by its value or by its name as it is shown. */
function choose(select, wanted) {
  const plain = (text) => text.trim().toLowerCase();
  const option = [...select.options].find((each) => plain(each.value) === plain(wanted) || plain(each.textContent) === plain(wanted));
  if (option) select.value = option.value;
}

function csrf() {
  const cookie = document.cookie.match(/(?:^|; )csrf=([^;]+)/);
  return cookie ? cookie[1] : document.querySelector('meta[name="csrf"]')?.content ?? "";
}
