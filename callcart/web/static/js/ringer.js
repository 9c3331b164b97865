// A gentle ring: two soft tones every three seconds, quiet enough for a headset, by the device that was chosen to ring. Silent where the
// browser allows no sound yet.
import {devices, ringLoudness, soundBy} from "./devices.js";

const PATTERN = [[523, 0], [659, 0.22]]; // hertz, seconds after the start
const LENGTH = 0.5;
const EVERY = 3000;
const LOUDEST = 0.18;
const outs = {}; // elements play it: a context alone cannot be sent to another device everywhere
let context = null;
let timer = 0;
let waking = false;

export function startRinging() {
  if (timer) return;
  ring();
  timer = setInterval(() => ring(), EVERY);
}

export function stopRinging() {
  clearInterval(timer);
  timer = 0;
  context?.suspend();
}

/** Once, for what waits less urgently than a call, or to hear what `talk` sounds like. Never over a ring. */
export function chime(by = "ring") {
  if (timer) return;
  timer = setTimeout(stopRinging, 1000);
  ring(by);
}

async function ring(by = "ring") {
  context ??= new AudioContext();
  if (waking) return; // the browser waits for a key or a click before it lets us be heard
  waking = true;
  await context.resume().catch(() => {});
  waking = false;
  if (context.state !== "running" || !timer) return;
  const out = outs[by] ??= begun(by);
  await out.element.play().catch(() => {});
  const loudness = by === "ring" ? ringLoudness() : 0.5;
  for (const [hertz, after] of PATTERN) note(out, hertz, context.currentTime + after, loudness);
}

function begun(by) {
  const stream = new MediaStreamAudioDestinationNode(context);
  const element = new Audio();
  element.srcObject = stream.stream;
  soundBy(element, by);
  devices.addEventListener("change", () => soundBy(element, by));
  return {stream, element};
}

function note(out, hertz, from, loudness) {
  const voice = new OscillatorNode(context, {type: "sine", frequency: hertz});
  const gain = new GainNode(context, {gain: 0});
  gain.gain.setValueAtTime(0, from);
  gain.gain.linearRampToValueAtTime(Math.max(LOUDEST * loudness, 0.0005), from + 0.04);
  gain.gain.exponentialRampToValueAtTime(0.0005, from + LENGTH);
  voice.connect(gain).connect(out.stream);
  voice.start(from);
  voice.stop(from + LENGTH);
}
