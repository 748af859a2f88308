// Keeps one address connected: comes back after every loss from the cursor it holds, asks the HTTP twin why a
// handshake failed, follows a stream where sockets are blocked, and reads the twin on a timer where streams are, too.
// Knows no page and no other tab.

import { STABLE, backoff, longBackoff } from "./backoff.js";
import { afterClose } from "./close_codes.js";
import { format } from "./cursor.js";
import { EventStream } from "./event_stream.js";
import { FrameOrder } from "./frame_order.js";
import { Socket } from "./socket.js";
import { readTwin } from "./http_twin.js";

const BLOCKED = 3; // handshakes refused in a row while the twin answers
const POLL = 15_000;
const POLLS_PER_TRY = 20; // every five minutes the socket gets another chance
const NEXT_TRY = POLL * POLLS_PER_TRY;
const JITTER = 1_000;

/**
 * @typedef {{name: "connecting" | "catching" | "live" | "polling" | "offline" | "stopped" | "signed-out",
 *   left: number, since: number}} State  frames still to come; wall clock of the loss
 * @typedef {{socket: string, stream: string, twin: string, dense: boolean}} Address  paths of the socket, the stream
 *   that carries the same, and their HTTP twin
 * @typedef {import("./frame_order.js").Message | {kind: "state", state: State}} Told
 */

export class Connection {
  /** @type {State} */
  state = { name: "connecting", left: 0, since: 0 };
  #address;
  #order;
  #tell;
  #random;
  /** @type {Socket | EventStream | null} */
  #socket = null;
  #timer = 0;
  #nextTry = 0; // of a socket, while a stream does
  #streamFails = false;
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
    this.#connect(Socket, this.#address.socket);
  }

  #stream() {
    this.#connect(EventStream, this.#address.stream);
    this.#nextTry = setTimeout(() => this.open(), NEXT_TRY);
  }

  /**
   * @param {typeof Socket | typeof EventStream} Way
   * @param {string} path
   */
  #connect(Way, path) {
    this.close();
    this.#socket = new Way(
      path,
      format(this.cursor),
      (frame) => this.#hear(frame),
      (code, held) => this.#lost(code, held),
    );
  }

  /** Without a word: this tab leaves, or another one takes over. */
  close() {
    this.#attempt += 1;
    clearTimeout(this.#timer);
    clearTimeout(this.#nextTry);
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
    if (frame.type === "welcome") {
      this.#polls = this.#since = 0;
      if (this.#socket instanceof Socket) this.#blocked = 0;
    }
    if (this.#order.take(frame)) this.#report(this.#order.left ? "catching" : "live");
    else this.#again();
  }

  /**
   * @param {number} code
   * @param {number} held
   */
  #lost(code, held) {
    const bySocket = this.#socket instanceof Socket;
    this.close();
    if (held >= STABLE) this.#failures = 0;
    const answer = held < 0 && code === 1006 ? "refused" : afterClose(code);
    if (answer === "refused") this.#streamFails = !bySocket;
    if (answer === "refused" || answer === "ask") this.#askWhy(answer === "refused" && bySocket);
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
    if (this.#blocked < BLOCKED) this.#again();
    else if (verdict === "ok" && !this.#streamFails && this.#address.stream) this.#stream();
    else this.#pollLater(verdict === "ok");
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
    if (this.#blocked < BLOCKED) this.open();
    else if (this.#polls) this.#askWhy(false);
    else if (this.#streamFails || !this.#address.stream) this.open();
    else this.#stream();
  }

  /** @param {State["name"]} name */
  #report(name) {
    const { left } = this.#order;
    if (name === this.state.name && left === this.state.left && name !== "offline") return;
    this.state = { name, left, since: this.#since };
    this.#tell({ kind: "state", state: this.state });
  }
}
