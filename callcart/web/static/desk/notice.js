// Quiet lines under the bar: what is wrong, what still works, and at most one thing to do. One per name.
const region = document.getElementById("notices");

export function notice(name, text, {tone = "amber", action = null, run = null} = {}) {
  let line = region.querySelector(`[data-notice="${name}"]`);
  if (!line) {
    line = document.createElement("div");
    line.dataset.notice = name;
    region.append(line);
  }
  line.className = `desk-notice notice-${tone}`;
  const words = document.createElement("span");
  words.textContent = text;
  line.replaceChildren(words);
  if (action) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm";
    button.textContent = action;
    button.addEventListener("click", run);
    line.append(button);
  }
}

export function clearNotice(name) {
  region.querySelector(`[data-notice="${name}"]`)?.remove();
}
