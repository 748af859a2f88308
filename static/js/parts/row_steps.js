// The keys that step through the rows of a list. The row that has the focus is the current one, so Enter and Tab go on
// from there.

/**
 * @param {string} links  selects the link of each row
 * @param {string} row  selects the row that a link stands in
 * @returns {import("./keyboard.js").Key[]}
 */
export function rowSteps(links, row) {
  return [
    { keys: ["j"], words: "next row", act: () => step(links, row, 1) },
    { keys: ["k"], words: "previous row", act: () => step(links, row, -1) },
  ];
}

/** @returns {import("./keyboard.js").Key} */
export function searchKey() {
  const field = () => /** @type {HTMLInputElement | null} */ (document.querySelector("main input[type='search']"));
  return { keys: ["/"], words: "search", act: () => field()?.focus(), when: () => field() !== null };
}

/**
 * @param {string} links
 * @param {string} row
 * @param {1 | -1} by
 */
function step(links, row, by) {
  const all = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(links)]);
  const current = all.findIndex((link) => link.closest(row)?.contains(document.activeElement));
  const next = all[current < 0 ? 0 : Math.min(all.length - 1, Math.max(0, current + by))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}
