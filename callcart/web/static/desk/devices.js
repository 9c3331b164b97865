// The dialog in which an agent chooses microphone, loudspeaker and ring, hears what they sound like and sees that he is heard.
import {chosen, choose, devices, openStream, present} from "../js/devices.js";
import {chime} from "../js/ringer.js";

const dialog = document.getElementById("devices");
const meter = dialog.querySelector("meter");
const problem = dialog.querySelector("[data-devices-problem]");
const WHATS = ["microphone", "talk", "ring"];
let stream = null;
let context = null;

async function opened() {
  if (dialog.open) return;
  dialog.showModal();
  for (const each of dialog.querySelectorAll("[name='loudness']")) each.value = chosen("loudness") || each.value;
  await listen();
  await fill();
}

/** Names are told only while the microphone may be used, so it is opened first. */
async function listen() {
  hush();
  problem.hidden = true;
  try {
    const mine = await openStream({});
    if (!dialog.open) { for (const track of mine.getTracks()) track.stop(); return; }
    stream = mine;
    context = new AudioContext();
    const heard = new AnalyserNode(context, {fftSize: 512});
    context.createMediaStreamSource(stream).connect(heard);
    show(heard, new Float32Array(heard.fftSize), stream);
  } catch { problem.hidden = false; }
}

function show(heard, samples, of) {
  if (stream !== of) return;
  heard.getFloatTimeDomainData(samples);
  meter.value = Math.min(1, Math.sqrt(samples.reduce((sum, each) => sum + each * each, 0) / samples.length) * 4);
  requestAnimationFrame(() => show(heard, samples, of));
}

function hush() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  context?.close();
  stream = context = null;
}

async function fill() {
  for (const what of WHATS) {
    const select = dialog.querySelector(`[name='${what}']`);
    const found = await present(what);
    select.replaceChildren(select.options[0], ...found.map(([id, name]) => new Option(name, id)));
    select.value = found.some(([id]) => id === chosen(what)) ? chosen(what) : "";
  }
}

document.getElementById("phone-state").addEventListener("click", opened);
dialog.addEventListener("close", hush);
dialog.addEventListener("change", async ({target}) => {
  choose(target.name, target.name === "loudness" ? Number(target.value) : target.value);
  if (target.name === "microphone") listen();
  if (target.name === "loudness" || target.name === "ring") chime();
});
dialog.addEventListener("click", ({target}) => {
  const button = target.closest("[data-try]");
  if (button) chime(button.dataset.try);
});
devices.addEventListener("change", () => { if (dialog.open) fill(); });
