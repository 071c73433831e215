// A function on Vercel's edge runtime that exchanges the deployment's own token for an access token of Entra.
import { WorkloadIdentity, WorkloadIdentityError, callback } from "workload-identity-wasm";

export const config = { runtime: "edge" };

export default async function handler(request) {
  const { AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_AUTHORITY_HOST } = process.env;
  try {
    const identity = new WorkloadIdentity({
      tenantId: AZURE_TENANT_ID,
      clientId: AZURE_CLIENT_ID,
      authorityHost: AZURE_AUTHORITY_HOST,
      // Vercel adds the token to each request, when OpenID Connect is on for the project.
      source: callback(() => request.headers.get("x-vercel-oidc-token")),
    });
    const { expiresOnTimestamp } = await identity.getToken("https://vault.azure.net/.default");
    return Response.json({ expires: new Date(expiresOnTimestamp) });
  } catch (error) {
    if (!(error instanceof WorkloadIdentityError)) throw error;
    return Response.json({ error: error.code, message: error.message }, { status: 502 });
  }
}
