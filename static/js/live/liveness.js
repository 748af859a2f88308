// Is the other end still there? Pings when it is silent, and says so when an answer stays away.
// Deadlines count from the ping, not from the last sound: a tab whose timers sleep is not a dead socket.

const SILENCE = 25_000; // ping after this much silence: two or three a minute
const PATIENCE = 15_000; // with SILENCE: 40 s without a sound while a ping is due
const HURRY = 5_000; // when somebody is looking, or the machine slept
const SPACING = 15_000; // the server closes at more than 5 messages in 60 s
const TICK = 5_000;
const SLEPT = 20_000; // a tick this late means that the machine (or the tab) slept

export class Liveness {
  #ping;
  #dead;
  #timer = 0;
  #deadline = 0;
  #pinged = -Infinity;
  #heard = 0;
  #clock = 0;

  /**
   * @param {() => void} ping
   * @param {() => void} dead
   */
  constructor(ping, dead) {
    this.#ping = ping;
    this.#dead = dead;
  }

  start() {
    this.stop();
    this.#heard = performance.now();
    this.#pinged = -Infinity;
    this.#clock = Date.now();
    this.#timer = setInterval(() => this.#tick(), TICK);
  }

  stop() {
    clearInterval(this.#timer);
    clearTimeout(this.#deadline);
    this.#deadline = 0;
  }

  /** Any frame is a sign of life. */
  hear() {
    this.#heard = performance.now();
    clearTimeout(this.#deadline);
    this.#deadline = 0;
  }

  /** Ask now, and do not wait long for the answer. */
  probe() {
    this.#ask(HURRY);
  }

  #tick() {
    // The wall clock runs on while the machine sleeps; performance.now() need not. When somebody sets the
    // clock, one needless ping is all that happens.
    const late = Math.abs(Date.now() - this.#clock - TICK);
    this.#clock = Date.now();
    if (late > SLEPT) this.#ask(HURRY);
    else if (performance.now() - this.#heard >= SILENCE) this.#ask(PATIENCE);
  }

  /** @param {number} patience */
  #ask(patience) {
    const now = performance.now();
    if (this.#deadline || now - this.#pinged < SPACING) return;
    this.#pinged = now;
    this.#deadline = setTimeout(this.#dead, patience);
    this.#ping();
  }
}
