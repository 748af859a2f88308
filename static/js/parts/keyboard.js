// Keys for people who live here. Each page offers its own (`offer`), and the dialog lists what was offered. Never
// while typing, never with Ctrl, Alt or Meta, and they can be switched off. The document's only listener for keys.

/**
 * @typedef {Object} Key
 * @property {string[]} keys  any of these does it: "j", "shift+i", "g i" (one after the other), "Escape"
 * @property {string} words  what it does, for the list: "next row"
 * @property {() => void} act
 * @property {() => boolean} [when]  whether it does anything at this moment; without it, always
 * @property {boolean} [everywhere]  offered by the frame of every page, not by the page
 */

const OFF = "carillon-keys-off";
const SEQUENCE = 1_500; // milliseconds from g to i
const HELD = ["j", "k"]; // steps go on while the key is held; an act is done once

/** @type {Key[]} */
const offered = [];
let begun = { key: "", at: -Infinity };

/** Pages offer before the frame does, and who offered a key first has it. @param {Key[]} keys */
export function offer(keys) {
  offered.push(...keys);
}

export function offers() {
  return [...offered];
}

export function areOff() {
  try {
    return localStorage.getItem(OFF) === "1";
  } catch {
    return false; // a browser that keeps nothing
  }
}

/** @param {boolean} off */
export function switchOff(off) {
  localStorage.setItem(OFF, off ? "1" : "0");
}

/** Listen, from now on. */
export function keepKeys() {
  document.addEventListener("keydown", (event) => {
    const found = isTaken(event) ? undefined : meant(event);
    if (!found) return;
    event.preventDefault();
    found.act();
  });
}

/** @param {KeyboardEvent} event */
function meant(event) {
  const key = named(event);
  const sequence = event.timeStamp - begun.at < SEQUENCE ? `${begun.key} ${key}` : key;
  begun = { key, at: event.timeStamp };
  const found = holding(sequence) ?? holding(key);
  if (found) begun.at = -Infinity;
  return event.repeat && !HELD.includes(key) ? undefined : found;
}

/** @param {string} key */
function holding(key) {
  return offered.find((one) => one.keys.includes(key) && (one.when?.() ?? true));
}

/** "j", "shift+j", "?", "Escape": a letter by its place where the layout is not Latin. @param {KeyboardEvent} event */
function named({ key, code, shiftKey }) {
  const letter = /^[^\x00-\x7f]$/.test(key) && code.startsWith("Key") ? code.slice(3) : key;
  const isSign = letter.length === 1 && !/[a-z]/i.test(letter);
  const name = letter.length === 1 ? letter.toLowerCase() : letter;
  return shiftKey && !isSign ? `shift+${name}` : name;
}

/** Escape is no letter: it works while typing, and where keys are switched off. @param {KeyboardEvent} event */
function isTaken(event) {
  const modified = event.ctrlKey || event.metaKey || event.altKey || event.isComposing;
  if (modified || event.defaultPrevented || document.querySelector("dialog[open]")) return true;
  if (event.key === "Escape") return false;
  return areOff() || isTyping(event) || isPressing(event);
}

/** @param {KeyboardEvent} event */
function isTyping({ target }) {
  if (!(target instanceof HTMLElement)) return false;
  const plain = ["checkbox", "radio", "button", "submit", "range"].map((type) => `[type='${type}']`).join();
  return target.isContentEditable || target.matches(`input:not(${plain}), textarea, select`);
}

/** Enter and Space belong to the link or button that has the focus. @param {KeyboardEvent} event */
function isPressing({ key, target }) {
  const isPress = key === "Enter" || key === " ";
  return isPress && target instanceof Element && target.matches("a[href], button, summary, input, [role='button']");
}
