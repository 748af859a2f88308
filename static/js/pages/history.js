// An organization's log: how much is new since its newest page was read. The rows themselves come from the server.

import { Pill, toFirstPage } from "../parts/new_pill.js";

export class History {
  #rows;
  #pill;
  /** Event ids: of each new save the newest that came. @type {Set<number>} */
  #new = new Set();

  /** @param {HTMLElement} rows */
  constructor(rows) {
    this.#rows = rows;
    this.#pill = new Pill(rows, toFirstPage);
  }

  /** @param {import("../live/frame_order.js").LogFrame} frame */
  apply(frame) {
    if (this.#rows.dataset.newest !== "1") return;
    const parts = frame.save?.events ?? [];
    if (!this.#matches(frame) && !parts.some((id) => this.#new.has(id))) return;
    for (const id of parts) this.#new.delete(id); // a save is one line, whichever of its events match
    this.#new.add(frame.event_id);
    this.#pill.set(this.#new.size);
  }

  /** The page was read again. */
  renewed() {
    this.#new.clear();
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
    const late = until && new Date(frame.created_at).toLocaleDateString("sv") > until;
    return !late && given.every(([wanted, is]) => !wanted || wanted === is);
  }
}
