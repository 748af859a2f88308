// Changes a page without moving what somebody looks at or types in.

/**
 * @param {Element | null} kept  stands where it stood, whatever the change did above it
 * @param {() => void} change
 */
export function keepingPlace(kept, change) {
  const { style } = document.documentElement;
  const before = kept?.getBoundingClientRect().top ?? 0;
  style.overflowAnchor = "none"; // the browser would do the same a second time
  change();
  if (kept?.isConnected) scrollBy({ top: kept.getBoundingClientRect().top - before, behavior: "instant" });
  requestAnimationFrame(() => requestAnimationFrame(() => style.removeProperty("overflow-anchor")));
}
