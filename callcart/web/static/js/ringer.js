// A gentle ring: two soft tones every three seconds, quiet enough for a headset. Silent where the browser allows no sound yet.
const PATTERN = [[523, 0], [659, 0.22]]; // hertz, seconds after the start
const LENGTH = 0.5;
const EVERY = 3000;
const LOUDNESS = 0.09;
let context = null;
let timer = 0;
let waking = false;

export function startRinging() {
  if (timer) return;
  ring();
  timer = setInterval(ring, EVERY);
}

export function stopRinging() {
  clearInterval(timer);
  timer = 0;
  context?.suspend();
}

/** Once, for what waits less urgently than a call. Never over a ring. */
export function chime() {
  if (timer) return;
  timer = setTimeout(stopRinging, 1000);
  ring();
}

async function ring() {
  context ??= new AudioContext();
  if (waking) return; // the browser waits for a key or a click before it lets us be heard
  waking = true;
  await context.resume().catch(() => {});
  waking = false;
  if (context.state !== "running" || !timer) return;
  for (const [hertz, after] of PATTERN) note(hertz, context.currentTime + after);
}

function note(hertz, from) {
  const voice = new OscillatorNode(context, {type: "sine", frequency: hertz});
  const loudness = new GainNode(context, {gain: 0});
  loudness.gain.setValueAtTime(0, from);
  loudness.gain.linearRampToValueAtTime(LOUDNESS, from + 0.04);
  loudness.gain.exponentialRampToValueAtTime(0.0005, from + LENGTH);
  voice.connect(loudness).connect(context.destination);
  voice.start(from);
  voice.stop(from + LENGTH);
}
