// Recordings one can look at: the loudness of both sides on a canvas, jumps by click and key, speed with the pitch kept, comments at
// their seconds, and addresses that lead to a moment (#t=83).
import {duration} from "./dates.js";

const SPEED = "recording-speed";
const STEPS = {ArrowRight: 5, ArrowLeft: -5, ArrowUp: 1, ArrowDown: -1, PageUp: 30, PageDown: -30};

/** Wire every player under an element. */
export function attach(scope = document) {
  for (const player of scope.querySelectorAll("[data-waveform]:not([data-ready])")) wire(player);
  if (!document.documentElement.dataset.momentTaken && momentAsked() !== null) goToMoment();
}

function wire(player) {
  player.dataset.ready = "1";
  const found = JSON.parse(player.dataset.peaks || "[]");
  const sides = Array.isArray(found[0]) ? found : [found];
  const length = Number(player.dataset.duration) / 1000 || 1;
  const canvas = player.querySelector("canvas");
  const audio = player.querySelector("audio");
  const position = player.querySelector("[data-position]");
  const rate = player.querySelector("[data-rate]");
  const moment = player.querySelector("[data-moment]");
  const marks = () => [...player.querySelectorAll(".player-comments [data-seek]")].map((mark) => Number(mark.dataset.seek) / 1000 / length);
  let target = null; // where a jump goes that has not arrived yet: the next one goes on from there
  const here = () => target ?? audio.currentTime;
  const show = () => {
    paint(canvas, sides, here() / length, marks());
    position.textContent = duration(here());
    canvas.setAttribute("aria-valuenow", Math.floor(here()));
    canvas.setAttribute("aria-valuetext", duration(here()));
    if (moment) moment.hash = `t=${Math.floor(here())}`;
    keepMoment(player, here());
  };
  const seek = (seconds) => { target = Math.min(Math.max(seconds, 0), length); audio.currentTime = target; show(); };
  const toggle = () => (audio.paused ? audio.play().catch(() => {}) : audio.pause());
  const setRate = (value) => { audio.preservesPitch = true; audio.defaultPlaybackRate = audio.playbackRate = Number(value) || 1; };
  player.seekTo = seek;

  canvas.addEventListener("click", (event) => {
    seek((event.offsetX / canvas.clientWidth) * length);
    if (audio.paused) toggle();
  });
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key in STEPS) seek(here() + STEPS[event.key]);
    else if (event.key === "Home") seek(0);
    else if (event.key === "End") seek(length);
    else if (event.key === " ") toggle();
    else if ((event.key === "[" || event.key === "]") && rate) stepRate(rate, event.key === "]" ? 1 : -1);
    else return;
    event.preventDefault();
  });
  player.addEventListener("click", (event) => {
    const mark = event.target.closest("[data-seek]");
    const skip = event.target.closest("[data-skip]");
    if (mark) { seek(Number(mark.dataset.seek) / 1000); if (audio.paused) toggle(); }
    if (skip) seek(here() + Number(skip.dataset.skip));
  });
  player.querySelector("[data-play]").addEventListener("click", toggle);
  if (rate) {
    try { rate.value = localStorage.getItem(SPEED) || "1"; } catch { /* nothing is remembered here */ }
    if (!rate.value) rate.value = "1";
    rate.addEventListener("change", () => {
      setRate(rate.value);
      try { localStorage.setItem(SPEED, rate.value); } catch { /* the same */ }
    });
    setRate(rate.value);
  }
  audio.addEventListener("play", () => {
    for (const other of document.querySelectorAll("[data-waveform] audio")) if (other !== audio) other.pause();
    player.classList.add("playing");
  });
  audio.addEventListener("pause", () => player.classList.remove("playing"));
  audio.addEventListener("seeked", () => { if (!audio.seeking) target = null; show(); });
  audio.addEventListener("timeupdate", () => { if (!audio.paused && !audio.seeking) target = null; show(); });
  audio.addEventListener("error", () => sayProblem(player, audio));
  player.addEventListener("htmx:afterSwap", show);
  new ResizeObserver(show).observe(canvas);
  document.addEventListener("callcart:theme", show);
  show();
}

function stepRate(rate, by) {
  const next = rate.options[rate.selectedIndex + by];
  if (!next) return;
  rate.value = next.value;
  rate.dispatchEvent(new Event("change", {bubbles: true}));
}

// A comment belongs to the moment at which somebody began to write it.
function keepMoment(player, seconds) {
  const form = player.querySelector("[data-comment]");
  if (!form || form.querySelector("textarea").value.trim()) return;
  form.querySelector("[data-at]").value = Math.round(seconds * 1000);
  form.querySelector("[data-at-shown]").textContent = duration(seconds);
}

// A sound that does not come has its reason in words.
async function sayProblem(player, audio) {
  const place = player.querySelector("[data-problem]");
  if (!place) return;
  const answer = await fetch(audio.src, {headers: {Accept: "application/json", Range: "bytes=0-1"}}).catch(() => null);
  const said = answer && !answer.ok ? await answer.json().catch(() => null) : null;
  if (said?.message) { place.textContent = said.message; place.hidden = false; }
}

function momentAsked() {
  const found = location.hash.match(/^#t=(\d{1,6})$/);
  return found ? Number(found[1]) : null;
}

function goToMoment() {
  const player = document.querySelector("[data-waveform][data-ready]");
  const seconds = momentAsked();
  if (!player?.seekTo || seconds === null) return;
  document.documentElement.dataset.momentTaken = "1";
  player.seekTo(seconds);
  player.querySelector("canvas").focus();
}

function paint(canvas, sides, done, marks) {
  const ratio = devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!width) return;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const pen = canvas.getContext("2d");
  const style = getComputedStyle(canvas);
  pen.scale(ratio, ratio);
  const bars = Math.max(1, Math.floor(width / 3));
  const middle = height / 2;
  sides.forEach((peaks, side) => {
    pen.fillStyle = side ? style.getPropertyValue("--player-right").trim() || style.color : style.color;
    for (let bar = 0; bar < bars; bar++) {
      const from = Math.floor((bar / bars) * peaks.length);
      const to = Math.max(from + 1, Math.floor(((bar + 1) / bars) * peaks.length));
      const peak = Math.max(...peaks.slice(from, to), 0);
      pen.globalAlpha = bar / bars <= done ? 1 : 0.4;
      if (sides.length === 1) {
        const tall = Math.max(2, (peak / 100) * (height - 4));
        pen.fillRect(bar * 3, (height - tall) / 2, 2, tall);
      } else {
        const tall = Math.max(1, (peak / 100) * (middle - 3));
        pen.fillRect(bar * 3, side ? middle + 1 : middle - 1 - tall, 2, tall);
      }
    }
  });
  pen.globalAlpha = 1;
  pen.fillStyle = style.getPropertyValue("--player-mark").trim() || style.color;
  for (const mark of marks) pen.fillRect(Math.min(width - 2, mark * width), 0, 2, height);
}

addEventListener("hashchange", goToMoment);
attach();
