// The frames of one address as they come off the wire: counts the replay, keeps the cursor to resume from,
// and turns each frame into a message that any tab of the browser can judge for itself. Knows no socket.

/** @import { EventFrame, MembershipFrame, OrgSocketFrame, OrgWelcome, OrganizationFrame, TaskEventFrame, TwinAnswer, UnreadFrame, UserSocketFrame, UserTwin, UserWelcome } from "../frames.js" */

import { NOWHERE, format, judge, newest, parse, position, without } from "./cursor.js";

/**
 * @typedef {OrgSocketFrame | UserSocketFrame} SocketFrame
 * @typedef {EventFrame | TaskEventFrame} LogFrame  an event of the log
 * @typedef {OrgWelcome | UserWelcome | (UserTwin & {type: "welcome"})} Welcome  a twin's answer is a welcome too
 * @typedef {Welcome | UnreadFrame | MembershipFrame | OrganizationFrame} Notice
 *
 * What tabs tell each other. `before` is the place that was held just before, so that a tab which stands
 * further back sees that it missed something.
 * @typedef {{kind: "frame", frame: LogFrame, before: number | undefined}
 *   | {kind: "advance", cursor: string, before: string}
 *   | {kind: "reset", cursor: string}
 *   | {kind: "notice", frame: Notice}} Message
 */

export class FrameOrder {
  /** Everything up to here was handed on. @type {import("./cursor.js").Cursor} */
  cursor;
  /** Replayed frames still to come. */
  left = 0;
  #dense;
  #tell;
  #head = NOWHERE;

  /**
   * @param {import("./cursor.js").Cursor} cursor
   * @param {boolean} dense  an organization's log: every position comes, so a missing one is a hole
   * @param {(message: Message) => void} tell
   */
  constructor(cursor, dense, tell) {
    this.cursor = cursor;
    this.#dense = dense;
    this.#tell = tell;
  }

  /**
   * @param {SocketFrame | Welcome} frame
   * @returns {boolean} false for a hole: resume from the cursor
   */
  take(frame) {
    switch (frame.type) {
      case "task_event":
      case "event":
        // Messages of the server's own code may have any shape; an event of the log has a position.
        return !Number.isInteger(frame.position) || this.#event(frame);
      case "welcome":
        this.#welcome(frame);
        return true;
      case "unread":
      case "membership":
      case "organization":
        this.#notice(frame);
    }
    return true;
  }

  /**
   * An answer of the HTTP twin is a welcome and its replay.
   * @param {TwinAnswer} body
   */
  absorb(body) {
    const whole = this.take({
      ...body,
      type: "welcome",
      replay: { ...body.replay, count: body.items.length },
    });
    return body.items.every((item) => this.take({ ...item, replayed: true })) && whole;
  }

  /** @param {Welcome} frame */
  #welcome(frame) {
    const head = parse(frame.cursor);
    if (frame.replay.mode !== "resume" && (this.cursor.size || head.size)) {
      // Not a continuation: the page reads its lists again, which brings whatever is replayed now.
      this.cursor = head;
      this.#tell({ kind: "reset", cursor: frame.cursor });
    }
    this.#head = head;
    this.left = frame.replay.count;
    this.#tell({ kind: "notice", frame });
    if (!this.left) this.#caughtUp();
  }

  /** @param {LogFrame} frame */
  #event(frame) {
    const mine = position(this.cursor, frame.org_id);
    const before = this.#dense ? frame.position - 1 : mine;
    const verdict = judge(mine, frame.position, before);
    if (verdict === "hole") return false;
    if (verdict === "apply") {
      const stands = parse(frame.cursor);
      this.cursor = newest(this.cursor, stands);
      // Where this connection stands elsewhere is not where another tab does.
      const { text } = stands.get(String(frame.org_id)) ?? { text: frame.cursor };
      this.#tell({ kind: "frame", frame: { ...frame, cursor: text }, before });
    }
    if (this.left && frame.replayed) {
      this.left -= 1;
      if (!this.left) this.#caughtUp();
    }
    return true;
  }

  /** After the replay this user stands at the head: what lies between was not addressed to them. */
  #caughtUp() {
    if (this.#dense) return;
    const before = format(this.cursor);
    this.cursor = newest(this.cursor, this.#head);
    if (format(this.cursor) !== before) this.#tell({ kind: "advance", cursor: format(this.cursor), before });
  }

  /** @param {UnreadFrame | MembershipFrame | OrganizationFrame} frame */
  #notice(frame) {
    if (frame.type === "membership" && frame.change === "left")
      this.cursor = without(this.cursor, frame.org_id);
    this.#tell({ kind: "notice", frame });
  }
}
