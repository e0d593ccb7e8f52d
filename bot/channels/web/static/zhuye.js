"use strict";
// Everything works without this. With it, replies come without a reload, and what is said is kept until it has arrived.
(() => {
  const print = document.getElementById("print");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }
  const summary = document.getElementById("summary");
  if (summary) summary.focus();
  const log = document.getElementById("log");
  if (!log) return;

  const KEY = "zhuye-queue", DRAFT = "zhuye-draft", FIRST_WAIT = 1000, LONGEST_WAIT = 30000;
  const field = document.getElementById("text"), words = document.getElementById("words");
  const status = document.getElementById("status");
  const csrf = words.elements.csrf.value;
  const store = {
    get(key) { try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; } },
    set(key, value) { try { sessionStorage.setItem(key, JSON.stringify(value)); } catch { /* memory only */ } },
  };
  const nonce = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
  const tell = (text) => { if (status.textContent !== text) status.textContent = text; };
  // What was queued in a session that is over now is nobody's to send.
  let queue = (store.get(KEY) || []).filter((one) => one.csrf === csrf);
  let sending = false, troubled = false, wait = FIRST_WAIT, timer = 0, control = null;

  function keep() { store.set(KEY, queue); }

  function pending(one) {
    const turn = document.createElement("article");
    turn.className = "turn";
    turn.dataset.pending = one.message_id;
    const you = document.createElement("div");
    you.className = "you";
    for (const [tag, text] of [["h2", log.dataset.you], ["p", one.shown], ["p", log.dataset.sending]]) {
      const part = document.createElement(tag);
      part.textContent = text;
      if (text === one.shown) part.className = "words";
      you.append(part);
    }
    turn.append(you);
    log.append(turn);
  }

  function say(one) {
    if (queue.some((other) => other.message_id === one.message_id)) return;
    queue.push(one);
    keep();
    pending(one);
    send();
  }

  function position() {
    return [...log.querySelectorAll("[data-position]")].reduce((most, turn) => Math.max(most, +turn.dataset.position), 0);
  }

  function body(one) {
    const form = new URLSearchParams({ csrf: one.csrf, message_id: one.message_id, after: position(), part: 1 });
    if (one.choice) {
      form.set("fact", one.fact);
      for (const value of one.choice) form.append("choice", value);
      if (one.many) form.set("many", 1);
    } else form.set("text", one.text);
    return form;
  }

  function later(seconds, text) {
    tell(text);
    troubled = true;
    clearTimeout(timer);
    timer = setTimeout(send, seconds * 1000);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }

  async function send() {
    if (sending || !queue.length) return;
    sending = true;
    clearTimeout(timer);
    const one = queue[0];
    let again = null;
    control = new AbortController();
    const tooLong = setTimeout(() => control.abort(), LONGEST_WAIT);
    try {
      const answer = await fetch("/say", { method: "POST", body: body(one), signal: control.signal, redirect: "error", credentials: "same-origin" });
      if (answer.status === 429) again = [+answer.headers.get("Retry-After") || 5, log.dataset.often];
      else if (answer.status >= 500) again = [wait / 1000, log.dataset.waiting];
      else if (!answer.ok) return plainly(one);
      else arrived(one, await answer.text());
    } catch {
      again = [wait / 1000, log.dataset.waiting];
    } finally {
      clearTimeout(tooLong);
      sending = false;
    }
    if (again) later(...again);
    else send();
  }

  function arrived(one, html) {
    queue.shift();
    keep();
    tell(troubled ? log.dataset.sent : "");
    troubled = false;
    wait = FIRST_WAIT;
    const old = log.querySelector(`[data-pending="${one.message_id}"]`);
    if (old) old.remove();
    const fresh = add(html);
    if (fresh) fresh.scrollIntoView({ block: "start" });
  }

  // The turns of a part that are not shown yet, and what can be pressed now; the first of them.
  function add(html) {
    const part = new DOMParser().parseFromString(html, "text/html"), turns = part.getElementById("turns");
    expect(+turns.dataset.lookAgain);
    if (turns.dataset.anew) for (const old of log.querySelectorAll(".turn:not([data-pending])")) old.remove();
    const shown = position(), fresh = [...turns.children].filter((turn) => +turn.dataset.position > shown);
    if (!fresh.length) return null;
    const last = document.getElementById("last");
    if (last) { last.removeAttribute("id"); last.removeAttribute("tabindex"); }
    const waiting = log.querySelector("[data-pending]");
    for (const turn of fresh) log.insertBefore(document.adoptNode(turn), waiting);
    // What was told unasked takes nothing away from what was asked.
    const next = part.getElementById("now"), now = document.getElementById("now");
    const held = next && now.contains(document.activeElement);
    if (next) now.replaceWith(document.adoptNode(next));
    // A button that had the focus is gone: the reply is where its reader is now. Otherwise the focus stays.
    if (held) fresh[0].focus({ preventScroll: true });
    if (aloud.dataset.on) speak();
    return fresh[0];
  }

  // What a caseworker answers, and how the registration goes on, comes by itself while it is waited for.
  let looking = 0, every = 0;
  function expect(seconds) {
    clearTimeout(looking);
    every = seconds;
    if (every) looking = setTimeout(look, every * 1000);
  }

  async function look() {
    if (!every) return;
    expect(every);
    if (document.hidden || sending || queue.length) return;
    try {
      const answer = await fetch(`/news?after=${position()}`, { redirect: "error", credentials: "same-origin" });
      if (!answer.ok) return;
      const fresh = add(await answer.text());
      if (fresh) fresh.scrollIntoView({ block: "nearest" });
    } catch { /* the next look will tell */ }
  }

  // The server says what is wrong on a page of its own, with what was written still in it.
  function plainly(one) {
    queue.shift();
    keep();
    const form = document.createElement("form");
    form.method = "post";
    form.action = "/say";
    const fields = body(one);
    fields.delete("part");
    for (const [name, value] of fields) {
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = name;
      input.value = value;
      form.append(input);
    }
    document.body.append(form);
    form.submit();
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.id === "end") { sessionStorage.clear(); return; }
    if (!form.classList.contains("say")) return;
    const data = new FormData(form, event.submitter);
    const choice = data.getAll("choice");
    const text = String(data.get("text") || "");
    if (choice.length) {
      event.preventDefault();
      const labels = choice.map((value) => [...form.querySelectorAll("[name=choice]")].find((b) => b.value === value))
        .map((b) => (b.labels && b.labels.length ? b.labels[0] : b).textContent.trim().replace(/^\d+ /, ""));
      say({ csrf, message_id: data.get("message_id"), fact: data.get("fact"), choice, many: data.has("many"), shown: labels.join(log.dataset.separator) });
    } else if (form.id !== "options") {
      event.preventDefault();
      if (!text.trim()) { field.focus(); return; }
      say({ csrf, message_id: nonce(), text, shown: text });
      if (form === words) { field.value = ""; store.set(DRAFT, ""); }
    }
  });

  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      words.requestSubmit();
    }
  });
  field.addEventListener("input", () => store.set(DRAFT, field.value));
  if (!field.value) field.value = store.get(DRAFT) || "";
  addEventListener("online", () => { wait = FIRST_WAIT; if (control && sending) control.abort(); else send(); });

  const aloud = document.getElementById("aloud"), start = aloud.textContent;
  function quiet() { speechSynthesis.cancel(); delete aloud.dataset.on; aloud.textContent = start; }
  function speak() {
    speechSynthesis.cancel();
    const turns = log.querySelectorAll(".turn .bot");
    const turn = turns[turns.length - 1];
    if (!turn) return;
    const said = new SpeechSynthesisUtterance([...turn.querySelectorAll(".words")].map((p) => p.textContent).join("\n"));
    said.lang = "zh-CN";
    said.onend = quiet;
    aloud.dataset.on = "1";
    aloud.textContent = aloud.dataset.stop;
    speechSynthesis.speak(said);
  }
  if ("speechSynthesis" in window) {
    aloud.hidden = false;
    aloud.addEventListener("click", () => (aloud.dataset.on ? quiet() : speak()));
  }

  document.addEventListener("visibilitychange", look);
  for (const one of queue) pending(one);
  send();
  expect(+log.dataset.lookAgain);
})();
