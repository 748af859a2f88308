// Menus close by Escape, by a click anywhere else, which still does what it does, and when the focus goes elsewhere. Every
// `<details class="menu">` is one, whichever page it is of. What asks once more (`confirm`) closes by Escape alone.

const OPEN = "details.menu[open]";
const CLOSES = `${OPEN}, details.confirm[open]`;

/** Is a menu or a dialog in front of the page? */
export function isSomethingOpen() {
  return document.querySelector(`${OPEN}, dialog[open]`) !== null;
}

export function keepMenus() {
  for (const kind of ["pointerdown", "focusin"])
    document.addEventListener(kind, (event) => closeOthers(event.target), { capture: true });
}

/** Escape closes the innermost. @type {import("./keyboard.js").Key} */
export const closing = {
  keys: ["Escape"],
  words: "close what is open",
  act: closeInnermost,
  when: () => document.querySelector(CLOSES) !== null,
  everywhere: true,
};

/** Close a menu; the focus goes back to its button. @param {Element | null} menu */
export function closeMenu(menu) {
  if (!(menu instanceof HTMLDetailsElement) || !menu.open) return;
  const hadFocus = menu.contains(document.activeElement);
  menu.open = false;
  if (hadFocus) menu.querySelector("summary")?.focus();
}

function closeInnermost() {
  const menu = [...document.querySelectorAll(CLOSES)].at(-1);
  if (!menu) return;
  if (document.activeElement === document.body) menu.querySelector("summary")?.focus();
  closeMenu(menu);
}

/** @param {EventTarget | null} target */
function closeOthers(target) {
  for (const menu of /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll(OPEN))) {
    if (target instanceof Node && !menu.contains(target)) menu.open = false;
  }
}
