// What a list of the inbox holds: its threads as the server last told them, what came since, and the reader's own acts,
// which show before the server has answered. Pure; every step returns a new list. `unsure`: only the server can say.

/** @import { Change } from "../frames.js" */

import { belongs, streamOf } from "./list_query.js";
import * as thread from "./thread.js";

/**
 * @typedef {import("./thread.js").Query} Query
 * @typedef {import("./thread.js").Thread} Thread
 * @typedef {import("./thread.js").Row} Row
 * @typedef {import("../parts/rows.js").Told} Told
 *
 * @typedef {Object} ServerPage
 * @property {Query} query
 * @property {number} revision  of the inbox when it was made
 * @property {boolean} whole  nothing is older
 * @property {import("./thread.js").PageRow[]} rows
 *
 * @typedef {Object} Pressed  an act of this tab
 * @property {string} id
 * @property {import("./acts.js").Act} act
 * @property {Record<string, number>} threads  stream -> the newest event that was seen of it
 * @property {boolean} [isAll]  it was meant for all that match, of which these are shown
 * @property {number} [known]  pages of this revision know of it; not there while the server has not answered
 * @property {number} [mark]
 * @property {Map<string, Thread>} [before]
 *
 * @typedef {Object} List
 * @property {Query} query
 * @property {number} revision  of the inbox, as far as this list knows of its changes
 * @property {number} made  the revision when the server's page was made
 * @property {number} heard  the newest change from elsewhere: a page of before it will not do
 * @property {boolean} whole
 * @property {number} oldest  the last event of the page; what is older may be on the next
 * @property {Map<string, Thread>} threads
 * @property {string[]} shown  streams in the order that the reader sees
 * @property {Pressed[]} acts
 * @property {boolean} unsure
 */

const REMEMBERED = 100; // own acts, to know their echo by, and to undo them

/** @param {ServerPage} page @returns {List} */
export function listed({ query, revision, whole, rows }) {
  const threads = new Map(rows.map((row) => [row.stream, thread.threadOf(row, query)]));
  const shown = rows.map((row) => row.stream);
  const last = rows.at(-1);
  const oldest = whole || !last || last.woken ? 0 : last.event;
  return { query, revision, made: revision, heard: 0, whole, oldest, threads, shown, acts: [], unsure: false };
}

/**
 * The server's page again. What is shown keeps its place.
 * @param {List} list
 * @param {ServerPage} page
 * @returns {List}
 */
export function taken(list, page) {
  const fresh = listed(page);
  for (const [stream, kept] of entries(list.threads, list.shown)) {
    if (fresh.threads.has(stream)) continue;
    const isFurtherDown = thread.isIn(kept, list.query) && thread.newestOf(kept, list.query) < fresh.oldest;
    fresh.threads.set(stream, isFurtherDown ? kept : thread.emptied(kept, list.query));
  }
  for (const act of list.acts) if (Number(act.known) > page.revision) carryOut(fresh.threads, act, list.query);
  const revision = Math.max(list.revision, page.revision);
  const { heard, shown, acts } = list;
  return { ...fresh, revision, heard, shown, acts, unsure: page.revision < heard };
}

/**
 * An event that the user is told of.
 * @param {List} list
 * @param {Told} frame
 * @returns {List}
 */
export function told(list, frame) {
  if (!belongs(list.query, frame)) return list;
  if (list.query.text) return { ...list, unsure: true };
  const stream = streamOf(frame);
  const { id, state } = frame.notification;
  const mine = list.threads.get(stream) ?? thread.newThread(frame.org_id);
  if (id <= thread.latest(mine)) return list; // the page was read a moment after its cursor
  return { ...list, threads: new Map(list.threads).set(stream, thread.withEvent(mine, id, state)) };
}

/**
 * States were changed: by this tab, whose acts are known, or from elsewhere.
 * @param {List} list
 * @param {Change & {threads?: Record<string, number>}} change
 * @param {number} revision  of the frame
 * @returns {List}
 */
export function changed(list, change, revision) {
  const isUndo = change.act === "undo";
  const at = isUndo ? revision : change.mark;
  if (at <= list.made || (!isUndo && list.acts.some((act) => act.mark === at))) return list;
  const mine = list.acts.find((act) => isPending(act) && isEcho(act, change));
  if (mine) return answered(list, mine.id, { revision: change.mark, mark: change.mark });
  const heard = Math.max(list.heard, at);
  const threads = new Map(list.threads);
  const isKnown = change.act !== "wake" && change.event_ids?.every((id) => moveOne(threads, id, change.state));
  return { ...list, heard, threads, unsure: list.unsure || !isKnown };
}

/**
 * The reader acts: it shows at once.
 * @param {List} list
 * @param {Pressed} act
 * @returns {List}
 */
export function pressed(list, act) {
  return { ...list, acts: [...list.acts, act] };
}

/**
 * The server did it; or it did not (null), and nothing has happened.
 * @param {List} list
 * @param {string} id  of the act
 * @param {{revision: number, mark: number} | null} answer
 * @returns {List}
 */
