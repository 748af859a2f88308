// Keeps lists for a test: one request per line, one answer. `sync` has the server's page, which is taken only where the
// list asks for it, as in a browser.

import { createInterface } from "node:readline";

const js = new URL("../../static/js/live/", import.meta.url);
const lists = await import(new URL("thread_list.js", js));
const { readQuery } = await import(new URL("list_query.js", js));

let list;

const read = (page) => ({ ...page, query: readQuery(JSON.stringify(page.query)) });

const STEPS = {
  open: ({ page }) => lists.listed(read(page)),
  frame: ({ frame }) => lists.told(list, frame),
  change: ({ frame }) => lists.changed(list, frame.change, frame.revision),
  press: ({ act }) => lists.pressed(list, act),
  answer: ({ id, answer }) => lists.answered(list, id, answer),
  undo: ({ mark }) => lists.undone(list, mark),
  sync: ({ page }) => lists.taken(list, read(page)),
  show: () => lists.renewed(list),
  look: () => list,
};

for await (const line of createInterface({ input: process.stdin })) {
  const step = JSON.parse(line);
  list = STEPS[step.op](step);
  const { shown, unsure, whole } = list;
  const rows = { wanted: lists.rowsWanted(list), waiting: lists.waiting(list), rows: lists.rowsOf(list) };
  const answer = { ...rows, shown, unsure, whole };
  console.log(JSON.stringify(answer));
}
