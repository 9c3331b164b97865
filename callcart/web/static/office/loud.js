// What went wrong at the table or the door is said so that nobody misses it: three low blasts and a red frame round the screen
// until the next scan. When everything is in: two rising notes, and the weight is next.
const feedback = document.getElementById("feedback");
const lines = document.getElementById("scan-lines");
let audio = null;

if (feedback) {
  new MutationObserver(() => { if (feedback.querySelector(".scan-red")) alarm(); else document.body.classList.remove("alarm"); }).observe(feedback, {childList: true});
  if (feedback.querySelector(".scan-red")) alarm();
}
if (lines) {
  let complete = Boolean(lines.querySelector("[data-complete]"));
  let stopped = Boolean(lines.querySelector(".stop-sign"));
  if (complete) next();
  new MutationObserver(() => {
    const stop = Boolean(document.querySelector("#scan-lines .stop-sign"));
    if (stop && !stopped) alarm();
    stopped = stop;
    const now = Boolean(document.querySelector("#scan-lines [data-complete]"));
    if (now && !complete) { play([660, 990], 0.12, 0.25); next(); }
    complete = now;
  }).observe(lines.parentElement, {childList: true, subtree: true});
}

function next() {
  const weight = document.querySelector("[data-complete] input[name^=weight]");
  weight?.focus();
  weight?.select();
}

function alarm() {
  document.body.classList.remove("alarm");
  void document.body.offsetWidth; // begin the animation anew
  document.body.classList.add("alarm");
  play([196, 196, 196], 0.22, 0.6);
  navigator.vibrate?.([200, 80, 200]);
}

function play(pitches, seconds, loudness) {
  try {
    audio ??= new AudioContext();
    pitches.forEach((pitch, index) => {
      const sound = audio.createOscillator();
      const volume = audio.createGain();
      sound.type = "square";
      sound.frequency.value = pitch;
      volume.gain.value = loudness;
      sound.connect(volume).connect(audio.destination);
      sound.start(audio.currentTime + index * (seconds + 0.06));
      sound.stop(audio.currentTime + index * (seconds + 0.06) + seconds);
    });
  } catch { /* no sound here; colour and words say it */ }
}
