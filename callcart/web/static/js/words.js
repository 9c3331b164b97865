// The sentences scripts show, translated by the server (base.html; a page may add its own <script id="page-words-…">).
const words = {};
for (const block of document.querySelectorAll('script[type="application/json"][id^="page-words"]')) {
  Object.assign(words, JSON.parse(block.textContent));
}

/** The text of that name in the reader's language; `{name}` is filled from `values`. */
export function word(name, values = {}) {
  return (words[name] ?? name).replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}
