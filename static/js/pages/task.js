// One task with its history, kept current by its organization's events. The history reads oldest first.

/** @import { TaskEventFrame } from "../frames.js" */

import { renewComment } from "../parts/comments.js";
import { showChange } from "../parts/task_fields.js";
import { freshen, fromTemplate, initials, showText } from "../parts/rows.js";
import { refreshTimes } from "../parts/times.js";

export class TaskPage {
  #task;
  #timeline;
  #words;
  #again;

  /**
   * @param {HTMLElement} task
   * @param {HTMLElement} timeline
   * @param {{statuses: Record<string, string>}} boot
   * @param {{reload: () => void, renew: () => void}} again  load the page anew, or its texts alone
   */
  constructor(task, timeline, { statuses }, again) {
    this.#task = task;
    this.#timeline = timeline;
    this.#words = { statuses, noDate: "no date" };
    this.#again = again;
  }

  get id() {
    return this.#task.dataset.task;
  }

  /** @param {TaskEventFrame} frame */
  apply(frame) {
    if (frame.task_id !== this.id || this.#timeline.querySelector(`[data-event="${frame.event_id}"]`)) return;
    showChange(this.#task, frame, this.#words);
    if (isOnComment(frame)) return renewComment(frame.details.comment);
    this.#append(frame);
    if (frame.action === "commented") renewComment(frame.version);
    if (frame.action === "described") this.#again.renew(); // the server alone renders what people write
    // An archived task has other controls; the server knows which.
    if (frame.action === "archived" || frame.action === "restored") this.#again.reload();
  }

  /** @param {TaskEventFrame} frame */
  #append(frame) {
    if (this.#timeline.dataset.later) return; // the page shows older entries, and leads to the newest
    const item = fromTemplate(frame.action === "commented" ? "timeline-comment-template" : "timeline-item-template", {
      sentence: frame.sentence.replace(frame.key, "it"),
      actor: frame.actor,
      actor_id: String(frame.actor_id),
      avatar: initials(frame.actor),
      time: frame.created_at,
    });
    if (!item) return;
    const text = item.querySelector("[data-slot='text']");
    if (text && frame.action === "commented") showText(text, frame.details.text);
    item.querySelector(".timeline-when")?.setAttribute("href", `?version=${frame.version}`);
    item.id = `event-${frame.event_id}`;
    item.dataset.event = String(frame.event_id);
    item.dataset.position = String(frame.position);
    if (frame.action === "commented") item.dataset.comment = String(frame.version);
    this.#timeline.append(item);
    refreshTimes(item);
    freshen(item);
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
