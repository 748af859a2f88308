// A row drawn to the left by a finger is done with. Scrolling goes on as ever, and a row that is let go early snaps back.

import { threadRowAt } from "./thread_rows.js";

const BEGINS = 12; // pixels
const IS_MEANT = 96;
const AFTER = 400; // milliseconds in which a browser may still take it for a tap

/**
 * @param {HTMLElement} rows
 * @param {(row: HTMLElement) => void} done
 */
export function keepSwipes(rows, done) {
  /** @type {{row: HTMLElement, x: number, y: number, sign: HTMLElement | null} | null} */
  let swipe = null;

  /** @param {PointerEvent} event */
  const move = (event) => {
    if (!swipe) return;
    const across = swipe.x - event.clientX;
    if (!swipe.sign) {
      if (across < BEGINS || Math.abs(event.clientY - swipe.y) * 2 > across) return;
      swipe.row.setPointerCapture(event.pointerId);
      swipe.sign = swipe.row.appendChild(Object.assign(document.createElement("div"), { className: "swipe", textContent: "Done" }));
    }
    swipe.sign.style.width = `${Math.max(0, across)}px`;
    swipe.sign.classList.toggle("is-meant", across >= IS_MEANT);
  };

  /** @param {boolean} isLifted */
  const end = (isLifted) => {
    const { row, sign } = swipe ?? {};
    swipe = null;
    if (!row || !sign) return;
    const isMeant = isLifted && sign.classList.contains("is-meant");
    sign.remove();
    // The finger has lifted over the row's link: that was no tap.
    addEventListener("click", stop, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", stop, { capture: true }), AFTER);
    if (isMeant) done(row);
  };

  rows.addEventListener("pointerdown", (event) => {
    const row = threadRowAt(/** @type {Element} */ (event.target));
    const isFinger = event.pointerType === "touch" && event.isPrimary && !row?.classList.contains("is-closed");
    swipe = row && isFinger ? { row, x: event.clientX, y: event.clientY, sign: null } : null;
  });
  rows.addEventListener("pointermove", move);
  rows.addEventListener("pointerup", () => end(true));
  rows.addEventListener("pointercancel", () => end(false));
}

/** @param {Event} event */
function stop(event) {
  if (/** @type {Element} */ (event.target).closest(".notification-closed")) return;
  event.preventDefault();
  event.stopPropagation();
}
