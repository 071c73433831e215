// Gets one token with our Node.js package. Standard input: a job; standard output: its outcome (see workload.mjs).
// The job's member `environment` has variables to set; it may be absent.

import { text } from "node:stream/consumers";
import * as packaged from "workload-identity";
import { outcome } from "./workload.mjs";

const job = JSON.parse(await text(process.stdin));
Object.assign(process.env, job.environment);
console.log(JSON.stringify(await outcome(packaged, job)));
