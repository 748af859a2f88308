// Socket.IO as its documentation has it for several servers: Redis streams, connection state recovery, websockets only.
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-streams-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const [port, redisUrl, channel] = process.argv.slice(2);
const redis = createClient({ url: redisUrl });
await redis.connect();

const http = createServer((_, response) => response.end());
const io = new Server(http, {
  adapter: createAdapter(redis),
  connectionStateRecovery: {},
  transports: ["websocket"],
});
io.on("connection", (socket) => socket.join(channel));
http.listen({ host: "127.0.0.1", port: Number(port), backlog: 4096 });
process.on("SIGTERM", () => process.exit(0));
