/** Floor: what an idle stream of events costs Node's HTTP server alone. Answers every request with a stream that stays open. */
import { createServer } from "node:http";
import { announce } from "../subject.ts";

const server = createServer((request, response) => {
  request.resume();
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  response.write(": open\n\n");
});

server.listen(0, "127.0.0.1", () => announce(server));
