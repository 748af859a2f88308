// One task with its history, kept current by its organization's events; and where its reader came from.

/** @import { TaskEventFrame } from "../frames.js" */

import { renewComment } from "../parts/comments.js";
import { offer } from "../parts/keyboard.js";
import { told } from "../parts/rows.js";
import { showRead } from "../parts/reading.js";
import { showChange } from "../parts/task_fields.js";
import { Timeline } from "../parts/timeline.js";

/**
 * @typedef {Object} Around  what the page is part of
 * @property {import("../parts/reading.js").Reading} reading
 * @property {() => void} renew  read the page's lists again
 * @property {() => void} reload
 * @property {number} userId
 */

export class TaskPage {
  #task;
  #timeline;
  #words;
  #around;

  /**
   * @param {HTMLElement} task
   * @param {HTMLElement} list
   * @param {{statuses: Record<string, string>}} boot
   * @param {Around} around
   */
  constructor(task, list, { statuses }, around) {
    this.#task = task;
    this.#words = { statuses, noDate: "no date" };
    this.#around = around;
    this.#timeline = new Timeline(list, task.dataset.entries ?? "", around.reading, around.renew);
    focusOpened(list);
    offerTheWayBack(task);
  }

  get id() {
    return this.#task.dataset.task;
  }

  renewed() {
    this.#timeline.renewed();
  }

  /** Read in another tab, or on another device. @param {number[]} eventIds */
  read(eventIds) {
    showRead(eventIds);
  }

  /** @param {TaskEventFrame} frame */
  apply(frame) {
    if (frame.task_id !== this.id || this.#timeline.has(frame)) return;
    const isOwn = frame.actor_id === this.#around.userId;
    showChange(this.#task, frame, this.#words);
    this.#copy();
    if (isOnComment(frame))
      return renewComment(frame.details.comment, (comment) => this.#timeline.watch(comment));
    if (frame.action === "described") this.#around.renew(); // the server alone renders what people write
    this.#timeline.append(frame, isOwn);
    if (!isOwn) this.#say(told(frame));
    // An archived task has other controls; the server knows which.
    if (frame.action === "archived" || frame.action === "restored") this.#around.reload();
  }

  /** The folded details say what the details say. */
  #copy() {
    for (const copy of /** @type {NodeListOf<HTMLElement>} */ (this.#task.querySelectorAll("[data-copy]"))) {
      const field = this.#task.querySelector(`[data-field="${copy.dataset.copy}"]`);
      if (field) copy.textContent = field.textContent?.trim() ?? "";
    }
  }

  /** For who cannot see it. @param {string} sentence */
  #say(sentence) {
    const place = this.#task.querySelector("[data-news]");
    if (place) place.textContent = sentence;
  }
}

/** Who reads by ear begins at the update that they came for. @param {HTMLElement} list */
function focusOpened(list) {
  const opened = /** @type {HTMLElement | null} */ (list.querySelector(".is-opened"));
  const [visit] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
  if (!opened || (visit && visit.type !== "navigate")) return; // coming back, the browser knows the place
  opened.focus({ preventScroll: true });
  opened.scrollIntoView({ block: opened.offsetHeight < innerHeight / 2 ? "center" : "start" });
}

/** @param {HTMLElement} task */
function offerTheWayBack(task) {
  for (const [key, way, words] of [
    ["[", "previous", "previous notification"],
    ["]", "next", "next notification"],
    ["u", "inbox", "back to the inbox"],
  ]) {
    const link = () => /** @type {HTMLAnchorElement | null} */ (task.querySelector(`[data-way="${way}"]`));
    if (link()) offer([{ keys: [key], words, act: () => link()?.click(), when: () => link() !== null }]);
  }
}

/**
 * Is it shown on the comment that it happened to?
 * @param {TaskEventFrame} frame
 * @returns {frame is Extract<TaskEventFrame, {details: {comment: number}}>}
 */
function isOnComment(frame) {
  return ["comment_edited", "comment_deleted", "reacted", "unreacted"].includes(frame.action);
}
