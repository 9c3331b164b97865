// The chat's button. One line on any page: <script src="(your shop)/chat/widget.js" data-chat="…" defer></script>
// Makes a button and, when it is pressed, a frame with the chat. Where the page has buttons of its own (data-chat-open), those are used
// and none is made. Reads nothing of the page but its address and title.
(() => {
  const script = document.currentScript;
  const line = script?.dataset.chat;
  if (!line || window.callcartChat) return;
  window.callcartChat = true;
  const origin = new URL(script.src).origin;
  const chinese = (document.documentElement.lang || navigator.language || "").toLowerCase().startsWith("zh");
  const label = script.dataset.label || (chinese ? "在线咨询" : "Chat with us");
  const ink = script.dataset.ink || "#ffffff";
  const brand = script.dataset.brand || "";
  const colour = script.dataset.colour || {grain: "#4c7325", sea: "#2b5f86"}[brand] || "#2f5d4a";

  const host = document.createElement("div");
  const button = document.createElement("button");
  const openers = [...document.querySelectorAll("[data-chat-open]")];
  let pressed = button;
  button.type = "button";
  button.textContent = label;
  button.setAttribute("aria-expanded", "false");
  Object.assign(button.style, {
    position: "fixed", right: "16px", bottom: "calc(16px + env(safe-area-inset-bottom))", zIndex: "2147483000", minHeight: "48px",
    padding: "0 20px", border: "0", borderRadius: "24px", background: colour, color: ink, cursor: "pointer",
    font: "600 16px system-ui, 'PingFang SC', 'Noto Sans SC', 'Microsoft YaHei', sans-serif", boxShadow: "0 4px 16px #0003",
  });
  let frame = null;

  function place() {
    const small = innerWidth < 560;
    Object.assign(frame.style, small
      ? {right: "0", bottom: "0", width: "100%", height: "100%", borderRadius: "0"}
      : {right: "16px", bottom: "16px", width: "380px", height: "min(620px, calc(100% - 32px))", borderRadius: "14px"});
  }

  function tellPage() {
    frame?.contentWindow.postMessage({callcart: "page", page: location.href, title: document.title}, origin);
  }

  function open({quiet = false} = {}) {
    if (!frame) {
      frame = document.createElement("iframe");
      frame.title = label;
      frame.allow = "microphone; clipboard-write";
      Object.assign(frame.style, {position: "fixed", zIndex: "2147483001", border: "0", boxShadow: "0 8px 40px #0004", background: "#fff", colorScheme: "light dark"});
      frame.src = `${origin}/chat/${line}/?brand=${encodeURIComponent(brand)}`;
      frame.addEventListener("load", tellPage);
      host.append(frame);
      addEventListener("resize", place);
    }
    place();
    frame.hidden = false;
    frame.style.display = "";
    button.style.display = "none";
    for (const each of [button, ...openers]) each.setAttribute("aria-expanded", "true");
    if (!quiet) frame.focus();
    remember("open");
  }

  function close() {
    frame.style.display = "none";
    button.style.display = "";
    for (const each of [button, ...openers]) each.setAttribute("aria-expanded", "false");
    pressed.focus();
    remember("closed");
  }

  function remember(state) {
    try { sessionStorage.setItem("callcart-chat", state); } catch { /* a page without storage: it opens by the button only */ }
  }

  addEventListener("message", (event) => {
    if (event.origin !== origin || event.source !== frame?.contentWindow) return;
    if (event.data?.callcart === "close") close();
    if (event.data?.callcart === "open" && frame.style.display === "none") open({quiet: true}); // somebody wants to talk
    if (event.data?.callcart === "ready") tellPage();
  });
  for (const each of [button, ...openers]) {
    each.addEventListener("click", () => { pressed = each; open(); });
  }
  for (const each of openers) each.hidden = false;
  if (!openers.length) host.append(button);
  (document.body ?? document.documentElement).append(host);
  try { if (sessionStorage.getItem("callcart-chat") === "open" && innerWidth >= 560) open(); } catch { /* as above */ }
})();
