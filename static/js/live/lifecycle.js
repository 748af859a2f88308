// When a page may be connected, and when somebody is looking: what the browser tells of its tabs and its
// network.

/**
 * @typedef {Object} Connected
 * @property {() => void} join
 * @property {() => void} leave
 * @property {() => void} hurry
 * @property {() => void} pause
 */

/**
 * @param {Connected[]} streams
 * @param {() => void} back  the page was shown before, and is shown again
 */
export function keepConnected(streams, back) {
  const all = (/** @type {keyof Connected} */ act) => () => streams.forEach((stream) => stream[act]());
  addEventListener("online", all("hurry"));
  addEventListener("offline", all("pause"));
  document.addEventListener(
    "visibilitychange",
    () => document.visibilityState === "visible" && all("hurry")(),
  );

  // A page that holds a socket, a lock or a channel is not kept for the way back: let go of all three.
  let joined = true;
  const sleep = () => {
    if (joined) all("leave")();
    joined = false;
  };
  const wake = () => {
    if (!joined) all("join")();
    joined = true;
    back();
  };
  addEventListener("pagehide", sleep);
  document.addEventListener("freeze", sleep);
  addEventListener("pageshow", (event) => event.persisted && wake());
  document.addEventListener("resume", wake);
  all("join")();
}

const ON_ITS_WAY = 10_000; // a form that takes longer was stopped, or failed

/**
 * Is a form on its way? Then this page is going anyway, and must not go somewhere else.
 * @returns {() => boolean}
 */
export function watchLeaving() {
  let since = -Infinity;
  addEventListener("submit", (event) => {
    if (!event.defaultPrevented) since = performance.now();
  });
  return () => performance.now() - since < ON_ITS_WAY;
}
