// Gets one token with our Node.js package. Standard input: a job; standard output: its outcome (see workload.mjs).

import { text } from "node:stream/consumers";
import * as packaged from "workload-identity";
import { outcome } from "./workload.mjs";

console.log(JSON.stringify(await outcome(packaged, JSON.parse(await text(process.stdin)))));
