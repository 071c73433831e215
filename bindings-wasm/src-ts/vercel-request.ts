/** The OIDC token of the request that a function at Vercel answers. */

interface RequestContext {
  get?(): { readonly headers?: Readonly<Record<string, string | undefined>> } | undefined;
}

/** The value of the header `x-vercel-oidc-token`, in the context that Vercel keeps for each request. */
export function vercelRequestToken(): string | undefined {
  const contexts = globalThis as { readonly [key: symbol]: RequestContext | undefined };
  return contexts[Symbol.for("@vercel/request-context")]?.get?.()?.headers?.["x-vercel-oidc-token"];
}
