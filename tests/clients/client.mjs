// Archives an organization's log and one's own notifications: by sockets, streams and pages at the same time.
//
// An example to read, written from docs/protocol.md, docs/api-tasks.md and docs/api-inbox.md. It needs Node 24 and no package:
//
//     CARILLON_URL=https://tasks.example.com CARILLON_TOKEN=crl_... node client.mjs acme FOLDER
//
// Each way has an archive of its own, so that they can be compared.

import { appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const [org, folder] = process.argv.slice(2);
const base = process.env.CARILLON_URL.replace(/\/$/, "");
const headers = { Authorization: `Bearer ${process.env.CARILLON_TOKEN}` };
const stops = new Set([401, 403, 404]); // asking again would not help

class Refused extends Error {
  constructor(response) {
    super(`${response.status} ${response.url}`);
    this.status = response.status;
    this.again = Number(response.headers.get("Retry-After") ?? 0) * 1000;
  }
}

// A file with a frame a line. The newest line says where we stand, so what is written is never asked for again.
class Archive {
  constructor(name, pages) {
    Object.assign(this, { name, pages, path: join(folder, `${name}.jsonl`), isLog: pages !== "events" });
    this.counts = { unread: 0, at: {}, revision: 0 };
    this.beginInMemory();
    const bytes = existsSync(this.path) ? readFileSync(this.path) : Buffer.alloc(0);
    const whole = bytes.subarray(0, bytes.lastIndexOf("\n") + 1); // a line that was cut off was not kept
    writeFileSync(this.path, whole);
    for (const line of whole.toString().split("\n").filter(Boolean)) this.standAt(JSON.parse(line));
  }

  beginInMemory() {
    Object.assign(this, { cursor: null, places: {}, unreadEvents: [] });
  }

  beginAnew() {
    truncateSync(this.path);
    this.beginInMemory();
  }

  standAt(frame) {
    this.cursor = frame.cursor;
    this.places[frame.org_id] = frame.position;
    if (frame.notification?.unread) this.unreadEvents.push(frame);
  }

  keep(frame) {
    if (frame.position <= (this.places[frame.org_id] ?? 0)) return;
    appendFileSync(this.path, JSON.stringify(frame) + "\n");
    this.standAt(frame);
  }

  // Reads what is beyond our cursor in pages, however much it is.
  async catchUp() {
    for (let more = true; more; ) {
      const after = this.cursor ? `&after=${encodeURIComponent(this.cursor)}` : "";
      const response = await fetch(`${base}/api/v1/${this.pages}?limit=100${after}`, {
        headers, signal: AbortSignal.timeout(15_000), // prettier-ignore
      });
      if (response.status === 410) {
        this.beginAnew(); // another history: a backup was restored
        continue;
      }
      if (!response.ok) throw new Refused(response);
      const page = await response.json();
      page.items.forEach((frame) => this.keep(frame));
      this.cursor = page.cursor;
      more = page.more;
    }
  }

  // Takes a frame of a socket or a stream. False: the pages know better.
  take(frame) {
    if (frame.type === "welcome" && frame.replay.mode === "reset") return false;
    if (frame.type === "welcome" || frame.type === "unread") this.count(frame);
    if (frame.position === undefined) return true;
    if (this.isLog && frame.position > (this.places[frame.org_id] ?? 0) + 1) return false;
    this.keep(frame);
    this.noteUnread();
    return true;
  }

  // Takes counts unless we have newer ones; those of a welcome whatever we have.
  count({ type, unread, at, revision }) {
    const had = this.counts;
    const older = revision < had.revision || Object.keys(at).some((id) => at[id] < (had.at[id] ?? 0));
    if (type === "welcome") this.counts = { unread, at, revision };
    else if (!older) this.counts = { unread: unread.total, at: { ...had.at, ...at }, revision };
    this.noteUnread();
  }

  // Adds to the server's count what came after it.
  noteUnread() {
    const { at, unread } = this.counts;
    this.unreadEvents = this.unreadEvents.filter((frame) => frame.position > (at[frame.org_id] ?? 0));
    writeFileSync(this.path.replace(/jsonl$/, "unread"), String(unread + this.unreadEvents.length));
  }
}

function bySocket(address, archive) {
  const after = archive.cursor ? `?after=${encodeURIComponent(archive.cursor)}` : "";
  const socket = new WebSocket(base.replace(/^http/, "ws") + address + after, { headers });
  return new Promise((resolve) => {
    let heard = Date.now();
    let asked = Date.now();
    const watch = setInterval(() => {
      if (Date.now() - heard > 40_000) end(); // no sound within 15 s of a ping
      else if (Date.now() - heard > 25_000 && Date.now() - asked > 15_000 && socket.readyState === 1) {
        asked = Date.now();
        socket.send('{"type": "ping"}');
      }
    }, 1000);
    const end = (event) => {
      clearInterval(watch);
      socket.onmessage = null;
      socket.close();
      resolve(event?.code === 4429 ? 30_000 + Math.random() * 30_000 : 0);
    };
    socket.onmessage = ({ data }) => {
      heard = Date.now();
      if (!archive.take(JSON.parse(data))) end();
    };
    socket.onclose = socket.onerror = end;
  });
}

async function byStream(address, archive) {
  const dead = new AbortController();
  let watch = setTimeout(() => dead.abort(), 10_000);
  try {
    const own = { ...headers, Accept: "text/event-stream", ...(archive.cursor && { "Last-Event-ID": archive.cursor }) };
    const response = await fetch(`${base}/api/v1/${address}`, { headers: own, signal: dead.signal });
    if (!response.ok) throw new Refused(response);
    let rest = "";
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
      clearTimeout(watch);
      watch = setTimeout(() => dead.abort(), 30_000); // a comment comes each 15 seconds
      const messages = (rest + text).split("\n\n");
      rest = messages.pop();
      for (const message of messages) {
        const data = message.split("\n").filter((line) => line.startsWith("data:"));
        if (data.length && !archive.take(JSON.parse(data.map((line) => line.slice(5)).join("\n")))) return 0;
      }
    }
    return 0;
  } finally {
    clearTimeout(watch);
    dead.abort();
  }
}

const byPages = () => pause(1000, 0);

// Goes on for ever, whatever breaks.
async function follow(name, pages, way, address) {
  const archive = new Archive(name, pages);
  for (let failed = 0, began = Date.now(); ; began = Date.now()) {
    let wait = 0;
    try {
      await archive.catchUp();
      wait = await way(address, archive);
      if (way === byPages) continue;
    } catch (error) {
      if (stops.has(error.status)) throw error;
      console.error(`${name}: ${error.cause ?? error}`);
      wait = error.again ?? 0;
    }
    failed = Date.now() - began > 30_000 ? 0 : Math.min(failed + 1, 6);
    await pause(Math.max(wait, Math.random() * Math.min(30_000, 500 * 2 ** failed)));
  }
}

await Promise.all([
  follow("socket-log", `orgs/${org}/events`, bySocket, `/ws/orgs/${org}/notifications/`),
  follow("socket-own", "events", bySocket, "/ws/users/me/notifications/"),
  follow("stream-log", `orgs/${org}/events`, byStream, `orgs/${org}/stream`),
  follow("stream-own", "events", byStream, "stream"),
  follow("pages-log", `orgs/${org}/events`, byPages),
  follow("pages-own", "events", byPages),
]);
