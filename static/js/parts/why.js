// Answers "why?" where it is asked, in a dialog, with what its page says. Without this module the link leads there.

/** Open the answer of every link with `data-why`. */
export function explainHere() {
  document.addEventListener("click", (event) => {
    const link = /** @type {HTMLElement} */ (event.target).closest("a[data-why]");
    const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button);
    if (!(link instanceof HTMLAnchorElement) || !isPlain) return;
    event.preventDefault();
    explain(link);
  });
}

/** @param {HTMLAnchorElement} link */
async function explain(link) {
  const answer = await read(new URL(link.href));
  if (!answer) return location.assign(link.href);
  const dialog = document.createElement("dialog");
  dialog.className = "why-dialog panel";
  dialog.setAttribute("aria-label", "Were you told?");
  const close = document.createElement("button");
  Object.assign(close, { className: "button", textContent: "Close", type: "button" });
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  // The space around the answer closes it.
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.append(answer, close);
  document.body.append(dialog);
  dialog.showModal();
}

/**
 * @param {URL} address
 * @returns {Promise<Element | null>} null where the page itself must say it
 */
async function read(address) {
  address.searchParams.set("part", "1");
  address.searchParams.set("next", location.pathname + location.search);
  try {
    const response = await fetch(address, { headers: { Accept: "text/html" }, redirect: "error" });
    if (!response.ok) return null;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    return fresh.querySelector(".why");
  } catch {
    return null;
  }
}