export function answered(list, id, answer) {
  const act = list.acts.find((one) => one.id === id);
  if (!act || !isPending(act)) return list;
  const others = list.acts.filter((one) => one !== act);
  if (!answer) return { ...list, acts: others };
  const threads = new Map(list.threads);
  const before = new Map(entries(threads, Object.keys(act.threads)));
  const isCertain = carryOut(threads, act, list.query);
  const done = { ...act, known: answer.revision, mark: answer.mark, before };
  const acts = [...others, done].slice(-REMEMBERED);
  const revision = Math.max(list.revision, answer.revision);
  return { ...list, revision, threads, acts, unsure: list.unsure || !isCertain };
}

/**
 * The reader takes an act back: it shows at once, and the server's page tells the rest.
 * @param {List} list
 * @param {number} mark
 * @returns {List}
 */
export function undone(list, mark) {
  const act = list.acts.find((one) => one.mark === mark);
  const threads = new Map(list.threads);
  for (const [stream, was] of act?.before ?? []) threads.set(stream, thread.restored(was, threads.get(stream)));
  return { ...list, threads, acts: list.acts.filter((one) => one !== act), unsure: true };
}

/** The reader wants to see the news: what waits comes in, and what has left the view goes. @param {List} list @returns {List} */
export function renewed(list) {
  const shown = wanted(list);
  return { ...list, shown, threads: new Map(entries(list.threads, shown)) };
}

/** Rows give up their room. @param {List} list @param {string[]} streams @returns {List} */
export function closed(list, streams) {
  return { ...list, shown: list.shown.filter((stream) => !streams.includes(stream)) };
}

/** @param {List} list @returns {Row[]} in the order that the reader sees */
export function rowsOf(list) {
  const now = threadsNow(list);
  return entries(now, list.shown).map(([stream, one]) => thread.rowOf(stream, one, list.query));
}

/** @param {List} list @param {string} stream @returns {Row | undefined} */
export function rowIn(list, stream) {
  const one = threadsNow(list).get(stream);
  return one && thread.rowOf(stream, one, list.query);
}

/** List the rows that belong on the page, as the server would order them. @param {List} list @returns {Row[]} */
export function rowsWanted(list) {
  const now = threadsNow(list);
  const rows = [...now].map(([stream, one]) => thread.rowOf(stream, one, list.query));
  return rows.filter((row) => !row.isOut && (row.woken || row.event >= list.oldest)).sort(inOrder);
}

/** What came back from a snooze stands on top. @param {Row} one @param {Row} other */
function inOrder(one, other) {
  if (one.woken || other.woken) return (one.woken || Infinity) - (other.woken || Infinity);
  return other.event - one.event;
}

/** @param {List} list @returns {string[]} the streams of those rows */
export function wanted(list) {
  return rowsWanted(list).map((row) => row.stream);
}

/** Which threads wait: they are not shown, or belong further up. @param {List} list @returns {string[]} */
export function waiting(list) {
  const stays = new Set();
  let above = Infinity;
  for (const row of rowsOf(list)) {
    if (row.isOut || (!row.woken && row.event > above)) continue;
    stays.add(row.stream);
    if (!row.woken) above = row.event;
  }
  return wanted(list).filter((stream) => !stays.has(stream));
}

/** @param {List} list */
function threadsNow(list) {
  const threads = new Map(list.threads);
  for (const act of list.acts) if (isPending(act)) carryOut(threads, act, list.query);
  return threads;
}

/**
 * @param {Map<string, Thread>} threads  to be changed
 * @param {Pressed} act
 * @param {Query} query
 * @returns {boolean} whether it is certain what came of it
 */
function carryOut(threads, act, query) {
  return entries(threads, Object.keys(act.threads)).reduce((isCertain, [stream, before]) => {
    const now = thread.marked(before, act.act, act.threads[stream], query);
    threads.set(stream, now);
    return isCertain && thread.isCertain(before, now, act.act, query);
  }, true);
}

/**
 * @param {Map<string, Thread>} threads  to be changed
 * @param {number} id
 * @param {string | undefined} state
 * @returns {boolean} whether it is known which thread's event it is
 */
function moveOne(threads, id, state = "") {
  for (const [stream, one] of threads) {
    const now = thread.withState(one, id, state);
    if (now) return Boolean(threads.set(stream, now));
  }
  return false;
}

/** @param {Pressed} act */
function isPending(act) {
  return act.known === undefined;
}

/** @param {Pressed} act @param {Parameters<typeof changed>[1]} change */
function isEcho(act, { act: name, threads }) {
  const streams = Object.keys(act.threads);
  if (act.act !== name || !threads) return act.act === name && Boolean(act.isAll);
  if (streams.length !== Object.keys(threads).length) return false;
  return streams.every((stream) => act.threads[stream] === threads[stream]);
}

/**
 * @param {Map<string, Thread>} threads
 * @param {string[]} streams
 * @returns {[string, Thread][]} those that there are
 */
function entries(threads, streams) {
  return streams.flatMap((stream) => {
    const one = threads.get(stream);
    return one ? [/** @type {[string, Thread]} */ ([stream, one])] : [];
  });
}
