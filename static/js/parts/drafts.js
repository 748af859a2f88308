// What somebody began to write and has not sent: kept in this browser for each task and user, and for nobody else.

const PREFIX = "carillon-draft:";
const MOST = 50; // the oldest go

export class Draft {
  #key;

  /**
   * @param {number} user
   * @param {string} place  what it is written about
   */
  constructor(user, place) {
    this.#key = `${PREFIX}${user}:${place}`;
  }

  read() {
    return (stored(() => localStorage.getItem(this.#key)) ?? "").replace(/^\d+ /, "");
  }

  /** @param {string} text */
  keep(text) {
    if (!text.trim()) return this.drop();
    stored(() => localStorage.setItem(this.#key, `${Date.now()} ${text}`));
  }

  drop() {
    stored(() => localStorage.removeItem(this.#key));
  }
}

/** Whoever signs out leaves no words behind, and nobody finds another's. @param {number} user */
export function keepDraftsOf(user) {
  stored(() => {
    const own = drafts().filter((key) => key.startsWith(`${PREFIX}${user}:`));
    forget(drafts().filter((key) => !own.includes(key)));
    const times = own.map((key) => [parseInt(localStorage.getItem(key) ?? "0"), key]);
    const newestFirst = times.sort((one, other) => Number(other[0]) - Number(one[0]));
    forget(newestFirst.slice(MOST).map(([, key]) => String(key)));
  });
  document.addEventListener("submit", (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (form.matches("[data-signs-out]")) stored(() => forget(drafts()));
  });
}

function drafts() {
  return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
}

/** @param {string[]} keys */
function forget(keys) {
  for (const key of keys) localStorage.removeItem(key);
}

/**
 * A browser may refuse to store anything: then nothing is kept.
 * @template T
 * @param {() => T} act
 * @returns {T | undefined}
 */
function stored(act) {
  try {
    return act();
  } catch {
    return undefined;
  }
}
