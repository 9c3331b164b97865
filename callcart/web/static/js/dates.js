// Times that move: <time data-relative> "2 minutes ago", <time data-since> counting up m:ss, <time data-until> down.
// One timer for the page; the server's clock is trusted (the Date header of the page, kept in <meta name="now">).
const skew = (() => {
  const said = document.querySelector('meta[name="now"]')?.content;
  return said ? Date.parse(said) - Date.now() : 0;
})();
const language = document.documentElement.lang || "en";
const relative = new Intl.RelativeTimeFormat(language, {numeric: "always"});
const STEPS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

/** Now, by the server's clock (milliseconds). */
export function serverNow() {
  return Date.now() + skew;
}

/** Seconds as m:ss, from an hour as h:mm:ss. */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const pad = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}

/** A distance in seconds in words; negative is past. */
export function inWords(seconds) {
  const [unit, size] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? STEPS.at(-1);
  return relative.format(Math.trunc(seconds / size), unit);
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

let beat = 0;
function tick() {
  const now = serverNow();
  for (const each of document.querySelectorAll("time[data-since]")) set(each, duration((now - Date.parse(each.dateTime)) / 1000));
  for (const each of document.querySelectorAll("time[data-until]")) set(each, duration((Date.parse(each.dateTime) - now) / 1000));
  if (beat++ % 10 === 0) {
    for (const each of document.querySelectorAll("time[data-relative]")) {
      const seconds = (Date.parse(each.dateTime) - now) / 1000;
      if (Math.abs(seconds) < 86400) set(each, inWords(seconds));
    }
  }
}

setInterval(() => { if (!document.hidden) tick(); }, 1000);
document.addEventListener("visibilitychange", () => { beat = 0; tick(); });
document.addEventListener("htmx:afterSwap", () => { beat = 0; tick(); });
