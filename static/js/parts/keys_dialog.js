// The dialog that lists what the keys do on this page and everywhere, and where they are switched off.

import { areOff, offers, switchOff } from "./keyboard.js";

/** @typedef {import("./keyboard.js").Key} Key */

export function showKeys() {
  document.getElementById("keys")?.remove(); // pages may have offered more since
  const dialog = element("dialog", { id: "keys", className: "keys panel" });
  dialog.setAttribute("aria-labelledby", "keys-title");
  const all = offers();
  const here = all.filter((key) => !key.everywhere);
  dialog.append(element("h2", { id: "keys-title", textContent: "Keys", tabIndex: -1, autofocus: true }));
  if (here.length) dialog.append(...group("On this page", here));
  dialog.append(...group("Everywhere", all.filter((key) => key.everywhere)), offSwitch(), close());
  document.body.append(dialog);
  /** @type {HTMLDialogElement} */ (dialog).showModal();
}

/**
 * @param {string} title
 * @param {Key[]} keys
 */
function group(title, keys) {
  const list = element("dl", { className: "keys-list" });
  for (const { keys: any, words } of keys) {
    const term = element("dt", {});
    any.forEach((key, i) => term.append(...(i ? [" or "] : []), ...caps(key)));
    list.append(term, element("dd", { textContent: words }));
  }
  return [element("h3", { className: "section-title", textContent: title }), list];
}

/** "g i" is two keys, one after the other; "shift+i" two at once. @param {string} key */
function caps(key) {
  const names = { shift: "Shift", Escape: "Esc", ArrowRight: "→", ArrowLeft: "←" };
  return key
    .split(/[ +](?=.)/)
    .map((name) => element("kbd", { textContent: /** @type {Record<string, string>} */ (names)[name] ?? name }));
}

function offSwitch() {
  const label = element("label", { className: "keys-switch" });
  const box = /** @type {HTMLInputElement} */ (element("input", { type: "checkbox", checked: !areOff() }));
  box.addEventListener("change", () => switchOff(!box.checked));
  label.append(box, " Use these keys");
  return label;
}

function close() {
  const form = element("form", { method: "dialog" });
  form.append(element("button", { className: "button", textContent: "Close" }));
  return form;
}

/**
 * @param {string} tag
 * @param {Record<string, unknown>} properties
 * @returns {HTMLElement}
 */
function element(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}
