// One token with our TypeScript face, whichever package brought it.
//
// A job is {"options", "assertion" or "token_file", "scope", "claims", "enable_cae"}, with the
// option names of the Python package; the last two may be absent.
// The outcome is {"token", "expires_in"} or {"error"}.

const camelCase = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

const renamed = (value) =>
  value && typeof value === "object"
    ? Object.fromEntries(Object.entries(value).map(([name, member]) => [camelCase(name), renamed(member)]))
    : value;

export async function outcome({ WorkloadIdentity, WorkloadIdentityError, callback, tokenFile }, job) {
  try {
    const source = job.token_file ? tokenFile(job.token_file) : callback(async () => job.assertion);
    const answer = await new WorkloadIdentity({ source, ...renamed(job.options) }).getToken(job.scope, {
      claims: job.claims,
      enableCae: job.enable_cae,
    });
    return { token: answer.token, expires_in: Math.round((answer.expiresOnTimestamp - Date.now()) / 1000) };
  } catch (error) {
    if (!(error instanceof WorkloadIdentityError)) throw error;
    return {
      error: {
        class: error.name,
        code: error.code,
        aadsts: error.aadsts,
        http_status: error.httpStatus,
        presented: error.presented,
        text: `${error.stack} ${JSON.stringify(error)}`,
      },
    };
  }
}
