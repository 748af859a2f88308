// One address as a page sees it: frames once and in order, notices, and a state, whichever tab has the
// socket.

/** @import { UnreadFrame } from "../frames.js" */

import { completed, format, parse } from "./cursor.js";
import { Connection } from "./connection.js";
import { Feed } from "./feed.js";
import { Sharing } from "./tab_sharing.js";
import { readTwin } from "./http_twin.js";

/**
 * @typedef {import("./connection.js").State} State
 * @typedef {import("./frame_order.js").Welcome | UnreadFrame} Counted  a frame with unread counts
 * @typedef {Counted extends infer Frame ? Frame extends Counted ? Omit<Frame, "type"> & {type: "counts"} : never
 *   : never} Counts  as another tab has them
 * @typedef {import("./connection.js").Told
 *   | {kind: "here", cursor: string, state: State, counts: Counts | null}
 *   | {kind: "hello" | "beat" | "nudge"}} Said  from tab to tab
 *
 * @typedef {Object} Listener
 * @property {(frame: import("./frame_order.js").LogFrame) => void} frame  an event, exactly once and in order
 * @property {(frame: import("./frame_order.js").Notice | Counts) => void} notice
 * @property {(state: import("./connection.js").State) => void} state
 * @property {() => void} reset  read the page's lists again, between hold() and release()
 */

export class Stream {
  #address;
  #listener;
  #feed;
  #sharing;
  /** @type {Connection | null} */
  #connection = null;
  /** @type {Counted | null} */
  #counts = null; // the newest frame with unread counts, for tabs that come later

  /**
   * @param {import("./connection.js").Address} address
   * @param {{user: number, cursor: string}} start
   * @param {Listener} listener
   */
  constructor(address, start, listener) {
    this.#address = address;
    this.#listener = listener;
    this.#feed = new Feed(start.cursor, {
      read: (after) => readTwin(address.twin, after),
      apply: listener.frame,
      notice: listener.notice,
      reset: listener.reset,
      refused: (verdict) => this.#refused(verdict),
    });
    this.#sharing = new Sharing(`carillon:${start.user}:${address.socket}`, {
      lead: () => this.#lead(),
      follow: () => this.#follow(),
      doubt: () => listener.state({ name: "connecting", left: 0, since: Date.now() }),
      hear: (message) => this.#hear(message),
    });
  }

  join() {
    this.#sharing.join();
  }

  leave() {
    this.#sharing.leave();
    this.#feed.forget();
  }

  /** Somebody looks at this tab, or the network is back. */
  hurry() {
    if (this.#connection) this.#connection.hurry();
    else this.#sharing.say({ kind: "nudge" });
    this.#sharing.hail();
  }

  pause() {
    this.#connection?.pause();
  }

  hold() {
    this.#feed.hold();
  }

  /** @param {string | null} cursor */
  release(cursor) {
    // An organization joined since the socket opened is resumed too, from where the page stands.
    if (cursor && this.#connection)
      this.#connection.cursor = completed(this.#connection.cursor, parse(cursor));
    this.#feed.release(cursor);
  }

  #lead() {
    this.#connection = new Connection(this.#address, this.#feed.cursor, (message) => this.#tell(message));
    this.#connection.open();
    this.#sharing.say(this.#here());
    this.#listener.state(this.#connection.state);
  }

  #follow() {
    this.#connection?.close();
    this.#connection = null;
  }

  /** @returns {Said} */
  #state() {
    return { kind: "state", state: /** @type {Connection} */ (this.#connection).state };
  }

  /** @returns {Said} */
  #here() {
    const { cursor, state } = /** @type {Connection} */ (this.#connection);
    const counts = state.name === "live" && this.#counts ? { ...this.#counts, type: /** @type {const} */ ("counts") } : null;
    return { kind: "here", cursor: format(cursor), state, counts };
  }

  /** @param {import("./connection.js").Told} message */
  #tell(message) {
    this.#sharing.say(message);
    this.#hear(message);
  }

  /** @param {Said} message */
  #hear(message) {
    switch (message.kind) {
      case "hello":
        return void (this.#connection && this.#sharing.say(this.#here()));
      case "beat":
        return void (this.#connection && this.#sharing.say(this.#state()));
      case "nudge":
        return void this.#connection?.hurry();
      case "state":
        return this.#listener.state(message.state);
      case "notice":
        return this.#notice(message.frame);
      case "here":
        if (this.#connection) return;
        if (message.counts) this.#notice(message.counts);
        this.#listener.state(message.state);
    }
    this.#feed.take(message);
  }

  /** @param {import("./frame_order.js").Notice | Counts} frame */
  #notice(frame) {
    if (frame.type === "membership" && frame.change === "left") this.#feed.leave(frame.org_id);
    if (frame.type === "welcome" || frame.type === "unread") this.#counts = frame;
    this.#listener.notice(frame);
  }

  /** @param {"signed-out" | "gone"} verdict */
  #refused(verdict) {
    this.#listener.state({ name: verdict === "gone" ? "stopped" : verdict, left: 0, since: Date.now() });
  }
}
