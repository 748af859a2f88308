// What comes over Redis goes to every socket, by the public API of `ws`.
import { createClient } from "redis";
import { WebSocket, WebSocketServer } from "ws";

const [port, redisUrl, channel] = process.argv.slice(2);
const subscriber = createClient({ url: redisUrl });
await subscriber.connect();

const server = new WebSocketServer({ host: "127.0.0.1", port: Number(port), backlog: 4096, perMessageDeflate: false });
server.on("connection", (socket) => socket.on("error", () => socket.terminate()));

// A buffer: spares it encoding the same text for each socket.
await subscriber.subscribe(
  channel,
  (frame) => {
    for (const socket of server.clients) {
      if (socket.readyState === WebSocket.OPEN) socket.send(frame, { binary: false });
    }
  },
  true,
);
process.on("SIGTERM", () => process.exit(0));
