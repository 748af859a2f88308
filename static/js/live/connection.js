// Keeps one address connected: comes back after every loss from the cursor it holds, asks the HTTP twin why a
// handshake failed, and reads the twin on a timer where sockets are blocked. Knows no page and no other tab.

import { STABLE, backoff, longBackoff } from "./backoff.js";
import { afterClose } from "./close_codes.js";
import { format } from "./cursor.js";
import { FrameOrder } from "./frame_order.js";
import { Socket } from "./socket.js";
import { readTwin } from "./http_twin.js";

const BLOCKED = 3; // handshakes refused in a row while the twin answers
const POLL = 15_000;
const POLLS_PER_TRY = 20; // every five minutes the socket gets another chance
const JITTER = 1_000;

/**
 * @typedef {{name: "connecting" | "catching" | "live" | "polling" | "offline" | "stopped" | "signed-out",
 *   left: number, since: number}} State  frames still to come; wall clock of the loss
 * @typedef {{socket: string, twin: string, dense: boolean}} Address  paths of the socket and its HTTP twin
 * @typedef {import("./frame_order.js").Message | {kind: "state", state: State}} Told
 */

export class Connection {
  /** @type {State} */
  state = { name: "connecting", left: 0, since: 0 };
  #address;
  #order;
  #tell;
  #random;
  /** @type {Socket | null} */
  #socket = null;
  #timer = 0;
  #patient = false; // a wait that nobody may cut short
  #failures = 0;
  #blocked = 0;
  #polls = 0;
  #since = 0;
  #attempt = 0; // so that an answer which comes too late is not taken for today's

  /**
   * @param {Address} address
   * @param {import("./cursor.js").Cursor} cursor
   * @param {(message: Told) => void} tell
   * @param {() => number} random
   */
  constructor(address, cursor, tell, random = Math.random) {
    this.#address = address;
    this.#tell = tell;
    this.#random = random;
    this.#order = new FrameOrder(cursor, address.dense, tell);
  }

  get cursor() {
    return this.#order.cursor;
  }

  set cursor(cursor) {
    this.#order.cursor = cursor;
  }

  open() {
    this.close();
    this.#socket = new Socket(
      this.#address.socket,
      format(this.cursor),
      (frame) => this.#hear(frame),
      (code, held) => this.#lost(code, held),
    );
  }

  /** Without a word: this tab leaves, or another one takes over. */
  close() {
    this.#attempt += 1;
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#socket?.close();
    this.#socket = null;
  }

  /** Somebody looks, or the network is back: try now, or ask whether the socket still lives. */
  hurry() {
    if (this.#socket) this.#socket.probe();
    else if (this.#timer && !this.#patient) this.#wake();
  }

  /** The browser says that the network is gone. It also says when it is back; should it forget, a timer. */
  pause() {
    if (!this.#socket && !this.#timer) return;
    this.close();
    this.#wait(longBackoff(this.#random), "offline");
  }

  /** @param {import("./frame_order.js").SocketFrame} frame */
  #hear(frame) {
    if (frame.type === "welcome") this.#blocked = this.#polls = this.#since = 0;
    if (this.#order.take(frame)) this.#report(this.#order.left ? "catching" : "live");
    else this.#again();
  }

  /**
   * @param {number} code
   * @param {number} held
   */
  #lost(code, held) {
    this.close();
    if (held >= STABLE) this.#failures = 0;
    const answer = held < 0 && code === 1006 ? "refused" : afterClose(code);
    if (answer === "refused" || answer === "ask") this.#askWhy(answer === "refused");
    else if (answer === "stop") this.#report("stopped");
    else if (answer === "later") this.#wait(longBackoff(this.#random), "offline", true);
    else if (answer === "soon" && !this.#failures++) this.#wait(this.#random() * JITTER, "connecting");
    else this.#again();
  }

  /**
   * A browser is not told why a handshake failed; the HTTP twin says it, and brings what is new besides.
   * @param {boolean} refused
   */
  async #askWhy(refused) {
    const attempt = this.#attempt;
    const verdict = await this.#readAll(attempt);
    if (attempt !== this.#attempt) return;
    if (verdict === "signed-out") return this.#report("signed-out");
    if (verdict === "gone") return this.#report("stopped");
    if (verdict === "ok" && refused) this.#blocked += 1;
    if (this.#blocked >= BLOCKED) this.#pollLater(verdict === "ok");
    else this.#again();
  }

  /**
   * Answers are bounded: the rest of a long one comes after its cursor.
   * @param {number} attempt
   */
  async #readAll(attempt) {
    for (;;) {
      const answer = await readTwin(this.#address.twin, format(this.cursor));
      if (answer.verdict !== "ok" || attempt !== this.#attempt) return answer.verdict;
      this.#order.absorb(answer.body);
      if (!answer.body.more) return answer.verdict;
    }
  }

  #again() {
    this.close();
    const away = this.#failures || this.state.name === "offline";
    this.#wait(backoff(this.#failures, this.#random), away ? "offline" : "connecting");
    this.#failures += 1;
  }

  /** @param {boolean} answered */
  #pollLater(answered) {
    this.#polls = (this.#polls + 1) % POLLS_PER_TRY;
    if (answered) this.#since = 0;
    this.#wait(POLL, answered ? "polling" : "offline");
  }

  /**
   * @param {number} delay
   * @param {"connecting" | "polling" | "offline"} name
   */
  #wait(delay, name, patient = false) {
    this.#since ||= name === "polling" ? 0 : Date.now();
    this.#patient = patient;
    this.#timer = setTimeout(() => this.#wake(), delay);
    this.#report(name === "connecting" && !navigator.onLine ? "offline" : name);
  }

  #wake() {
    this.close();
    if (this.#blocked >= BLOCKED && this.#polls) this.#askWhy(false);
    else this.open();
  }

  /** @param {State["name"]} name */
  #report(name) {
    const { left } = this.#order;
    if (name === this.state.name && left === this.state.left && name !== "offline") return;
    this.state = { name, left, since: this.#since };
    this.#tell({ kind: "state", state: this.state });
  }
}
