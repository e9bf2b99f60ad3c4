/** Floor: what Node's HTTP server alone can answer. Reads the body, answers a constant. */
import { createServer } from "node:http";
import { announce } from "../subject.ts";

const body = JSON.stringify({ status: "completed", result: { message: "hello" } });

const server = createServer((request, response) => {
  request.resume().on("end", () => {
    response.setHeader("content-type", "application/json").end(body);
  });
});

server.listen(0, "127.0.0.1", () => announce(server));
