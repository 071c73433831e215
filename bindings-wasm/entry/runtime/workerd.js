import * as workers from "cloudflare:workers";

export const platform = {
  // A promise that another request created may never settle here.
  flight: "per_request",
  waitUntil: workers.waitUntil,
};
