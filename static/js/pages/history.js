// An organization's log: how much is new since its newest page was read. The rows themselves come from the server.

import { Pill, toFirstPage } from "../parts/new_pill.js";

export class History {
  #rows;
  #pill;

  /** @param {HTMLElement} rows */
  constructor(rows) {
    this.#rows = rows;
    this.#pill = new Pill(rows, toFirstPage);
  }

  /** @param {import("../live/frame_order.js").LogFrame} frame */
  apply(frame) {
    if (this.#rows.dataset.newest === "1" && this.#matches(frame)) this.#pill.set(this.#pill.count + 1);
  }

  /** The page was read again. */
  renewed() {
    this.#pill.set(0);
  }

  /** @param {import("../live/frame_order.js").LogFrame} frame */
  #matches(frame) {
    const { actor, task, action, until } = this.#rows.dataset;
    const given = [
      [actor, String(frame.actor_id)],
      [task, frame.type === "task_event" ? frame.task_id : frame.stream_id],
      [action, frame.action],
    ];
    const late = until && new Date(frame.created_at).toISOString().slice(0, 10) > until;
    return !late && given.every(([wanted, is]) => !wanted || wanted === is);
  }
}
