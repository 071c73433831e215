// An API's check of its callers: applications of a tenant, and the jobs of a repository.
import { Issuer, TokenVerifier, WorkloadIdentityError } from "workload-identity";

export interface Answer {
  status: number;
  challenge?: string;
  body: string;
}

const tenantId = "11111111-2222-4333-8444-555555555555";

export const trusted = new TokenVerifier({
  issuers: [
    Issuer.entra({ tenantId, audience: "api://orders", roles: ["Orders.Read"] }),
    Issuer.github({ audience: "api://orders", repository: "octo/app" }),
  ],
});

export async function answer(token: string, verifier: TokenVerifier = trusted): Promise<Answer> {
  try {
    const caller = await verifier.verify(token);
    if (!caller.hasRole("Orders.Read")) return { status: 403, body: "insufficient_scope" };
    return { status: 200, body: caller.subject ?? "" };
  } catch (error) {
    if (!(error instanceof WorkloadIdentityError)) throw error;
    const challenge = error.wwwAuthenticate;
    return { status: error.httpStatus ?? 500, body: error.code, ...(challenge !== undefined && { challenge }) };
  }
}
