/** The option `ca`: certificate authorities that are trusted beside those of the runtime. */

import { hostError } from "./errors.js";
import { platform } from "./platform.js";
import type { Fetch } from "./transport.js";

/** PEM text with one certificate or more, or a list of such texts. */
export type CertificateAuthorities = string | Uint8Array | readonly (string | Uint8Array)[];

/** The option as a list of texts. Throws a `ConfigurationError`. */
export function certificateAuthorities({
  ca,
  fetch,
}: {
  readonly ca?: CertificateAuthorities;
  readonly fetch?: Fetch;
}): readonly string[] | undefined {
  if (ca === undefined) return undefined;
  const invalid = (message: string) => hostError("config_invalid", "caller", message);
  if (fetch) throw invalid("`ca` has no effect on the given `fetch`; let that function trust the authorities");
  if (!platform().transport) {
    throw invalid(
      "`ca` works on Node.js alone; elsewhere give a `fetch` that trusts the authorities: on Deno with the `client` of " +
        "Deno.createHttpClient({ caCerts }), on Bun with its option `tls: { ca }`; DENO_CERT and NODE_EXTRA_CA_CERTS name them without code",
    );
  }
  const texts = Array.isArray(ca) ? (ca as readonly (string | Uint8Array)[]) : [ca as string | Uint8Array];
  if (texts.length === 0) throw invalid("`ca` is an empty list; leave it out to trust the runtime's authorities alone");
  const decoder = new TextDecoder();
  return texts.map((text) => {
    const pem = text instanceof Uint8Array ? decoder.decode(text) : text;
    if (typeof pem === "string" && pem.includes("-----BEGIN CERTIFICATE-----")) return pem;
    throw invalid("`ca` has no certificate in PEM form; give the file's content, not its path");
  });
}
