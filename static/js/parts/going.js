// The keys of every page: they follow the links of the bar, and list the keys.

import { offer } from "./keyboard.js";
import { showKeys } from "./keys_dialog.js";
import { closeMenu, closing } from "./menus.js";

const PLACES = /** @type {const} */ ({
  inbox: ["g i", "go to the inbox"],
  tasks: ["g t", "go to the tasks"],
  board: ["g b", "go to the board"],
  history: ["g h", "go to the history"],
});

/** Offered for what the bar leads to: the tasks are those of the organization last visited. */
export function offerEverywhere() {
  for (const [place, [key, words]] of Object.entries(PLACES)) {
    const link = () => /** @type {HTMLAnchorElement | null} */ (document.querySelector(`.bar [data-go="${place}"]`));
    if (link()) offer([{ keys: [key], words, act: () => location.assign(link()?.href ?? ""), everywhere: true }]);
  }
  offer([closing, { keys: ["?"], words: "these keys", act: showKeys, everywhere: true }]);
  const entry = document.querySelector("[data-act='keys']");
  entry?.addEventListener("click", () => {
    closeMenu(entry.closest("details"));
    showKeys();
  });
}
