"use strict";
// What was done, or what is wrong, is read first. New rows appear by themselves. Shortcuts, if wanted.
(() => {
  const NEWS_SECONDS = 20;
  const told = document.getElementById("summary") || document.getElementById("done");
  if (told) told.focus();

  const news = document.getElementById("news");
  const body = document.querySelector(".leads tbody, .said");
  let fresh = 0, looking = false;

  async function look() {
    if (document.hidden || looking) return true;
    looking = true;
    try { return await add(); } finally { looking = false; }
  }

  async function add() {
    const append = "append" in news.dataset, newest = append ? body.lastElementChild : body.firstElementChild;
    const address = new URL(news.dataset.address, location.href);
    if (newest) address.searchParams.set("after", newest.id.slice(1));
    let response;
    try {
      response = await fetch(address, { headers: { fragment: "1" }, credentials: "same-origin" });
    } catch {
      return true;
    }
    if (response.status === 401) {
      news.textContent = news.dataset.out;
      return false;
    }
    if (!response.ok) return true;
    const part = document.createElement(body.localName);
    part.innerHTML = await response.text();
    const rows = [...part.children];
    if (!rows.length) return true;
    fresh += rows.length;
    const none = document.getElementById("none");
    if (none) none.remove();
    if (append) body.append(...rows);
    else body.prepend(...rows);
    news.textContent = news.dataset.words.replace("{count}", fresh);
    return true;
  }

  async function watch() {
    if (await look()) setTimeout(watch, every);
  }
  const every = 1000 * (news && news.dataset.seconds || NEWS_SECONDS);
  if (news && news.dataset.address && body) {
    setTimeout(watch, every);
    document.addEventListener("visibilitychange", look);
  }

  const places = { m: "/desk/", l: "/desk/leads", s: "/desk/statistics", "?": "/desk/keys" };
  function step(by) {
    const links = [...document.querySelectorAll(".leads td a")];
    if (!links.length) return;
    const at = links.indexOf(document.activeElement);
    const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by;
    if (links[next]) links[next].focus();
  }
  document.addEventListener("keydown", (event) => {
    if (!document.body.dataset.keys || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const find = document.getElementById("query");
    if (places[event.key]) location.assign(places[event.key]);
    else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "f" && find) find.focus();
    else return;
    event.preventDefault();
  });
})();
