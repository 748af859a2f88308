// What each act does to the state of a notification, as `inbox/states.py` says it. Pure.

/** @typedef {"read" | "unread" | "done" | "undone" | "snooze" | "save" | "unsave"} Act */

/** From which state to which; from any where none is named. @type {Record<Act, {from?: string, to: string}>} */
export const STEPS = {
  read: { from: "unread", to: "read" },
  unread: { to: "unread" },
  done: { to: "done" },
  undone: { from: "done", to: "read" },
  snooze: { to: "snoozed" },
  save: { to: "saved" },
  unsave: { from: "saved", to: "read" },
};

/**
 * @param {Act} act
 * @param {string} state
 */
export function after(act, state) {
  const { from, to } = STEPS[act];
  return from === undefined || from === state ? to : state;
}
