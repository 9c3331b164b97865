// The waybill editor. The truth is the list of elements in the form's text field; every change is written there, so saving is a
// plain form. Millimetres throughout; the page on the screen only scales them.
import {send} from "../js/htmx-setup.js";
import {word} from "../js/words.js";

const form = document.querySelector("[data-template]");
const sheet = form?.querySelector("[data-sheet]");
// by its name, not by form.elements: a field called "elements" stands in front of that
const field = (name) => form.querySelector(`[name="${name}"]`);
const source = form && field("elements");
const sample = JSON.parse(document.getElementById("template-sample")?.textContent ?? "{}");
const props = form?.querySelector("[data-props]");
const POINT = 25.4 / 72;
const SHOWS = {
  text: ["field", "around", "format", "letters"], static: ["text", "letters"], line: ["stroke"], box: ["stroke"], logo: [],
  code128: ["field", "around", "format"], qr: ["field", "around", "format"],
};
const FRESH = {text: [40, 6], static: [30, 6], line: [60, 0], box: [40, 20], logo: [25, 15], code128: [70, 16], qr: [25, 25]};
let items = [];
let here = -1;
let timer = 0;

function read() {
  try {
    const found = JSON.parse(source.value || "[]");
    items = Array.isArray(found) ? found : [];
  } catch { items = []; }
  here = Math.min(here, items.length - 1);
  draw();
}

const page = () => ({width: Number(field("width").value) || 100, height: Number(field("height").value) || 150});
const scale = () => Math.max(Math.min((sheet.parentElement.clientWidth - 34) / page().width, 760 / page().height, 6), 1.2);

/** Write the elements down and show them. */
function draw() {
  source.value = JSON.stringify(items, null, 1);
  const by = scale();
  sheet.style.width = `${page().width * by}px`;
  sheet.style.height = `${page().height * by}px`;
  const focused = sheet.contains(document.activeElement);
  sheet.replaceChildren(...items.map((item, index) => made(item, index, by)));
  if (focused) sheet.children[here]?.focus();
  show();
  clearTimeout(timer);
  timer = setTimeout(preview, 700);
}

function made(item, index, by) {
  const box = document.createElement("div");
  box.className = `sheet-item sheet-${item.kind}${index === here ? " sheet-here" : ""}`;
  box.tabIndex = 0;
  box.setAttribute("role", "button");
  box.setAttribute("aria-label", word("template_place", {name: named(item), x: item.x, y: item.y}));
  const style = box.style;
  style.left = `${item.x * by}px`;
  style.top = `${item.y * by}px`;
  style.width = `${item.w * by}px`;
  style.height = `${item.h * by}px`;
  if (item.kind === "box") style.border = `${Math.max(item.stroke * by, 1)}px solid #111`;
  if (item.kind === "line") { style.minHeight = style.minWidth = `${Math.max((item.stroke ?? 0.3) * by, 1)}px`; }
  if (item.kind === "text" || item.kind === "static") {
    style.fontSize = `${(item.size ?? 10) * POINT * by}px`;
    style.fontWeight = item.bold ? "700" : "400";
    style.textAlign = item.align ?? "left";
    box.append(item.kind === "static" ? item.text ?? "" : `${item.before ?? ""}${sample[item.field] ?? item.field}${item.after ?? ""}`);
  } else if (item.kind === "logo") box.append(word("template_logo"));
  const grip = document.createElement("span");
  grip.className = "sheet-grip";
  box.append(grip);
  box.addEventListener("pointerdown", (event) => drag(event, index, event.target === grip));
  box.addEventListener("focus", () => choose(index));
  box.addEventListener("keydown", (event) => press(event, index));
  return box;
}

function named(item) {
  const option = [...props.querySelector("[data-prop=field]").options].find((each) => each.value === item.field);
  return option && item.field ? option.text : word(`template_${item.kind}`);
}

function choose(index) {
  if (here === index) return;
  here = index;
  [...sheet.children].forEach((child, place) => child.classList.toggle("sheet-here", place === here));
  show();
}

/** The properties of the chosen element. */
function show() {
  const item = items[here];
  props.hidden = !item;
  if (!item) return;
  props.querySelector("[data-props-name]").textContent = named(item);
  for (const part of props.querySelectorAll("[data-for]")) part.hidden = !SHOWS[item.kind]?.includes(part.dataset.for);
  for (const input of props.querySelectorAll("[data-prop]")) {
    if (input === document.activeElement) continue;
    const value = item[input.dataset.prop];
    if (input.type === "checkbox") input.checked = Boolean(value);
    else input.value = value ?? {size: 10, least: 5, stroke: 0.3, align: "left", format: "plain"}[input.dataset.prop] ?? "";
  }
}

function set(input) {
  const item = items[here];
  if (!item) return;
  const name = input.dataset.prop;
  if (input.type === "checkbox") item[name] = input.checked;
  else if (input.type === "number") { if (input.value === "" || Number.isNaN(input.valueAsNumber)) return; item[name] = input.valueAsNumber; } else item[name] = input.value;
  draw();
}

const round = (value) => Math.round(value * 10) / 10;

