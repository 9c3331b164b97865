// Which microphone and loudspeakers this browser uses for talking, and which it rings by. Kept in the browser, for they are the
// machine's; one that is unplugged is done without until it is back.
const KEY = "callcart.devices";
const KINDS = {microphone: "audioinput", talk: "audiooutput", ring: "audiooutput"};
const USUAL = 50; // per cent of the loudest ring

/** `change`: another device is to be used from now on. */
export const devices = new EventTarget();

function read() {
  try { return JSON.parse(localStorage.getItem(KEY)) ?? {}; } catch { return {}; }
}
const choice = read();

/** The device chosen for `microphone`, `talk` or `ring`; "" for whatever the computer uses. */
export function chosen(what) {
  return choice[what] ?? "";
}

/** How loud it rings, 0 to 1. */
export function ringLoudness() {
  return (choice.loudness ?? USUAL) / 100;
}

export function choose(what, value) {
  choice[what] = value;
  try { localStorage.setItem(KEY, JSON.stringify(choice)); } catch { /* for this page at least */ }
  devices.dispatchEvent(new Event("change"));
}

/** What there is of a kind: pairs of id and name. Names are told only to pages that may use the microphone. */
export async function present(what) {
  const all = await navigator.mediaDevices.enumerateDevices();
  return all.filter((each) => each.kind === KINDS[what] && !["default", "communications", ""].includes(each.deviceId)).map((each) => [each.deviceId, each.label]);
}

/** Let an element sound where it was chosen to; where that is gone, by the usual way. */
export async function soundBy(element, what) {
  if (!element.setSinkId) return;
  await element.setSinkId(chosen(what)).catch(() => element.setSinkId("").catch(() => {}));
}

/** A stream of the chosen microphone, of another one where that is gone; rejects as getUserMedia does. */
export async function openStream(audio) {
  const wanted = chosen("microphone");
  const usual = () => navigator.mediaDevices.getUserMedia({audio, video: false});
  if (!wanted) return usual();
  try {
    return await navigator.mediaDevices.getUserMedia({audio: {...audio, deviceId: {exact: wanted}}, video: false});
  } catch (error) {
    if (error.name !== "OverconstrainedError") throw error;
    return usual();
  }
}

navigator.mediaDevices?.addEventListener("devicechange", () => devices.dispatchEvent(new Event("change")));
