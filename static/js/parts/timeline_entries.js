// The entries of a timeline: made of a frame, or the server's own, each in the place of its version.

/** @import { TaskEventFrame } from "../frames.js" */

import { freshen, fromTemplate, initials, showText } from "./rows.js";

/** An event in the words of its frame. @param {TaskEventFrame} frame */
export function plain(frame) {
  const entry = fromTemplate(
    frame.action === "commented" ? "timeline-comment-template" : "timeline-item-template",
    {
      did: (frame.save?.sentence ?? frame.sentence).replace(frame.actor, "").replace(frame.key, "it"),
      actor: frame.actor,
      actor_id: String(frame.actor_id),
      avatar: initials(frame.actor),
      time: frame.created_at,
    },
  );
  if (!entry) return null;
  const text = entry.querySelector("[data-slot='text']");
  if (text && frame.action === "commented") showText(text, frame.details.text);
  entry.querySelector(".timeline-when")?.setAttribute("href", `?version=${frame.version}`);
  entry.id = `event-${frame.event_id}`;
  const { event_id: event, position, version } = frame;
  Object.assign(entry.dataset, { event, position, version, plain: "" });
  if (frame.notification?.unread) entry.dataset.unread = String(event);
  return entry;
}

/**
 * Put the server's entries in their places, but for those that somebody uses.
 * @param {HTMLElement} list
 * @param {HTMLElement[]} fresh
 * @returns {HTMLElement[]} those that are there now
 */
export function putEntries(list, fresh) {
  return fresh.filter((entry) => {
    const old = /** @type {HTMLElement | null} */ (list.querySelector(`[data-event="${entry.dataset.event}"]`));
    if (old?.contains(document.activeElement) || old?.querySelector("form.comment-edit")) return false;
    if (old?.classList.contains("is-fresh")) freshen(entry);
    if (old && !old.dataset.unread) delete entry.dataset.unread;
    old?.remove();
    insert(list, entry);
    return true;
  });
}

/** @param {HTMLElement} list  @param {HTMLElement} entry */
export function insert(list, entry) {
  const entries = /** @type {HTMLElement[]} */ ([...list.querySelectorAll(".timeline-item")]);
  list.insertBefore(entry, entries.find((other) => versionOf(other) > versionOf(entry)) ?? null);
}

/** @param {HTMLElement} entry */
export function versionOf(entry) {
  return Number(entry.dataset.version);
}
