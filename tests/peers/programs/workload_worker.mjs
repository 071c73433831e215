// Gets tokens with our wasm package inside workerd: a worker whose requests are jobs and whose answers are outcomes.

import * as packaged from "workload-identity-wasm";
import { outcome } from "./workload.mjs";

export default {
  async fetch(request) {
    return Response.json(await outcome(packaged, await request.json()));
  },
};
