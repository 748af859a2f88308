// The offer to take back the last act, and the one before: on any page of this tab, for ten minutes. One bar for what a
// form did and what a script did; it also says what waits for the network.

import { STEPS } from "../live/acts.js";

const MINUTES = 10;
const MOST = 50;
const SHOWN = 4_000; // milliseconds that a sentence without an offer stays

/** @typedef {{mark: number, said: string, at: number, isServers?: boolean}} Offer  `mark`: the number of the act */

export class Undo {
  #name;
  #takeBack;
  #keepServers;
  #bar;
  #said = element("span", "undo-said");
  #button = element("button", "undo-button", "Undo");
  #waiting = 0;
  #timer = 0;

  /**
   * @param {number} user
   * @param {(offer: Offer | null) => void} takeBack  null: the last act that waits for the network
   * @param {() => void} dismissed  the server's own offer
   */
  constructor(user, takeBack, dismissed) {
    this.#name = `carillon-undo:${user}`;
    this.#takeBack = takeBack;
    this.#keepServers = dismissed;
    const served = document.querySelector(".undo-offer");
    this.#bar = element("div", "undo-offer");
    this.#said.dir = "auto";
    const dismiss = element("button", "undo-button undo-dismiss", "Dismiss");
    const key = element("kbd", "", "z");
    key.ariaHidden = "true"; // the button is called what it does
    this.#button.append(" ", key);
    this.#bar.append(this.#said, this.#button, dismiss);
    this.#button.addEventListener("click", () => this.undo());
    dismiss.addEventListener("click", () => this.#dismiss());
    if (served) served.replaceWith(this.#bar);
    else document.body.append(this.#bar);
    this.#takeServers(served);
    this.#show();
  }

  /** Is there anything to take back? */
  get isThere() {
    return this.#waiting > 0 || this.#offers().length > 0;
  }

  /** @param {number} mark @param {string} said */
  offer(mark, said) {
    this.#keep([...this.#offers(), { mark, said, at: Date.now() }]);
    this.#show();
  }

  /** It was taken back elsewhere, or can no longer be. @param {number} mark */
  forget(mark) {
    this.#keep(this.#offers().filter((one) => one.mark !== mark));
    this.#show();
  }

  /** Acts wait for the network; or they are saved. @param {number} count */
  wait(count) {
    const wereWaiting = this.#waiting;
    this.#waiting = count;
    if (count || !wereWaiting) this.#show();
    else this.say(`${many(wereWaiting)} saved.`);
  }

  /** A sentence that offers nothing, for a moment. @param {string} sentence */
  say(sentence) {
    this.#paint(sentence, false);
    this.#timer = setTimeout(() => this.#show(), SHOWN);
  }

  /** @param {number} [mark]  the last act, or that one */
  undo(mark) {
    if (this.#waiting && mark === undefined) return this.#takeBack(null);
    const offers = this.#offers();
    const offer = mark === undefined ? offers.at(-1) : (offers.find((one) => one.mark === mark) ?? { mark, said: "", at: 0 });
    if (!offer) return;
    this.forget(offer.mark);
    this.#takeBack(offer);
  }

  #dismiss() {
    if (this.#offers().some((one) => one.isServers)) this.#keepServers();
    this.#keep([]);
    this.#show();
  }

  #show() {
    const last = this.#offers().at(-1);
    if (this.#waiting) this.#paint(`${many(this.#waiting)} ${this.#waiting === 1 ? "waits" : "wait"} for the network`, true);
    else this.#paint(last?.said ?? "", true);
  }

  /** @param {string} said @param {boolean} isOffer */
  #paint(said, isOffer) {
    clearTimeout(this.#timer);
    this.#said.textContent = said;
    this.#button.hidden = !isOffer;
    this.#bar.hidden = !said;
  }

  /** What a form's act left on the page. @param {Element | null} served */
  #takeServers(served) {
    const mark = Number(/** @type {HTMLElement | null} */ (served)?.dataset.undo ?? 0);
    if (!mark || this.#offers().some((one) => one.mark === mark)) return;
    const said = served?.querySelector(".undo-said")?.textContent ?? "";
    this.#keep([...this.#offers(), { mark, said, at: Date.now(), isServers: true }]);
  }

  /** @returns {Offer[]} the last is the newest */
  #offers() {
    try {
      /** @type {Offer[]} */
      const kept = JSON.parse(sessionStorage.getItem(this.#name) ?? "[]");
      return kept.filter((one) => Date.now() - one.at < MINUTES * 60_000);
    } catch {
      return [];
    }
  }

  /** @param {Offer[]} offers */
  #keep(offers) {
    try {
      sessionStorage.setItem(this.#name, JSON.stringify(offers.slice(-MOST)));
    } catch {
      return; // a browser that keeps nothing offers nothing
    }
  }
}

/** What was done, in words: "6 updates on ACME-28 are done". @param {import("./outbox.js").Meant} meant @param {number} changed */
export function saidOf({ act, key, threads }, changed) {
  const where = key ? ` on ${key}` : threads > 1 ? ` on ${threads} tasks` : "";
  return `${changed === 1 ? "1 update" : `${changed} updates`}${where} ${changed === 1 ? "is" : "are"} ${outcomeOf(act)}`;
}

/** @param {string} act */
function outcomeOf(act) {
  const words = { unread: "unread again", undone: "back in the inbox", unsave: "no longer saved" };
  return /** @type {Record<string, string>} */ (words)[act] ?? STEPS[/** @type {keyof typeof STEPS} */ (act)].to;
}

/** @param {number} count */
function many(count) {
  return count === 1 ? "1 change" : `${count} changes`;
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} className
 * @param {string} [text]
 */
function element(tag, className, text = "") {
  const made = Object.assign(document.createElement(tag), { className, textContent: text });
  if (made instanceof HTMLButtonElement) made.type = "button";
  return made;
}
