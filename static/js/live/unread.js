// How many notifications are unread, per organization. Pure arithmetic: the server's counts are absolute as
// of a revision of the inbox and a position of each log, frames above that position add to them, and whatever
// order they come in, the sum is one. The server counts to 1000, which means more than 999: such a count stays
// what it is until the server says another.

/** @import { OrgOfUser } from "../frames.js" */

/**
 * @typedef {Object} Unread
 * @property {Record<string, number>} orgs  the server's counts
 * @property {Record<string, number>} at  the positions that they are exact for
 * @property {number} revision  of the inbox, with all marks that they know of
 * @property {Record<string, number[]>} above  positions of unread notifications seen since
 * @property {Record<string, Guess>} guesses  by the name of an act: asked for here, not counted by the server yet
 * @typedef {{org: string, by: number, known: number}} Guess  known: counts of this revision know of it
 * @typedef {{orgs: Record<string, number>, at: Record<string, number>, revision?: number}} Counts
 * @typedef {Object} Told  what frames tell of counts, each in its way
 * @property {number | {orgs: Record<string, number>}} [unread]
 * @property {Record<string, number> | OrgOfUser[]} [orgs]
 * @property {Record<string, number>} [at]
 * @property {number} [revision]
 */

/** @type {Unread} */
export const NOTHING = { orgs: {}, at: {}, revision: 0, above: {}, guesses: {} };

export const MOST = 999;

/**
 * The counts in a boot, `unread` or `welcome` frame, or an answer of the HTTP twin.
 * @param {Told} frame
 * @returns {Counts}
 */
export function countsOf(frame) {
  return { orgs: ofOrgs(frame), at: frame.at ?? {}, revision: frame.revision };
}

/**
 * @param {Told} frame
 * @returns {Record<string, number>}
 */
function ofOrgs({ unread, orgs = {} }) {
  if (typeof unread === "object") return unread.orgs;
  return Array.isArray(orgs) ? Object.fromEntries(orgs.map((org) => [String(org.id), org.unread])) : orgs;
}

/**
 * Take the server's counts, organization by organization, wherever they are not older than ours. A server of
 * before an update tells no revision.
 * @param {Unread} unread
 * @param {Counts} counts
 * @returns {Unread}
 */
export function rebase(unread, counts) {
  const revision = counts.revision ?? unread.revision;
  if (revision < unread.revision) return unread;
  const result = { ...unread, revision, orgs: { ...unread.orgs }, at: { ...unread.at }, above: { ...unread.above } };
  for (const [org, at] of Object.entries(counts.at)) {
    if (at < (unread.at[org] ?? -1)) continue;
    result.at[org] = at;
    result.orgs[org] = counts.orgs[org] ?? 0;
    result.above[org] = (unread.above[org] ?? []).filter((position) => position > at);
  }
  const open = Object.entries(unread.guesses).filter(([, guess]) => guess.known > revision);
  return { ...result, guesses: Object.fromEntries(open) };
}

/**
 * An applied event.
 * @param {Unread} unread
 * @param {import("./frame_order.js").LogFrame} frame
 * @returns {Unread}
 */
export function count(unread, frame) {
  const org = String(frame.org_id);
  const above = unread.above[org] ?? [];
  if (!frame.notification?.unread || frame.position <= (unread.at[org] ?? -1)) return unread;
  if (above.includes(frame.position)) return unread;
  return { ...unread, above: { ...unread.above, [org]: [...above, frame.position] } };
}

/**
 * This tab acted, and shows it before the server has answered.
 * @param {Unread} unread
 * @param {string} id  of the act, in that organization
 * @param {string} org
 * @param {number} by
 * @returns {Unread}
 */
export function guess(unread, id, org, by) {
  return { ...unread, guesses: { ...unread.guesses, [id]: { org, by, known: Infinity } } };
}

/**
 * The server did it: counts of that revision know of it. Or it did not (null): the guess was wrong.
 * @param {Unread} unread
 * @param {string} id
 * @param {number | null} revision
 * @returns {Unread}
 */
export function settle(unread, id, revision) {
  const { [id]: guessed, ...others } = unread.guesses;
  if (!guessed) return unread;
  const isOver = revision === null || revision <= unread.revision;
  return { ...unread, guesses: isOver ? others : { ...others, [id]: { ...guessed, known: revision } } };
}

/**
 * Only the organizations that the user still belongs to.
 * @param {Unread} unread
 * @param {string[]} orgs
 * @returns {Unread}
 */
export function only(unread, orgs) {
  /** @template T @param {Record<string, T>} byOrg */
  const kept = (byOrg) => Object.fromEntries(Object.entries(byOrg).filter(([org]) => orgs.includes(org)));
  return { ...unread, orgs: kept(unread.orgs), at: kept(unread.at), above: kept(unread.above) };
}

/**
 * @param {Unread} unread
 * @returns {{total: number, orgs: Record<string, number>}}
 */
export function totals(unread) {
  /** @type {Record<string, number>} */
  const orgs = {};
  for (const org of new Set([...Object.keys(unread.orgs), ...Object.keys(unread.above)])) {
    const told = unread.orgs[org] ?? 0;
    const guessed = Object.values(unread.guesses).filter((one) => one.org === org);
    const now = guessed.reduce((sum, one) => sum + one.by, told + (unread.above[org]?.length ?? 0));
    orgs[org] = told > MOST ? told : Math.max(0, now);
  }
  return { total: Object.values(orgs).reduce((sum, n) => sum + n, 0), orgs };
}
