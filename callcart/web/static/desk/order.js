// Taking an order by keyboard. The draft is this browser's until it is placed, kept after every key, apart for each
// conversation; the server prices it, checks it and places it once, whatever is clicked twice.
import {clearErrorOf, clearErrors, markFields} from "../js/htmx-setup.js";
import {toast} from "../js/toast.js";
import {word} from "../js/words.js";
import {announce, get, getJson, kept, place, post, postForHtml, random, Refused, settings, Unreachable} from "./net.js";
import {wireSearch} from "./order-search.js";
import "./order-short.js";

const panel = document.getElementById("order");
const PLAIN = ["channel", "campaign", "delivery_method", "payment_method", "note", "instalments", "address_id", "coupons", "discount", "discount_reason"];
const ADDRESS = ["name", "phone", "province", "city", "district", "postcode", "street", "country"];
let draft = null;
let sending = false;
let pricing = 0;
let asked = 0;
let placedOne = () => {};

export function onPlaced(callback) {
  placedOne = callback;
}

const form = () => panel.querySelector("[data-order]");
const keepName = (customer, conversation) => `order.${conversation || customer}`;

function fresh(customer, conversation) {
  return {key: random(), customer_id: customer, conversation_id: conversation, lines: [], address_id: null, address: {}, delivery_method: "", payment_method: "", instalments: 3, note: ""};
}

function keep() {
  if (draft) kept.set(keepName(draft.customer_id, draft.conversation_id), draft);
}

/** Whether an unfinished order waits for this conversation. */
export function hasDraft(customer, conversation) {
  return (kept.get(keepName(customer, conversation))?.lines ?? []).length > 0;
}

/** Show the form for a customer; `repeat` is an order to copy. */
export async function openOrder(customer, conversation, {repeat = ""} = {}) {
  const same = form()?.dataset.customer === customer && form()?.dataset.conversation === (conversation ?? "");
  if (!same) {
    const query = new URLSearchParams({customer, conversation: conversation ?? ""});
    panel.innerHTML = await get(`${settings.urls.order}?${query}`);
    const stored = kept.get(keepName(customer, conversation));
    draft = stored?.customer_id === customer ? stored : fresh(customer, conversation);
    fill();
    wireSearch(panel, form().dataset.search, add);
    if (draft.lines.length && !repeat) toast(word("order_restored"), "info");
  }
  if (repeat) await copyOf(repeat);
  await price();
  if (repeat && draft.lines.length) {
    announce(word("repeat_ready"));
    toast(word("repeat_ready"), "info");
    panel.querySelector("[data-place-button]").focus();
  } else panel.querySelector("#order-search")?.focus();
}

export function forgetForm() {
  panel.replaceChildren();
  draft = null;
}

async function copyOf(order) {
  const copied = await getJson(`${settings.urls.repeat}${order}`);
  if (copied.warning) toast(copied.warning, "warning");
  delete copied.warning;
  draft = {...fresh(draft.customer_id, draft.conversation_id), ...copied};
  keep();
  fill();
}

/** Put the draft into the fields. */
function fill() {
  const which = form();
  const addresses = [...which.querySelectorAll("[name='address_id']")];
  const wanted = addresses.find((each) => each.value === (draft.address_id ?? "\0")) ?? addresses[0];
  wanted.checked = true;
  draft.address_id = wanted.value;
  for (const name of ADDRESS) {
    const field = which.elements[`address.${name}`];
    if (field && draft.address?.[name]) field.value = draft.address[name];
  }
  const paying = [...which.querySelectorAll("[name='payment_method']")];
  const method = paying.find((each) => each.value === draft.payment_method) ?? paying[0];
  if (method) { method.checked = true; draft.payment_method = method.value; }
  for (const name of ["note", "campaign", "coupons", "discount", "discount_reason"]) if (which.elements[name]) which.elements[name].value = draft[name] ?? "";
  if (which.elements.channel) which.elements.channel.value = draft.channel || "phone";
  if (which.elements.instalments) which.elements.instalments.value = String(draft.instalments || 3);
  unfold();
}

