// What just happened and concerns the reader, in one toast at a time: a burst is one sentence with its numbers. Never
// over an open menu or dialog, never the same twice in a minute, nothing of what was missed: the bell has it all.

import { at } from "./addresses.js";
import { isSomethingOpen } from "./menus.js";
import { fromTemplate, notificationPath, sentenceTo, slotsOf, streamOf } from "./rows.js";

const STAY = 8_000; // milliseconds
const GATHER = 700; // a burst has so long to show that it is one,
const GATHER_ON = 3_000; // and so long between the sentences that tell how it grows
const AGAIN = 60_000;

/** @typedef {import("./rows.js").Told} Told */
/** @typedef {{sentence: string, title?: string, href?: string}} News */

/** What the toast that is shown speaks of, and what comes with the next. @type {Told[]} */
let shown = [];
/** @type {Told[]} */
let gathered = [];
/** @type {HTMLElement | null} */
let element = null;
let timer = 0;
let reader = 0;
/** @type {Map<string, number>} sentence -> when it was said */
const said = new Map();

/**
 * Something happened that concerns the reader.
 * @param {Told} frame
 * @param {number} user  the reader's id
 */
export function toast(frame, user) {
  reader = user;
  if (isSomethingOpen()) return;
  gathered.push(frame);
  if (!timer) timer = setTimeout(say, element ? GATHER_ON : GATHER);
}

/** The reader was away: one line for all of it. @param {number} count */
export function missed(count) {
  if (!isSomethingOpen()) add({ sentence: `${count} missed, all in your inbox`, href: at("inbox/") });
}

/** Something did not work. Says what, and what to do. @param {string} sentence */
export function complain(sentence) {
  const complaint = add({ sentence });
  if (complaint) complaint.dataset.level = "error";
}

/** Show what one looks like. */
export function tryToast() {
  add({ sentence: "This is how a note looks", title: "It goes by itself after a few seconds." });
}

/** What a menu opens over is out of its way. */
export function keepToasts() {
  document.addEventListener("toggle", makeWay, { capture: true });
}

function makeWay() {
  if (!isSomethingOpen()) return;
  gathered = [];
  if (element) drop(element);
}

function say() {
  timer = 0;
  if (!gathered.length) return;
  shown = [...(element ? shown : []), ...gathered];
  gathered = [];
  const news = inOne(shown);
  if (!isFresh(news.sentence)) return;
  const old = element;
  element = add(news);
  old?.remove();
}

/** @param {string} sentence @param {number} now */
export function isFresh(sentence, now = performance.now()) {
  const isNew = now - (said.get(sentence) ?? -Infinity) > AGAIN;
  said.set(sentence, now);
  return isNew;
}

/**
 * One sentence for all: "Bob Meyer and 2 others, 14 changes in 3 tasks".
 * @param {Told[]} frames  at least one
 * @returns {News}
 */
export function inOne(frames) {
  const newest = frames[frames.length - 1];
  const { title, actor } = slotsOf(newest);
  if (frames.length === 1) return { sentence: sentenceTo(newest, reader), title, href: notificationPath(newest) };
  const others = new Set(frames.map((frame) => frame.actor_id)).size - 1;
  const places = new Set(frames.map(streamOf)).size;
  const areTasks = frames.every((frame) => frame.type === "task_event");
  const who = others ? `${actor} and ${others} ${others === 1 ? "other" : "others"}` : actor;
  const many = `${who}, ${frames.length} changes`;
  if (places === 1) return { sentence: `${many} in ${newest.key}`, title, href: notificationPath(newest) };
  return { sentence: areTasks ? `${many} in ${places} tasks` : many, href: at("inbox/") };
}

/** @param {News} news */
function add({ sentence, title = "", href }) {
  const toast = fromTemplate("toast-template", { sentence, title });
  if (!toast) return null;
  if (href) toast.querySelector("[data-slot='link']")?.setAttribute("href", href);
  toast.querySelector("[data-act='close']")?.addEventListener("click", () => drop(toast));
  stay(toast);
  document.getElementById("toasts")?.append(toast);
  return toast;
}

/** It goes by itself, but not while somebody points at it or reads it by keyboard. @param {HTMLElement} toast */
function stay(toast) {
  const leave = () => setTimeout(() => drop(toast), STAY);
  let leaving = leave();
  const hold = () => clearTimeout(leaving);
  const go = () => {
    hold();
    leaving = leave();
  };
  for (const kind of ["pointerenter", "focusin"]) toast.addEventListener(kind, hold);
  for (const kind of ["pointerleave", "focusout"]) toast.addEventListener(kind, go);
}

/** @param {HTMLElement} toast */
function drop(toast) {
  toast.remove();
  if (toast === element) element = null;
}
