// What a supervisor does from the board: an agent's state and queues, who waits, a look at the conversation, and the way to the call.
import {toast} from "../js/toast.js";
import {word} from "../js/words.js";
import {leave, listen} from "./listening.js";
import {get, post, settings} from "./net.js";

const waiting = document.getElementById("waiting-dialog");
const talk = document.getElementById("talk-dialog");
const mirror = document.getElementById("talk-mirror");
let after = {refresh() {}, reopen() {}};
let listed = "";

export function wire(callbacks) {
  after = callbacks;
}

/** Do it, say what came of it, look again. */
async function done(work, said) {
  try {
    const answer = await work();
    toast(answer?.text ?? said ?? "");
    after.reopen();
    after.refresh();
    return true;
  } catch (error) {
    toast(error.message, "warning");
    return false;
  }
}

async function showWaiting(address) {
  listed = address;
  try {
    waiting.innerHTML = await get(address);
    if (!waiting.open) waiting.showModal();
  } catch (error) { toast(error.message, "warning"); }
}

/** The conversation as the desk shows it, without what could be pressed or typed. */
async function see(id) {
  try {
    const holder = document.createElement("div");
    holder.innerHTML = await get(`${settings.urls.conversation}${id}`);
    for (const each of holder.querySelectorAll("button.history-line")) { // stays to be read, not to be pressed
      const line = document.createElement("p");
      line.className = "history-line";
      line.append(...each.childNodes);
      each.replaceWith(line);
    }
    for (const each of holder.querySelectorAll("form, dialog, script, button, input, textarea, select, audio, [role=tablist]")) each.remove();
    for (const each of holder.querySelectorAll("[id]")) each.removeAttribute("id");
    const parts = ["strip", "talk", "person"].map((name) => holder.querySelector(`[data-region="${name}"]`)).filter(Boolean);
    mirror.replaceChildren(...parts);
    if (!talk.open) talk.showModal();
  } catch (error) { toast(error.message, "warning"); }
}

document.addEventListener("click", (event) => {
  const target = (selector) => event.target.closest(selector);
  const state = target("[data-force] [data-state]");
  if (state) {
    const body = {state: state.dataset.state, reason: state.dataset.reason ?? ""};
    if (state.closest("details")) state.closest("details").open = false;
    done(() => post(state.closest("[data-force]").dataset.force, body), word("forced"));
  }
  const back = target("[data-give-back]");
  if (back) done(() => post(back.dataset.giveBack));
  const queue = target("[data-waiting]");
  if (queue) showWaiting(queue.dataset.waiting);
  const seen = target("[data-see]");
  if (seen) see(seen.dataset.see);
  const act = target("[data-talk] [data-act]");
  if (act?.dataset.act === "stop") leave(act.closest("[data-talk]").dataset.talk).then(after.reopen);
  else if (act) listen(act.closest("[data-talk]").dataset.talk, act.dataset.act).then(after.reopen);
  const over = target("[data-take-over]");
  if (over) location.assign(`${settings.urls.desk}?take_over=${over.closest("[data-talk]").dataset.talk}`);
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.matches("[data-lend]")) {
    event.preventDefault();
    const problem = form.querySelector("[data-error]");
    problem.hidden = true;
    try {
      const queues = [...form.querySelectorAll("[name=queues]:checked")].map((each) => each.value);
      const answer = await post(form.dataset.lend, {queues, minutes: form.elements.minutes.value});
      delete form.dataset.touched;
      toast(answer.text);
      after.reopen();
      after.refresh();
    } catch (error) {
      problem.textContent = Object.values(error.fields ?? {}).join(" ") || error.message;
      problem.hidden = false;
    }
  }
  if (form.matches("[data-move]")) {
    event.preventDefault();
    await done(() => post(form.dataset.move, {queue: form.elements.queue.value}));
    showWaiting(listed);
  }
});