/** Move or enlarge by millimetres, never off the page. */
function shift(item, x, y, enlarge) {
  const least = item.kind === "line" ? 0 : 1;
  if (enlarge) {
    item.w = round(Math.min(Math.max(item.w + x, least), page().width - item.x));
    item.h = round(Math.min(Math.max(item.h + y, least), page().height - item.y));
  } else {
    item.x = round(Math.min(Math.max(item.x + x, 0), Math.max(page().width - item.w, 0)));
    item.y = round(Math.min(Math.max(item.y + y, 0), Math.max(page().height - item.h, 0)));
  }
}

function press(event, index) {
  const way = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key];
  if (way) {
    event.preventDefault();
    const step = event.altKey ? 0.1 : 1;
    here = index;
    shift(items[index], way[0] * step, way[1] * step, event.shiftKey);
    draw();
  } else if (event.key === "Delete" || event.key === "Backspace") {
    event.preventDefault();
    remove();
  } else if (event.key.toLowerCase() === "d" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    copy();
  } else if (event.key === "Enter") {
    event.preventDefault();
    props.querySelector("[data-prop]:not([hidden])")?.focus();
  }
}

function drag(event, index, enlarge) {
  event.preventDefault();
  sheet.children[index].focus();
  choose(index);
  const item = items[index];
  const before = {...item};
  const from = [event.clientX, event.clientY];
  const half = (value) => Math.round(value * 2) / 2; // half millimetres
  const move = (at) => {
    Object.assign(item, before);
    shift(item, half((at.clientX - from[0]) / scale()), half((at.clientY - from[1]) / scale()), enlarge);
    const style = sheet.children[index].style;
    style.left = `${item.x * scale()}px`;
    style.top = `${item.y * scale()}px`;
    style.width = `${item.w * scale()}px`;
    style.height = `${item.h * scale()}px`;
    show();
  };
  const end = () => {
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", end);
    removeEventListener("pointercancel", end);
    draw();
  };
  addEventListener("pointermove", move);
  addEventListener("pointerup", end);
  addEventListener("pointercancel", end);
}

function add(kind, more = {}) {
  const [w, h] = FRESH[kind];
  const item = {kind, x: 5, y: 5, w: Math.min(w, page().width - 10), h: Math.min(h, page().height - 10), size: 10, least: 5, stroke: 0.3, align: "left", format: "plain", bold: false, before: "", after: "", text: "", field: "", image: "", ...more};
  if (SHOWS[kind].includes("field")) item.field = form.querySelector("[data-add-field]").value;
  if (kind === "static") item.text = word("template_static");
  items.push(item);
  here = items.length - 1;
  draw();
  sheet.children[here].focus();
}

function copy() {
  if (here < 0) return;
  items.push({...items[here]});
  here = items.length - 1;
  shift(items[here], 3, 3, false);
  draw();
  sheet.children[here].focus();
}

function remove() {
  if (here < 0) return;
  items.splice(here, 1);
  here = Math.min(here, items.length - 1);
  draw();
  sheet.children[here]?.focus();
}

async function upload(event) {
  const [file] = event.target.files;
  event.target.value = "";
  if (!file) return;
  const body = new FormData();
  body.set("logo", file);
  try {
    const answer = await send(form.dataset.logo, {body});
    const said = await answer.json();
    if (answer.ok) add("logo", {image: said.image});
    else problem(said.message);
  } catch { problem(word("template_offline")); }
}

function problem(text) {
  const place = form.querySelector("[data-preview-problem]");
  place.textContent = text;
  place.hidden = !text;
}

/** The picture of what is printed; of several answers only the last one asked for is shown. */
let asked = 0;
async function preview() {
  const mine = ++asked;
  const body = new FormData();
  for (const name of ["width", "height", "elements"]) body.set(name, field(name).value);
  try {
    const answer = await send(form.dataset.preview, {body});
    const said = await answer.json();
    if (mine !== asked) return;
    problem(answer.ok ? said.problems.join(" ") : said.message);
    if (!answer.ok) return;
    const picture = form.querySelector("[data-preview-picture]");
    picture.src = said.picture;
    picture.hidden = false;
  } catch { problem(word("template_offline")); }
}

if (form) {
  for (const part of form.querySelectorAll("[data-needs-script]")) part.hidden = false;
  read();
  source.addEventListener("change", read);
  for (const name of ["width", "height"]) field(name).addEventListener("change", draw);
  form.querySelector("[data-page-size]").addEventListener("change", (event) => {
    const [width, height] = event.target.value.split("x");
    if (!width) return;
    field("width").value = width;
    field("height").value = height;
    draw();
  });
  for (const button of form.querySelectorAll("[data-add]")) button.addEventListener("click", () => add(button.dataset.add));
  form.querySelector("[data-add-logo]").addEventListener("change", upload);
  form.querySelector("[data-copy-element]").addEventListener("click", copy);
  form.querySelector("[data-remove-element]").addEventListener("click", remove);
  for (const input of props.querySelectorAll("[data-prop]")) input.addEventListener("input", () => set(input));
  addEventListener("resize", draw);
}
