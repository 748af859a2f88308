// One row of a list of the inbox: a person's notifications of one stream, as far as the list shows them. Pure; every step
// returns a new thread. The page tells how many there are in all and unread, so what it showed is counted, not named.

import { after } from "./acts.js";

/**
 * @typedef {import("./list_query.js").Query} Query
 * @typedef {import("./acts.js").Act} Act
 * @typedef {Record<string, number>} Tally  how many notifications are in each state
 *
 * @typedef {Object} Thread
 * @property {number} org
 * @property {number} floor  the newest event that the server told of
 * @property {Tally} tally  of the events up to there
 * @property {[number, string][]} above  events since, oldest first, each with its state
 * @property {number} woken  its place among those that came back from a snooze, which stand on top; 0 if it did not
 *
 * @typedef {Object} PageRow  as the server lists it
 * @property {string} stream
 * @property {number} org
 * @property {number} event
 * @property {number} unread
 * @property {number} count
 * @property {number} woken
 *
 * @typedef {PageRow & {state: string, isOut: boolean}} Row  `isOut`: nothing of it belongs in the list any more
 */

const MIXED = "mixed"; // which of the view's other states is not told

/** @param {PageRow} row @param {Query} query @returns {Thread} */
export function threadOf({ org, event, unread, count, woken }, query) {
  const others = query.states.filter((state) => state !== "unread");
  const tally = { unread, [others.length === 1 ? others[0] : MIXED]: count - unread };
  return { org, floor: event, tally, above: [], woken };
}

/** @param {number} org @returns {Thread} */
export function newThread(org) {
  return { org, floor: 0, tally: {}, above: [], woken: 0 };
}

/** @param {Thread} thread @param {number} id @param {string} state @returns {Thread} */
export function withEvent(thread, id, state) {
  return { ...thread, above: [...thread.above, [id, state]] };
}

/**
 * An act touches what the list showed, up to what was seen of it.
 * @param {Thread} thread
 * @param {Act} act
 * @param {number} upTo
 * @param {Query} query
 * @returns {Thread}
 */
export function marked(thread, act, upTo, query) {
  if (upTo < thread.floor) return thread;
  const step = (/** @type {string} */ state) => (isInView(state, query) ? moved(act, state, query) : state);
  /** @type {Tally} */
  const tally = {};
  for (const [state, n] of Object.entries(thread.tally)) tally[step(state)] = (tally[step(state)] ?? 0) + n;
  const above = thread.above.map(([id, state]) => /** @type {[number, string]} */ ([id, id <= upTo ? step(state) : state]));
  return { ...thread, tally, above, woken: tally.unread ? thread.woken : 0 };
}

/** @param {Act} act @param {string} state @param {Query} query */
function moved(act, state, query) {
  if (state !== MIXED) return after(act, state);
  const outcomes = new Set(query.states.filter((one) => one !== "unread").map((one) => after(act, one)));
  return outcomes.size === 1 ? [...outcomes][0] : MIXED;
}

/**
 * After an act that took some of its events out of the list and left others, only the server knows the newest left.
 * @param {Thread} before
 * @param {Thread} now
 * @param {Act} act
 * @param {Query} query
 */
export function isCertain(before, now, act, query) {
  const left = inViewOf(now.tally, query);
  if (now.tally[MIXED] && (act === "undone" || act === "unsave")) return false;
  return left === 0 || left === inViewOf(before.tally, query);
}

/**
 * One event changed its state.
 * @param {Thread} thread
 * @param {number} id
 * @param {string} state
 * @returns {Thread | null} null where it cannot be told whether it is one of these
 */
export function withState(thread, id, state) {
  if (thread.above.some(([one]) => one === id))
    return { ...thread, above: thread.above.map(([one, was]) => [one, one === id ? state : was]) };
  const isOnly = thread.floor === id && sumOf(Object.entries(thread.tally)) === 1;
  return isOnly ? { ...thread, tally: { [state]: 1 }, woken: 0 } : null;
}

/** What the server no longer lists of it is gone. @param {Thread} thread @param {Query} query @returns {Thread} */
export function emptied(thread, query) {
  const kept = Object.entries(thread.tally).filter(([state]) => !isInView(state, query));
  return { ...thread, floor: latest(thread), tally: Object.fromEntries(kept), above: [], woken: 0 };
}

/**
 * As it was, and what came since.
 * @param {Thread} was
 * @param {Thread | undefined} now
 * @returns {Thread}
 */
export function restored(was, now) {
  const since = now?.above.filter(([id]) => id > latest(was)) ?? [];
  return { ...was, above: [...was.above, ...since] };
}

/** @param {string} stream @param {Thread} thread @param {Query} query @returns {Row} */
export function rowOf(stream, thread, query) {
  const ofAbove = thread.above.map(([, state]) => /** @type {[string, number]} */ ([state, 1]));
  const present = [...Object.entries(thread.tally), ...ofAbove].filter(([, n]) => n > 0);
  const inView = present.filter(([state]) => isInView(state, query));
  const isOut = !inView.length;
  const told = isOut ? present : inView;
  const unread = sumOf(told.filter(([state]) => state === "unread"));
  const state = unread ? "unread" : (told.at(-1)?.[0] ?? "");
  const { org, woken } = thread;
  return { stream, org, event: newestOf(thread, query), unread, count: sumOf(told), state, isOut, woken };
}

/** The newest event that the list shows of it, or that it showed last. @param {Thread} thread @param {Query} query */
export function newestOf(thread, query) {
  const above = thread.above.filter(([, state]) => isInView(state, query)).at(-1)?.[0];
  return above ?? (inViewOf(thread.tally, query) ? thread.floor : latest(thread));
}

/** @param {Thread} thread */
export function latest(thread) {
  return thread.above.at(-1)?.[0] ?? thread.floor;
}

/** @param {Thread} thread @param {Query} query */
export function isIn(thread, query) {
  return inViewOf(thread.tally, query) > 0 || thread.above.some(([, state]) => isInView(state, query));
}

/** @param {Tally} tally @param {Query} query */
function inViewOf(tally, query) {
  return sumOf(Object.entries(tally).filter(([state]) => isInView(state, query)));
}

/** @param {[string, number][]} counted */
function sumOf(counted) {
  return counted.reduce((sum, [, n]) => sum + n, 0);
}

/** @param {string} state @param {Query} query */
function isInView(state, query) {
  return state === MIXED || query.states.includes(state);
}
