// One task with its history, kept current by its organization's events. The history reads oldest first.

/** @import { TaskEventFrame } from "../frames.js" */

import { at } from "../parts/addresses.js";
import { showChange } from "../parts/task_fields.js";
import { freshen, fromTemplate, initials, sentenceOfIt, showText } from "../parts/rows.js";
import { refreshTimes } from "../parts/times.js";

export class TaskPage {
  #task;
  #timeline;
  #words;
  #reload;

  /**
   * @param {HTMLElement} task
   * @param {HTMLElement} timeline
   * @param {{statuses: Record<string, string>}} boot
   * @param {() => void} reload
   */
  constructor(task, timeline, { statuses }, reload) {
    this.#task = task;
    this.#timeline = timeline;
    this.#words = { statuses, noDate: "no date" };
    this.#reload = reload;
  }

  get id() {
    return this.#task.dataset.task;
  }

  /** @param {TaskEventFrame} frame */
  apply(frame) {
    if (frame.task_id !== this.id || this.#timeline.querySelector(`[data-event="${frame.event_id}"]`)) return;
    showChange(this.#task, frame, this.#words);
    this.#append(frame);
    // An archived task has other controls; the server knows which.
    if (frame.action === "archived" || frame.action === "restored") this.#reload();
  }

  /** @param {TaskEventFrame} frame */
  #append(frame) {
    if (this.#timeline.dataset.later) return; // the page shows older entries, and leads to the newest
    const item = fromTemplate(frame.action === "commented" ? "timeline-comment-template" : "timeline-item-template", {
      sentence: sentenceOfIt(frame),
      actor: frame.actor,
      actor_id: String(frame.actor_id),
      avatar: initials(frame.actor),
      time: frame.created_at,
    });
    if (!item) return;
    const text = item.querySelector("[data-slot='text']");
    if (text && frame.action === "commented") showText(text, frame.details.text);
    item.querySelector(".timeline-when")?.setAttribute("href", `?version=${frame.version}`);
    item.querySelector("[data-why]")?.setAttribute("href", at(`inbox/${frame.event_id}/why/`));
    item.id = `event-${frame.event_id}`;
    item.dataset.event = String(frame.event_id);
    item.dataset.position = String(frame.position);
    this.#timeline.append(item);
    refreshTimes(item);
    freshen(item);
  }
}
