// The beginning of what somebody wrote, in one line without its markup, as the server's list says it. It knows the common
// signs of Markdown alone; the rest stands as it was written until the page is read again.

const MOST = 140;
const BLOCK = /^[ \t]*(?:(?:```|~~~).*|(?:>[ \t]*|(?:[-*+]|\d{1,9}[.)])[ \t]+)+)/gm;
const PAIR = /(?<![\w*~\\])(\*{1,3}|__?|~~|`+)(?=\S)([^\n]*?\S)\1(?![\w*~])/g;
const LINK = /\[([^[\]]*)\]\((?:https?:\/\/|mailto:)[^()\s]*\)/gi;
const ADDRESS = /<((?:https?:\/\/|mailto:)[^<>\s]*)>/gi;
const ESCAPE = /\\([!-/:-@[-`{-~])/g;

/** @param {string} text */
export function excerptOf(text) {
  const beginning = [...text.slice(0, 2 * (MOST + 1))].slice(0, MOST + 1).join(""); // two units a character at most
  const unpaired = beginning.replace(BLOCK, "").replace(PAIR, "$2").replace(PAIR, "$2"); // one pair within another
  const plain = unpaired.replace(LINK, "$1").replace(ADDRESS, "$1").replace(ESCAPE, "$1").replace(/\s+/g, " ").trim();
  const characters = [...plain];
  return characters.length > MOST ? `${characters.slice(0, MOST).join("").trimEnd()}…` : plain;
}
