// Keys for people who live here. Single letters only, never while typing, never with a modifier, and they
// can be switched off in the dialog that lists them.

import { at } from "./addresses.js";

const OFF = "carillon-keys-off";
const SEQUENCE = 1_000; // g, then i: within a second
const LINKS = "#inbox-rows a[data-slot='link'], #task-rows a[data-field='title']";

/** @type {[string, string][]} */
const KEYS = [
  ["j / k", "next and previous row"],
  ["Enter", "open the row"],
  ["e", "mark the row read or unread"],
  ["/", "search"],
  ["g i", "go to the inbox"],
  ["g t", "go to the tasks"],
  ["?", "these keys"],
];

/** @param {string} tasksPath */
export function keepKeys(tasksPath) {
  let gone = -Infinity; // when g was pressed
  document.addEventListener("keydown", (event) => {
    if (isTaken(event) || (isOff() && event.key !== "?")) return;
    const afterG = performance.now() - gone < SEQUENCE;
    gone = event.key === "g" ? performance.now() : -Infinity;
    const act = afterG ? { i: () => location.assign(at("inbox/")), t: () => location.assign(tasksPath) } : ACTS;
    const found = /** @type {Record<string, () => void>} */ (act)[event.key];
    if (!found) return;
    event.preventDefault();
    found();
  });
}

/** @type {Record<string, () => void>} */
const ACTS = {
  j: () => step(1),
  k: () => step(-1),
  e: toggleRead,
  "/": () => /** @type {HTMLElement | null} */ (document.querySelector("input[type='search']"))?.focus(),
  "?": showKeys,
};

/** @param {KeyboardEvent} event */
function isTaken(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const typing = target.isContentEditable || target.matches("input:not([type='checkbox']), textarea, select");
  const modified = event.ctrlKey || event.metaKey || event.altKey || event.isComposing;
  return typing || modified || event.defaultPrevented || document.querySelector("dialog[open]") !== null;
}

function isOff() {
  try {
    return localStorage.getItem(OFF) === "1";
  } catch {
    return false; // a browser that keeps nothing
  }
}

/** The row that has the focus is the current one, so Enter and Tab go on from there. @param {1 | -1} by */
function step(by) {
  const links = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(LINKS)]);
  const current = links.findIndex((link) => rowOf(link)?.contains(document.activeElement));
  const next = links[current < 0 ? 0 : Math.min(links.length - 1, Math.max(0, current + by))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

/** @param {Element | null} element */
function rowOf(element) {
  return element?.closest("[data-event], tr[data-task]") ?? null;
}

function toggleRead() {
  const row = document.activeElement?.closest("#inbox-rows [data-event]");
  const act = row?.classList.contains("is-unread") ? "read" : "unread";
  /** @type {HTMLElement | null | undefined} */ (row?.querySelector(`[data-act="${act}"]`))?.click();
}

function showKeys() {
  const dialog = /** @type {HTMLDialogElement} */ (
    document.getElementById("keys") ?? document.body.appendChild(made())
  );
  dialog.showModal();
}

function made() {
  const dialog = element("dialog", { id: "keys", className: "keys panel" });
  dialog.setAttribute("aria-labelledby", "keys-title");
  const list = element("dl", { className: "keys-list" });
  for (const [key, meaning] of KEYS) {
    const term = element("dt", {});
    term.append(...key.split(" ").map((text) => element("kbd", { textContent: text })));
    list.append(term, element("dd", { textContent: meaning }));
  }
  const form = element("form", { method: "dialog" });
  form.append(element("button", { className: "button", textContent: "Close" }));
  dialog.append(element("h2", { id: "keys-title", textContent: "Keys" }), list, offSwitch(), form);
  return dialog;
}

function offSwitch() {
  const label = element("label", { className: "keys-switch" });
  const box = /** @type {HTMLInputElement} */ (element("input", { type: "checkbox", checked: !isOff() }));
  box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "0" : "1"));
  label.append(box, " Use these keys");
  return label;
}

/**
 * @param {string} tag
 * @param {Record<string, unknown>} properties
 * @returns {HTMLElement}
 */
function element(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}
