// Light, dark, or as the device is. The choice lives in the cookie `theme`, so the server paints the right one at once.
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

function now() {
  return root.dataset.theme || (dark.matches ? "dark" : "light");
}

/** `light`, `dark`, or `auto`. */
export function choose(theme) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  if (theme === "auto") {
    delete root.dataset.theme;
    document.cookie = `theme=; Max-Age=0; path=/; SameSite=Lax${secure}`;
  } else {
    root.dataset.theme = theme;
    document.cookie = `theme=${theme}; Max-Age=31536000; path=/; SameSite=Lax${secure}`;
  }
  document.querySelector('meta[name="color-scheme"]')?.setAttribute("content", root.dataset.theme ?? "light dark");
  document.body.dispatchEvent(new CustomEvent("callcart:theme", {detail: {theme: now()}, bubbles: true}));
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-theme-toggle]")) return;
  const wanted = now() === "dark" ? "light" : "dark";
  choose(wanted === (dark.matches ? "dark" : "light") ? "auto" : wanted);
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-theme-choice]")) choose(event.target.value);
});
