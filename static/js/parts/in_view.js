// Says which elements somebody has had before their eyes: those in view while the page itself can be seen.

const BAR = 56; // pixels at the top that the bar covers
const EDGE = 24; // an element that only peeps in has not been seen

export class InView {
  #observer;
  /** @type {Set<HTMLElement>} */
  #near = new Set();
  #seen;

  /**
   * @param {(elements: HTMLElement[]) => void} seen  called once for each element
   * @param {number} foot  pixels at the bottom that something covers
   */
  constructor(seen, foot = 0) {
    this.#seen = seen;
    this.#observer = new IntersectionObserver((changes) => this.#moved(changes), {
      rootMargin: `-${BAR}px 0px -${Math.max(foot, EDGE)}px`,
    });
    document.addEventListener("visibilitychange", () => this.#look());
  }

  /** @param {HTMLElement} element */
  watch(element) {
    this.#observer.observe(element);
  }

  /** @param {IntersectionObserverEntry[]} changes */
  #moved(changes) {
    for (const { target, isIntersecting } of changes) {
      const element = /** @type {HTMLElement} */ (target);
      if (isIntersecting) this.#near.add(element);
      else this.#near.delete(element);
    }
    this.#look();
  }

  #look() {
    if (document.visibilityState !== "visible" || !this.#near.size) return;
    const seen = [...this.#near].filter((element) => element.isConnected);
    for (const element of this.#near) this.#observer.unobserve(element);
    this.#near.clear();
    this.#seen(seen);
  }
}
