// A recording one can look at: peaks on a canvas, click or arrow keys to seek, space to play.
import {duration} from "./dates.js";

/** Wire every player under an element. */
export function attach(scope = document) {
  for (const player of scope.querySelectorAll("[data-waveform]:not([data-ready])")) wire(player);
}

function wire(player) {
  player.dataset.ready = "1";
  const peaks = JSON.parse(player.dataset.peaks || "[]");
  const length = Number(player.dataset.duration) / 1000 || 1;
  const canvas = player.querySelector("canvas");
  const audio = player.querySelector("audio");
  const position = player.querySelector("[data-position]");
  const show = () => {
    paint(canvas, peaks, audio.currentTime / length);
    position.textContent = duration(audio.currentTime);
    canvas.setAttribute("aria-valuenow", Math.floor(audio.currentTime));
    canvas.setAttribute("aria-valuetext", duration(audio.currentTime));
  };
  const seek = (seconds) => { audio.currentTime = Math.min(Math.max(seconds, 0), length); show(); };
  const toggle = () => (audio.paused ? audio.play() : audio.pause());
  canvas.addEventListener("click", (event) => {
    seek((event.offsetX / canvas.clientWidth) * length);
    if (audio.paused) audio.play();
  });
  canvas.addEventListener("keydown", (event) => {
    const steps = {ArrowRight: 5, ArrowLeft: -5, PageUp: 30, PageDown: -30};
    if (event.key in steps) seek(audio.currentTime + steps[event.key]);
    else if (event.key === "Home") seek(0);
    else if (event.key === "End") seek(length);
    else if (event.key === " ") toggle();
    else return;
    event.preventDefault();
  });
  player.querySelector("[data-play]").addEventListener("click", toggle);
  audio.addEventListener("play", () => {
    for (const other of document.querySelectorAll("[data-waveform] audio")) if (other !== audio) other.pause();
    player.classList.add("playing");
  });
  audio.addEventListener("pause", () => player.classList.remove("playing"));
  audio.addEventListener("timeupdate", show);
  new ResizeObserver(show).observe(canvas);
  document.addEventListener("callcart:theme", show);
  show();
}

function paint(canvas, peaks, done) {
  const ratio = devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!width) return;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  pen.fillStyle = getComputedStyle(canvas).color;
  const bars = Math.max(1, Math.floor(width / 3));
  for (let bar = 0; bar < bars; bar++) {
    const from = Math.floor((bar / bars) * peaks.length);
    const to = Math.max(from + 1, Math.floor(((bar + 1) / bars) * peaks.length));
    const peak = Math.max(...peaks.slice(from, to), 0);
    const tall = Math.max(2, (peak / 100) * (height - 4));
    pen.globalAlpha = bar / bars <= done ? 1 : 0.35;
    pen.fillRect(bar * 3, (height - tall) / 2, 2, tall);
  }
}

attach();
