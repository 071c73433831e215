// All tests of a runtime: `{ name: function }`. The runner passes the package (`package`), its entries `/pure` and `/management`, the
// native module (`native`), the emulator, the transcripts, the attacks and the table of trust.
import { acquire } from "./acquire.js";
import { attacks } from "./attacks.js";
import { awsSources } from "./aws-sources.js";
import { badInput } from "./bad-input.js";
import { emulator } from "./emulator.js";
import { sourcesOfModule } from "./left-out.js";
import { management } from "./management.js";
import { platform } from "./platform.js";
import { policies } from "./policies.js";
import { sharedCache } from "./shared-cache.js";
import { sources } from "./sources.js";
import { transcripts } from "./transcripts.js";
import { transport } from "./transport.js";
import { trust } from "./trust.js";
import { verify } from "./verify.js";

export function suite(host) {
  return {
    ...transcripts(host),
    ...acquire(host),
    ...sharedCache(host),
    ...badInput(host),
    ...sources(host),
    ...(host.tokenFile ? awsSources(host) : {}),
    ...sourcesOfModule(host),
    ...transport(host),
    ...emulator(host),
    ...platform(host),
    ...verify(host),
    ...policies(host),
    ...attacks(host),
    ...trust(host),
    ...management(host),
  };
}

/** Runs them one after another; the failures as text. */
export async function run(host) {
  const failures = [];
  const tests = Object.entries(suite(host));
  for (const [name, test] of tests) {
    try {
      await test();
    } catch (error) {
      failures.push(`${name}: ${error?.stack ?? error}`);
    }
  }
  return { ran: tests.length, failures };
}
