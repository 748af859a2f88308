// One WebSocket, from handshake to loss: frames out, pings in between, and one word when it is over.
// It never tries again; whoever opened it decides.

/** @import { ClientFrame } from "../frames.js" */

import { Liveness } from "./liveness.js";

const HANDSHAKE = 10_000;
const ABNORMAL = 1006; // what a browser reports for a refused handshake and a cut line alike

export class Socket {
  #socket;
  #heard;
  #lost;
  #handshake;
  #welcomed = 0;
  #liveness = new Liveness(
    () => this.#socket.send(JSON.stringify(/** @type {ClientFrame} */ ({ type: "ping" }))),
    () => this.#end(ABNORMAL),
  );

  /**
   * @param {string} path
   * @param {string} after  the cursor to resume from, "" for none
   * @param {(frame: import("./frame_order.js").SocketFrame) => void} heard
   * @param {(code: number, held: number) => void} lost  `held`: ms since the welcome, -1 without one
   */
  constructor(path, after, heard, lost) {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const query = after ? `?after=${encodeURIComponent(after)}` : "";
    this.#heard = heard;
    this.#lost = lost;
    this.#socket = new WebSocket(`${scheme}//${location.host}${path}${query}`);
    this.#socket.onmessage = (event) => this.#hear(JSON.parse(event.data));
    this.#socket.onclose = (event) => this.#end(event.code);
    this.#handshake = setTimeout(() => this.#giveUp(), HANDSHAKE);
  }

  probe() {
    if (this.#welcomed) this.#liveness.probe();
  }

  /** Close without a word to anyone here. */
  close() {
    clearTimeout(this.#handshake);
    this.#liveness.stop();
    const socket = this.#socket;
    socket.onmessage = socket.onclose = null;
    // Chrome calls it an error on the console to close a socket in the middle of its handshake.
    if (socket.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
    else socket.close();
  }

  /** @param {import("./frame_order.js").SocketFrame} frame */
  #hear(frame) {
    this.#liveness.hear();
    if (frame.type === "welcome") {
      clearTimeout(this.#handshake);
      this.#welcomed = performance.now();
      this.#liveness.start();
    }
    this.#heard(frame);
  }

  /** A handshake that hangs would hold up the next one: browsers open one socket to a host at a time. */
  #giveUp() {
    this.#socket.close();
    this.#end(ABNORMAL);
  }

  /** @param {number} code */
  #end(code) {
    this.close();
    this.#lost(code, this.#welcomed ? performance.now() - this.#welcomed : -1);
  }
}
