/** The file `trust.yaml`, which declares the federated identity credentials of an identity. */

import type { NamedCredential } from "./federated-credential.js";
import { readDocument } from "./document-file.js";
import { nativeError } from "./errors.js";
import { nativeModule } from "./platform.js";
import { toBytes } from "./protocol.js";

/** Whose credentials they are: exactly one. */
export interface TrustIdentity {
  /** Application (client) id of an app registration. */
  readonly appId?: string | undefined;
  /** Object id of an app registration. */
  readonly appObjectId?: string | undefined;
  /** Object id of an agent identity blueprint. */
  readonly agentBlueprint?: string | undefined;
  /** Resource id of a user-assigned managed identity (`/subscriptions/.../userAssignedIdentities/NAME`). */
  readonly managedIdentity?: string | undefined;
}

/** What a trust file declares. */
export class TrustFile {
  readonly identity: TrustIdentity;
  readonly credentials: readonly NamedCredential[];

  /** @internal */
  constructor(wire: WireTrustFile) {
    const { app_id, app_object_id, agent_blueprint, managed_identity } = wire.identity;
    this.identity = {
      appId: app_id,
      appObjectId: app_object_id,
      agentBlueprint: agent_blueprint,
      managedIdentity: managed_identity,
    };
    this.credentials = wire.credentials;
    Object.freeze(this);
  }
}

interface WireTrustFile {
  identity: WireIdentity;
  credentials: NamedCredential[];
}

interface WireIdentity {
  app_id?: string | undefined;
  app_object_id?: string | undefined;
  agent_blueprint?: string | undefined;
  managed_identity?: string | undefined;
}

/** An identity as the core takes it. */
export function wireIdentity(identity: TrustIdentity): WireIdentity {
  return {
    app_id: identity.appId,
    app_object_id: identity.appObjectId,
    agent_blueprint: identity.agentBlueprint,
    managed_identity: identity.managedIdentity,
  };
}

/** Reads the text of a trust file. Rejects with a `ConfigurationError`, whose message has the line and the column. */
export async function parseTrustFile(text: string | Uint8Array): Promise<TrustFile> {
  const native = await nativeModule();
  try {
    return new TrustFile(JSON.parse(native.trust_file(typeof text === "string" ? toBytes(text) : text)) as WireTrustFile);
  } catch (error) {
    throw nativeError(error);
  }
}

/** Reads a trust file, where the runtime has files. Rejects with a `ConfigurationError`. */
export async function readTrustFile(path: string): Promise<TrustFile> {
  return parseTrustFile(await readDocument(path, "the trust file", "use `parseTrustFile`"));
}
