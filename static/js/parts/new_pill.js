// "3 new": what waits until the reader wants it.

export class Pill {
  count = 0;
  #button;

  /**
   * @param {Element} list  the pill of the page, or a new one above this
   * @param {() => void} wanted
   */
  constructor(list, wanted) {
    this.#button = document.getElementById("new-pill") ?? this.#made(list);
    this.#button.addEventListener("click", wanted);
  }

  /** @param {number} count */
  set(count) {
    this.count = count;
    this.#button.textContent = `${count} new`;
    this.#button.hidden = count === 0;
  }

  /** @param {Element} list */
  #made(list) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", id: "new-pill", className: "new-pill", hidden: true });
    list.before(button);
    return button;
  }
}

/** What is new stands on the first page; the filters stay. */
export function toFirstPage() {
  const url = new URL(location.href);
  for (const name of ["before", "after", "page"]) url.searchParams.delete(name);
  location.assign(url);
}
