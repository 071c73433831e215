// The worker that the bench runs: a request names a case and how often it runs. The clock does not advance here.

import { TokenVerifier } from "workload-identity-wasm";
import { bare, jose, whole } from "./_edge_cases.mjs";

let cases;

export default {
  async fetch(request, { given }) {
    cases ??= { ...whole(TokenVerifier, given), bare: await bare(given), jose: jose(given) };
    const { pathname, searchParams } = new URL(request.url);
    await cases[pathname.slice(1)](Number(searchParams.get("count")));
    return new Response();
  },
};
