/** How a request reaches its server where that differs from the usual way (`docs/protocol.md`, section 4). */

import type { HttpEffect } from "./protocol.js";

/** A member is absent unless the request needs it. Who cannot follow one must not send the request. */
export interface ConnectionOptions {
  /** No proxy is used. */
  readonly direct?: boolean;
  /** The connection goes to this Unix socket; the URL's host is only sent as `host`. */
  readonly unixSocket?: string;
  /** The only certificate authorities (PEM) that are trusted. */
  readonly ca?: string;
  /** The name that TLS sends and that the certificate must have, instead of the URL's host. */
  readonly serverName?: string;
  /** SHA-1 thumbprint (hex) of the server's certificate, instead of the check of chain and name. */
  readonly certificateSha1?: string;
}

/** A runtime or a function of the application cannot do what an effect needs. The message has no secret. */
export class UnsupportedError extends Error {
  override readonly name = "UnsupportedError";
}

/** The options of a request; none if it is sent in the usual way. */
export function connectionOptions(effect: HttpEffect): ConnectionOptions | undefined {
  const { direct, unix_socket: unixSocket, ca, server_name: serverName, certificate_sha1: certificateSha1 } = effect;
  const all = Object.entries({ direct, unixSocket, ca, serverName, certificateSha1 });
  const given = all.filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : (Object.fromEntries(given) as ConnectionOptions);
}