function unfold() {
  panel.querySelector("#new-address").hidden = Boolean(draft.address_id);
  const parts = panel.querySelector("#instalments-part");
  if (parts) parts.hidden = draft.payment_method !== "instalments";
}

/** Read the fields into the draft. */
function read() {
  const which = form();
  const values = new FormData(which);
  for (const name of PLAIN) if (values.has(name)) draft[name] = values.get(name);
  draft.instalments = Number(draft.instalments) || 0;
  draft.address = Object.fromEntries(ADDRESS.map((name) => [name, (values.get(`address.${name}`) ?? "").trim()]));
  draft.address.save = values.has("address.save");
  for (const field of which.querySelectorAll("[data-quantity]")) {
    const line = draft.lines.find((each) => each.variant_id === field.dataset.quantity);
    if (line) line.quantity = field.value.trim();
  }
  keep();
}

function add(variant, name) {
  const line = draft.lines.find((each) => each.variant_id === variant);
  if (line) line.quantity = String((Number(line.quantity) || 0) + 1);
  else draft.lines.push({variant_id: variant, quantity: "1"});
  keep();
  announce(word("added", {name}));
  price().then(() => {
    const field = document.getElementById(`quantity-${variant}`);
    if (field) { field.value = draft.lines.find((each) => each.variant_id === variant)?.quantity ?? field.value; field.focus(); field.select(); }
  });
}

function remove(variant, name) {
  draft.lines = draft.lines.filter((each) => each.variant_id !== variant);
  keep();
  announce(word("removed", {name}));
  price().then(() => panel.querySelector("#order-search").focus());
}

/** Ask the server what it costs and what is left; the last question wins. */
async function price() {
  clearTimeout(pricing);
  if (!draft || !form()) return; // placed or put away meanwhile
  const question = ++asked;
  panel.classList.add("asking");
  try {
    const html = await postForHtml(form().dataset.summary, draft);
    if (question !== asked || !draft || !form()) return;
    place(html);
    for (const line of draft.lines) {
      const row = document.getElementById(`line-${line.variant_id}`);
      if (row?.dataset.unit) line.seen_minor = Number(row.dataset.unit);
    }
    const chosen = form().querySelector("[name='delivery_method']:checked");
    if (chosen) draft.delivery_method = chosen.value;
    keep();
  } catch (error) {
    if (question !== asked || !draft || !form()) return;
    if (error instanceof Refused) show(error);
    else toast(word(error instanceof Unreachable ? "offline" : "failed"), "warning");
  } finally {
    if (question === asked) panel.classList.remove("asking");
  }
}

function priceSoon(wait = 350) {
  clearTimeout(pricing);
  pricing = setTimeout(price, wait);
}

function show(error) {
  const which = form();
  const fields = Object.fromEntries(Object.entries(error.fields).map(([name, text]) => [nearest(which, name), text]));
  const left = markFields(which, fields);
  const place = which.querySelector("[data-form-error]");
  const words = left.length || !Object.keys(fields).length ? [error.message, ...left].join(" ") : "";
  place.replaceChildren();
  if (!words) return;
  const alert = document.createElement("div");
  alert.className = "alert alert-danger";
  alert.role = "alert";
  alert.tabIndex = -1;
  alert.textContent = words;
  place.append(alert);
  alert.scrollIntoView({block: "nearest"});
}

/** Where the error of a field is shown: at the field, else at the part of the form it belongs to. */
function nearest(which, name) {
  if (name.startsWith("address") && draft.address_id) return "address_id";
  if (name.startsWith("coupons")) return "coupons";
  const byHand = {discount: "discount", reason: "discount_reason"}[name.match(/^lines\.\d+\.(discount|reason)$/)?.[1]];
  if (byHand) return byHand;
  const parts = name.replace(/^(lines\.\d+)\..*$/, "$1.quantity").split(".");
  while (parts.length > 1 && !which.querySelector(`[data-error-for="${CSS.escape(parts.join("."))}"]`)) parts.pop();
  return parts.join(".");
}

