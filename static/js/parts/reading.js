// Reading by seeing: notifications of entries that somebody has before their eyes are marked read, one act for a burst.

const BURST = 300; // milliseconds in which more may come

export class Reading {
  #see;
  /** @type {Set<string>} ids of events that were seen */
  #seen = new Set();
  #timer = 0;

  /** @param {(eventIds: string[]) => void} see  marks them read */
  constructor(see) {
    this.#see = see;
  }

  /** @param {HTMLElement[]} entries */
  saw(entries) {
    for (const id of entries.flatMap(unreadOf)) this.#seen.add(id);
    if (this.#seen.size && !this.#timer) this.#timer = setTimeout(() => this.#read(), BURST);
  }

  #read() {
    const ids = [...this.#seen];
    this.#seen.clear();
    this.#timer = 0;
    this.#see(ids);
    showRead(ids);
  }
}

/** They were read, here or elsewhere. @param {(string | number)[]} eventIds */
export function showRead(eventIds) {
  const read = eventIds.map(String);
  for (const entry of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-unread]"))) {
    const left = unreadOf(entry).filter((id) => !read.includes(id));
    if (left.length) entry.dataset.unread = left.join(" ");
    else delete entry.dataset.unread;
  }
}

/** @param {HTMLElement} entry */
function unreadOf(entry) {
  return (entry.dataset.unread ?? "").split(" ").filter(Boolean);
}
