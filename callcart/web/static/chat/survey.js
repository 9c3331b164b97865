// After a chat: the shop's questions, one after the other, each answered by a click from 1 to 5 that is kept at once.
import {word} from "../js/words.js";

const panel = document.getElementById("survey");
const does = {ask: async () => ({})};
let known = null;
let fetched = false;
let shown = 0; // the question on the screen

/** What the chat does for us: ask(path, body). */
export function wire(given) {
  Object.assign(does, given);
}

/** The chat is in this state: once it is closed, its visitor may be asked. */
export async function show(state) {
  if (state !== "closed") { known = null; fetched = false; draw(); return; }
  if (fetched) return;
  fetched = true;
  try { take((await does.ask("survey")).survey); } catch { fetched = false; }
}

function take(survey) {
  known = survey;
  const open = (survey?.questions ?? []).findIndex((_question, place) => !(place in survey.answers));
  shown = open < 0 ? survey?.questions.length ?? 0 : open;
  draw();
}

function draw() {
  panel.hidden = !known;
  if (!known) { panel.replaceChildren(); return; }
  const held = panel.contains(document.activeElement);
  const title = document.createElement("p");
  if (shown >= known.questions.length) {
    title.textContent = word("survey_thanks");
    panel.replaceChildren(title);
    return;
  }
  title.id = "survey-question";
  title.textContent = known.questions[shown];
  const choices = document.createElement("div");
  choices.setAttribute("role", "group");
  choices.setAttribute("aria-labelledby", title.id);
  for (let score = 1; score <= 5; score++) choices.append(choice(score));
  const ends = document.createElement("p");
  ends.className = "soft ends";
  for (const name of ["survey_least", "survey_most"]) {
    const end = document.createElement("span");
    end.textContent = word(name);
    ends.append(end);
  }
  panel.replaceChildren(title, choices, ends);
  if (held) choices.firstElementChild.focus();
}

function choice(score) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = String(score);
  button.addEventListener("click", async () => {
    for (const each of panel.querySelectorAll("button")) each.disabled = true;
    try { take((await does.ask("survey/answer", {place: shown, score})).survey); } catch { draw(); }
  });
  return button;
}
