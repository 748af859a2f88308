// Rows made from the page's own templates, filled as text. What a frame says never becomes markup.

/** @import { Mark } from "../frames.js" */

import { at } from "./addresses.js";
import { excerptOf } from "./excerpt.js";

export { streamOf } from "../live/list_query.js";

const FRESH = 2_000;
const TINTS = 12; // as in the server's templates
export const ERASED = "This text was erased.";

/**
 * @param {string} id  of a <template>
 * @param {Record<string, string>} slots  text by data-slot
 * @returns {HTMLElement | null}
 */
export function fromTemplate(id, slots) {
  const template = document.getElementById(id);
  if (!(template instanceof HTMLTemplateElement)) return null;
  const row = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
  for (const slot of row.querySelectorAll("[data-slot]")) {
    const text = slots[/** @type {HTMLElement} */ (slot).dataset.slot ?? ""];
    if (text === undefined) continue;
    if (slot instanceof HTMLTimeElement) slot.dateTime = text;
    else if (slot.classList.contains("avatar")) showAvatar(slot, text, slots.actor_id);
    else slot.textContent = text;
  }
  return row;
}

/**
 * @typedef {import("../live/frame_order.js").LogFrame} LogFrame
 * @typedef {LogFrame & {notification: Mark}} Told  an event that the user is told of
 *
 * @param {LogFrame} frame
 * @param {Record<string, string>} reasons  labels
 */
export function slotsOf(frame, reasons = {}) {
  const text = (frame.type === "task_event" && frame.action === "commented" && frame.details.text) || "";
  const reason = frame.notification?.reason ?? "";
  return {
    sentence: told(frame),
    title: frame.subject,
    actor: frame.actor,
    actor_id: String(frame.actor_id),
    avatar: initials(frame.actor),
    reason: reasons[reason] ?? reason,
    time: frame.created_at,
    excerpt: excerptOf(text),
    text,
  };
}

/** What a frame tells in one sentence: its event, or the whole save that it is the last of. @param {LogFrame} frame */
export function told(frame) {
  return frame.save?.sentence ?? frame.sentence;
}

/** The event's sentence on a page that has named what it is about. @param {LogFrame} frame */
export function sentenceOfIt(frame) {
  return frame.sentence.replace(`${frame.key}’s`, "its").replace(frame.key, "it");
}

/**
 * Its sentence as its reader is told it: 'you', not their own name.
 * @param {LogFrame} frame
 * @param {number} reader
 */
export function sentenceTo(frame, reader) {
  const sentence = frame.save?.sentence ?? frame.sentence;
  const [deed, name] = [sentence.slice(frame.actor.length), frame.names[reader]];
  return name ? sentence.slice(0, frame.actor.length) + deed.replace(name, "you") : sentence;
}

/**
 * A free text; null is one that was erased.
 * @param {Element} element
 * @param {string | null} text
 * @param {string} nothing  in place of no text
 */
export function showText(element, text, nothing = "") {
  element.textContent = text === null ? ERASED : text || nothing;
  element.classList.toggle("second", !text);
}

/**
 * A person's circle. No event tells of pictures: one that the page shows of them already is shown here too.
 * @param {Element} avatar
 * @param {string} letters
 * @param {string} [userId]
 * @param {string} [digest]  of their picture, where it is known
 */
export function showAvatar(avatar, letters, userId = "0", digest = "") {
  const of = at(`people/${userId}/`);
  const shown = /** @type {HTMLImageElement | null} */ (document.querySelector(`.avatar > img[src^="${of}"]`));
  const picture = /** @type {HTMLImageElement | undefined} */ (shown?.cloneNode()) ?? (digest ? new Image() : null);
  if (picture && digest) Object.assign(picture, { src: `${of}${digest}.webp`, alt: "" });
  avatar.replaceChildren(letters, ...(picture ? [picture] : []));
  /** @type {HTMLElement} */ (avatar).dataset.tint = String(Number(userId) % TINTS);
}

/** The first letters of the first and the last word, or the first two of the only one. @param {string} name */
export function initials(name) {
  const [first = "", ...others] = name.split(/\s+/).filter(Boolean);
  const letters = others.length ? [[...first][0], [...(others.at(-1) ?? "")][0]] : [...first].slice(0, 2);
  return letters.join("").toUpperCase();
}

/** @param {Told} frame */
export function notificationPath(frame) {
  return at(`inbox/${frame.notification.id}/`);
}

/** Tint what just changed, for two seconds. @param {Element} element */
export function freshen(element) {
  element.classList.add("is-fresh");
  setTimeout(() => element.classList.remove("is-fresh"), FRESH);
}

/**
 * Lists are capped: the oldest go.
 * @param {Element} list
 * @param {string} selector
 * @param {number} most
 */
export function cap(list, selector, most) {
  for (const row of [...list.querySelectorAll(selector)].slice(most)) row.remove();
}
