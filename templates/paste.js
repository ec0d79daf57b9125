// Everything works without this file. With it: links resolve as soon as they are pasted, texts can be copied by a
// button, and the connect window never keeps a choice that its version does not have.
"use strict";

const form = document.querySelector("form[data-live]");
const live = document.querySelector("[data-status]");
const say = (text) => { if (live) live.textContent = text; };
// What is chosen beside the results and sent with the links.
const CHOICES = ["density", "insert"];
let running = null;

async function resolve() {
  if (running) running.abort();
  const mine = running = new AbortController();
  const results = document.getElementById("results");
  // Quick answers come without a flicker; no spinner lasts longer than eight seconds.
  const spinner = setTimeout(() => { say("Asking Jira…"); results.setAttribute("aria-busy", "true"); }, 100);
  const limit = setTimeout(() => mine.abort("late"), 8000);
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      signal: mine.signal,
      headers: { Accept: "text/html" },
    });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("results");
    if (!fresh) throw new Error("no results");
    const chose = CHOICES.find((name) => document.activeElement?.name === name);
    results.replaceChildren(...fresh.childNodes);
    if (chose) results.querySelector(`[name=${chose}]:checked`)?.focus();
    form.querySelector(".field-problem")?.remove();
    const problem = page.querySelector(".field-problem");
    if (problem) form.append(problem);
    showCopyButtons(results);
    const count = results.querySelectorAll(".result, [data-row]").length;
    say(results.querySelector(".inserts button") ? "Choose what to insert" : count === 0 ? "" : count === 1 ? "1 Jira link shown" : `${count} Jira links shown`);
  } catch (error) {
    if (mine.signal.reason === "late") say("Jira takes long to answer. Your links are still in the box: try again in a moment.");
    else if (!mine.signal.aborted) say("The gateway did not answer. Your links are still in the box: try again in a moment.");
  } finally {
    clearTimeout(spinner);
    clearTimeout(limit);
    if (running === mine) { running = null; results.removeAttribute("aria-busy"); }
  }
}

if (form) {
  const box = form.elements.links;
  // After the pasted text has arrived in the box.
  box.addEventListener("paste", () => setTimeout(resolve, 0));
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !box.value.includes("\n")) {
      event.preventDefault();
      resolve();
    }
  });
  document.addEventListener("change", (event) => { if (CHOICES.includes(event.target.name)) resolve(); });
  form.addEventListener("submit", (event) => { event.preventDefault(); resolve(); });
  // Whoever comes back from the connect window sees what it brought, without a reload.
  document.addEventListener("visibilitychange", () => {
    const waiting = ["connect", "reconnect", "captcha"].map((state) => `#results [data-state=${state}]`).join();
    if (!document.hidden && box.value.trim() && document.querySelector(waiting)) resolve();
  });
}

// A refreshed card takes the place of the old one; the other links stay as they are.
async function again(step) {
  const old = step.closest(".result");
  old.setAttribute("aria-busy", "true");
  try {
    const address = new URL(step.href);
    address.searchParams.set("density", document.querySelector("[name=density]:checked")?.value ?? "short");
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector(".result");
    if (!fresh) throw new Error("no result");
    const label = old.querySelector(".result-url");
    if (label) fresh.prepend(label);
    if (!step.href.includes("&refresh=1")) {
      // The link itself is updated: in the box, too.
      form.elements.links.value = form.elements.links.value.replace(old.dataset.pasted, () => fresh.dataset.pasted);
      if (label) label.textContent = label.title = fresh.dataset.pasted;
    } else {
      fresh.dataset.pasted = old.dataset.pasted;
    }
    old.replaceWith(fresh);
    showCopyButtons(fresh);
    fresh.querySelector(".step")?.focus();
    say(`1 Jira link ${step.href.includes("&refresh=1") ? "refreshed" : "updated"}`);
  } catch {
    old.removeAttribute("aria-busy");
    say("The gateway did not answer. Try again in a moment.");
  }
}

// Among many, the whole is drawn again: the text to copy changes with the row.
async function againAmongMany(step) {
  const at = [...document.querySelectorAll("[data-row]")].indexOf(step.closest("[data-row]"));
  step.setAttribute("aria-busy", "true");
  await fetch(step.href, { headers: { Accept: "text/html" } }).catch(() => {});
  await resolve();
  document.querySelectorAll("[data-row]")[at]?.querySelector(".step")?.focus();
}

document.addEventListener("click", (event) => {
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  const step = plain && event.target.closest?.(":is(.result, [data-row]) .step[href^='/?url=']");
  if (!step) return;
  event.preventDefault();
  if (step.closest("[data-row]")) againAmongMany(step);
  else again(step);
});

const COPIES = "button:is([data-copy], [data-copy-box], [data-copy-piece])";

function showCopyButtons(root) {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll(COPIES)) {
    button.hidden = "copyPiece" in button.dataset && typeof ClipboardItem === "undefined";
  }
}

// What other editors need of a piece of the page: its words, links and tables, and nothing of how they look here.
function bare(piece) {
  const copy = piece.cloneNode(true);
  for (const left of copy.querySelectorAll("[data-left-out], .hidden, svg, img")) left.remove();
  for (const element of [copy, ...copy.querySelectorAll("*")]) {
    for (const { name } of [...element.attributes]) if (name !== "href") element.removeAttribute(name);
  }
  return copy.outerHTML;
}

async function copy(button) {
  if ("copy" in button.dataset) return navigator.clipboard.writeText(button.dataset.copy);
  const text = document.getElementById("insert-text").value;
  if ("copyBox" in button.dataset) return navigator.clipboard.writeText(text);
  const as = (type, words) => ({ [type]: new Blob([words], { type }) });
  const html = bare(document.querySelector("[data-piece]"));
  return navigator.clipboard.write([new ClipboardItem({ ...as("text/html", html), ...as("text/plain", text) })]);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.(COPIES);
  if (!button) return;
  const words = button.dataset.words ??= button.textContent;
  try {
    await copy(button);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Not copied";
  }
  setTimeout(() => { button.textContent = words; }, 1600);
});

const connect = document.querySelector("form[data-connect]");
if (connect) {
  const settle = () => {
    const shown = [...connect.querySelectorAll("input[name=method]")].filter((input) => input.offsetParent !== null);
    if (shown.length > 0 && !shown.some((input) => input.checked)) shown[0].checked = true;
  };
  connect.addEventListener("change", (event) => { if (event.target.name === "version") settle(); });
  settle();
}

// What goes on is shown as it goes, without a jump of the page or of the keyboard's place.
async function follow(old) {
  const address = old.dataset.refresh;
  let next = old;
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("state");
    if (fresh && !fresh.dataset.refresh) return location.replace(address);
    if (fresh && !old.contains(document.activeElement)) old.replaceWith(next = fresh);
  } catch { /* It is asked again. */ }
  setTimeout(() => follow(next), 2000);
}
const state = document.querySelector("[data-refresh]");
if (state) setTimeout(() => follow(state), 2000);

showCopyButtons(document);
