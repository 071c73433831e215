// A time limit bounds the call in every phase of a request, and nothing of the request keeps the process alive.
import { after, test } from "node:test";
import { newCertificate } from "../runners/certificate.js";
import { runProgram } from "../runners/child.js";
import { install } from "../runners/installed.js";
import { startSlowServers } from "../runners/slow-server.js";
import { assertInTime, callNames, timeLimitProgram } from "../runners/time-limit.js";
import { until } from "../suite/time.js";

const installed = await install();
const certificate = newCertificate("127.0.0.1");
const slow = await startSlowServers(certificate);
after(async () => {
  slow.stop();
  await installed.remove();
});

for (const name of ["workload-identity", "workload-identity-wasm"]) {
  for (const call of callNames) {
    test(`${name}: ${call} ends in time`, async () => {
      assertInTime(call, await runProgram(installed, timeLimitProgram(name, call, slow.origins, certificate.ca)));
      await until(() => slow.sockets().length === 0, "the end of all connections");
    });
  }
}
