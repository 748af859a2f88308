// Where a client stands in the logs: one place per organization. Pure; every function returns a new value.
// A place keeps the server's text, because the digest in it means something to the server only.

/** @typedef {{position: number, text: string}} Place */
/** @typedef {ReadonlyMap<string, Place>} Cursor  organization id -> place */

const PLACE = /^(\d+)\.(\d+)\.([0-9a-f]*)$/;

/** @type {Cursor} */
export const NOWHERE = new Map();

/**
 * "1.41.ab12cd34,2.7.99aa00ff" as places; what cannot be read is left out.
 * @param {string | null | undefined} text
 * @returns {Cursor}
 */
export function parse(text) {
  const cursor = new Map();
  for (const part of (text || "").split(",")) {
    const match = PLACE.exec(part.trim());
    if (match) cursor.set(match[1], { position: Number(match[2]), text: match[0] });
  }
  return cursor;
}

/** @param {Cursor} cursor */
export function format(cursor) {
  return [...cursor.values()].map((place) => place.text).join(",");
}

/**
 * The position in one organization; undefined where nothing is known of it.
 * @param {Cursor} cursor
 * @param {string | number} org
 */
export function position(cursor, org) {
  return cursor.get(String(org))?.position;
}

/**
 * The newer place of each organization.
 * @param {Cursor} one
 * @param {Cursor} other
 * @returns {Cursor}
 */
export function newest(one, other) {
  const result = new Map(one);
  for (const [org, place] of other) {
    if (place.position > (position(one, org) ?? -1)) result.set(org, place);
  }
  return result;
}

/**
 * The places of `other` for organizations that `one` knows nothing of.
 * @param {Cursor} one
 * @param {Cursor} other
 * @returns {Cursor}
 */
export function completed(one, other) {
  return new Map([...other, ...one]);
}

/**
 * @param {Cursor} cursor
 * @param {string | number} org
 * @returns {Cursor}
 */
export function without(cursor, org) {
  const result = new Map(cursor);
  result.delete(String(org));
  return result;
}

/**
 * Has `other` seen anything that `one` has not?
 * @param {Cursor} one
 * @param {Cursor} other
 */
export function isBehind(one, other) {
  return [...other].some(([org, place]) => (position(one, org) ?? -1) < place.position);
}

/**
 * What to do with a frame: "apply" it, "drop" it (seen already), or fetch what lies before it ("hole").
 * `before` is the position that whoever handed it over held before it; in a dense log (an organization's
 * socket) it is always the position minus one.
 * @param {number | undefined} mine
 * @param {number} at
 * @param {number | undefined} before
 * @returns {"apply" | "drop" | "hole"}
 */
export function judge(mine, at, before) {
  if (mine === undefined) return "apply";
  if (at <= mine) return "drop";
  return before !== undefined && mine < before ? "hole" : "apply";
}
