// One event stream, from its beginning to its loss: what a socket carries, where sockets are blocked. It never tries
// again; whoever opened it decides. The server's comments are not shown to scripts, so silence tells nothing here.

const BEGINNING = 10_000;
const SILENCE = 30_000; // after which it is doubted, should somebody look
const ABNORMAL = 1006;
const NAMES = ["welcome", "task_event", "event", "unread", "membership", "organization"];

export class EventStream {
  #source;
  #lost;
  #beginning;
  #welcomed = 0;
  #heard = 0;

  /**
   * @param {string} path
   * @param {string} after  the cursor to resume from, "" for none
   * @param {(frame: import("./frame_order.js").SocketFrame) => void} heard
   * @param {(code: number, held: number) => void} lost  `held`: ms since the welcome, -1 without one
   */
  constructor(path, after, heard, lost) {
    this.#lost = lost;
    this.#source = new EventSource(after ? `${path}?after=${encodeURIComponent(after)}` : path);
    for (const name of NAMES) {
      this.#source.addEventListener(name, (event) => {
        this.#hear(name);
        heard(JSON.parse(event.data));
      });
    }
    this.#source.addEventListener("close", (event) => {
      this.#end(JSON.parse(/** @type {MessageEvent} */ (event).data).code);
    });
    // The browser would come back by itself, from a cursor that a lost tab held.
    this.#source.onerror = () => this.#end(ABNORMAL);
    this.#beginning = setTimeout(() => this.#end(ABNORMAL), BEGINNING);
  }

  probe() {
    if (this.#welcomed && performance.now() - this.#heard > SILENCE) this.#end(ABNORMAL);
  }

  /** Close without a word to anyone here. */
  close() {
    clearTimeout(this.#beginning);
    this.#source.onerror = null;
    this.#source.close();
  }

  /** @param {string} name */
  #hear(name) {
    this.#heard = performance.now();
    if (name !== "welcome") return;
    clearTimeout(this.#beginning);
    this.#welcomed = this.#heard;
  }

  /** @param {number} code */
  #end(code) {
    this.close();
    this.#lost(code, this.#welcomed ? performance.now() - this.#welcomed : -1);
  }
}