async function submit() {
  if (sending || !draft) return;
  clearTimeout(pricing);
  read();
  clearErrors(form());
  form().querySelector("[data-form-error]").replaceChildren();
  sending = true;
  const button = panel.querySelector("[data-place-button]");
  const text = button.querySelector("[data-place-text]");
  button.setAttribute("aria-disabled", "true");
  text.textContent = word("placing");
  try {
    const answer = await post(form().dataset.place, draft);
    kept.drop(keepName(draft.customer_id, draft.conversation_id));
    draft = null;
    panel.innerHTML = answer.html;
    panel.querySelector("[data-focus]").focus();
    announce(word("placed", {number: answer.spoken}));
    placedOne(answer);
  } catch (error) {
    if (error instanceof Refused) {
      if (error.details.refresh || error.code.startsWith("stock")) await price();
      if (error.code === "idempotency.key_reused") { draft.key = random(); keep(); }
      show(error);
    } else toast(word(error instanceof Unreachable ? "offline" : "failed"), "warning"); // same key: sent again, placed once
  } finally {
    sending = false;
    button.removeAttribute("aria-disabled");
    text.textContent = word("place");
  }
}

panel.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
panel.addEventListener("input", (event) => {
  if (!draft || event.target.id === "order-search") return;
  read();
  if (event.target.name) clearErrorOf(form(), event.target.name);
  if (event.target.matches("[data-quantity]")) priceSoon();
  else if (event.target.name?.startsWith("address.")) priceSoon(600);
});
panel.addEventListener("change", (event) => {
  if (!draft || event.target.id === "order-search") return;
  read();
  unfold();
  if (event.target.name === "address_id" && !event.target.value) panel.querySelector("#new-address input")?.focus();
  priceSoon(0);
});
panel.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); submit(); return; }
  const quantity = event.target.closest?.("[data-quantity]");
  if (quantity && event.key === "Enter") { event.preventDefault(); panel.querySelector("#order-search").focus(); return; }
  if (quantity && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    event.preventDefault();
    quantity.value = String(Math.max(1, (Number(quantity.value) || 0) + (event.key === "ArrowUp" ? 1 : -1)));
    quantity.dispatchEvent(new Event("input", {bubbles: true}));
    return;
  }
  if (event.key === "Enter" && event.target.matches("input:not([type=submit])")) { event.preventDefault(); next(event.target); }
  if (event.key === "Escape" && event.target.matches("textarea, input:not([role=combobox])")) event.target.blur();
});

/** Enter in a field goes to the next one: an order is placed with Ctrl Enter only, never by a slip. */
function next(field) {
  const fields = [...form().querySelectorAll("input:not([type=hidden]), select, textarea, [data-place-button]")].filter((each) => each.checkVisibility());
  const groups = fields.filter((each) => each.type !== "radio" || each.checked || each === field);
  groups[groups.indexOf(field) + 1]?.focus();
}

panel.addEventListener("click", async (event) => {
  const gone = event.target.closest("[data-remove]");
  if (gone) remove(gone.dataset.remove, gone.dataset.name);
  if (event.target.closest("[data-order-clear]") && draft) {
    draft = fresh(draft.customer_id, draft.conversation_id);
    keep();
    form().reset();
    fill();
    price().then(() => panel.querySelector("#order-search").focus());
  }
  if (event.target.closest("[data-copy-link]")) copyLink();
  const again = event.target.closest("[data-pay-again]");
  if (again) {
    const answer = await post(again.dataset.payAgain).catch(() => null);
    if (answer) panel.innerHTML = answer.html; else toast(word("failed"), "danger");
  }
  const value = event.target.closest("[data-use-value]");
  if (value) {
    const answer = await post(value.dataset.useValue, {code: panel.querySelector("#value-code").value}).catch(() => null);
    if (answer) panel.innerHTML = answer.html; else toast(word("failed"), "danger");
  }
});

function copyLink() {
  const field = panel.querySelector("#pay-link");
  const select = () => field?.select(); // only where there is nothing better: a focused field swallows the keys
  navigator.clipboard?.writeText(field.value).then(() => toast(word("link_copied"), "info"), select) ?? select();
}
