// Does an event belong in a list? Pure: the list's words as the server read them, against a frame.

/**
 * @typedef {Object} Query  `text`: free text is searched for, which only the server can do
 * @property {string[]} states
 * @property {number[]} orgs
 * @property {number[]} not_orgs
 * @property {string[]} reasons
 * @property {string[]} not_reasons
 * @property {string[]} streams
 * @property {string[]} not_streams
 * @property {number[]} actors
 * @property {number[]} not_actors
 * @property {boolean} text
 */

/** @type {Query} */
const INBOX = {
  states: ["unread", "read"],
  orgs: [],
  not_orgs: [],
  reasons: [],
  not_reasons: [],
  streams: [],
  not_streams: [],
  actors: [],
  not_actors: [],
  text: false,
};

/** @param {string | undefined} json  nothing is the inbox @returns {Query} */
export function readQuery(json) {
  return { ...INBOX, ...JSON.parse(json || "{}") };
}

/** What it is about: events of one stream are one thread. @param {import("./frame_order.js").LogFrame} frame */
export function streamOf(frame) {
  return frame.type === "task_event" ? frame.task_id : frame.stream_id;
}

/**
 * Free text is left out of account.
 * @param {Query} query
 * @param {import("../parts/rows.js").Told} frame
 */
export function belongs(query, frame) {
  return (
    query.states.includes(frame.notification.state) &&
    isAmong(frame.org_id, query.orgs, query.not_orgs) &&
    isAmong(frame.notification.reason, query.reasons, query.not_reasons) &&
    isAmong(streamOf(frame), query.streams, query.not_streams) &&
    isAmong(frame.actor_id, query.actors, query.not_actors)
  );
}

/**
 * @template T
 * @param {T} one
 * @param {T[]} wanted  none: any
 * @param {T[]} unwanted
 */
function isAmong(one, wanted, unwanted) {
  return (!wanted.length || wanted.includes(one)) && !unwanted.includes(one);
}
