/** An issuer of test tokens, whose verifier needs no network. */

import type { Issuer, IssuerRules } from "../issuers.js";
import * as kinds from "../issuers.js";
import { TokenVerifier, type VerifierSettings } from "../token-verifier.js";
import type { VerifiedToken } from "../verified-token.js";
import { SigningKey } from "./signing-key.js";
import * as shapes from "./token-shapes.js";

/** How a token differs from the usual one. */
export interface TokenOptions {
  /** Seconds until it expires; negative for an expired token; 3600 if absent. */
  expiresIn?: number;
  /** Members that replace those of the header. */
  header?: Readonly<Record<string, unknown>>;
}

/** Rules for the tokens, such as `roles`, and settings of the verifier. */
export type TestRules = Partial<IssuerRules> & VerifierSettings & Readonly<Record<string, unknown>>;

type Kind = "oidc" | "entra" | "github" | "kubernetes";

const defaultAudience = "api://test";

/**
 * An issuer with a key of its own. Make it with `oidc`, `entra`, `github` or `kubernetes`.
 *
 * @example
 * const issuer = TestIssuer.github({ repository: "octo/app" });
 * const verifier = await issuer.verifier({ repository: "octo/app" });
 * await verifier.verify(await issuer.token());
 */
export class TestIssuer {
  readonly #key = new SigningKey("test-key");

  private constructor(
    private readonly kind: Kind,
    /** The claims that each token has beside `aud`, `iat`, `nbf` and `exp`. */
    readonly claims: shapes.ClaimValues,
    /** The audience of its tokens. */
    readonly audience: string = defaultAudience,
    private readonly members: object = {},
  ) {}

  /** An OpenID Connect issuer; `TokenVerifier.oidc` verifies its tokens. */
  static oidc(shape: shapes.OidcShape = {}): TestIssuer {
    const { issuer = "https://issuer.example", subject = "test-subject", audience } = shape;
    return new TestIssuer("oidc", { iss: issuer, sub: subject }, audience, { issuer });
  }

  /**
   * An Entra tenant whose tokens are an application's. A user's token has other claims:
   * `token({ idtyp: undefined, sub: "...", scp: "Orders.Read" })`.
   */
  static entra({ tenantId = shapes.tenantId, version = 2, audience }: shapes.EntraShape = {}): TestIssuer {
    return new TestIssuer("entra", shapes.entra(tenantId, version), audience, { tenantId });
  }

  /** GitHub Actions, with the token of a job. */
  static github(shape: shapes.GitHubShape = {}): TestIssuer {
    const { repository = "octo/app", ref = "refs/heads/main", environment, audience } = shape;
    return new TestIssuer("github", shapes.gitHub(repository, ref, environment), audience);
  }

  /** A cluster, with the token of a pod's service account. */
  static kubernetes(shape: shapes.KubernetesShape = {}): TestIssuer {
    const { issuer = "https://cluster.example", namespace = "default", serviceAccount = "default", audience } = shape;
    const claims = shapes.kubernetes(issuer, namespace, serviceAccount);
    return new TestIssuer("kubernetes", claims, audience, { issuer });
  }

  /** The public keys as a JWK Set (RFC 7517, section 5). */
  async jwks(): Promise<{ keys: object[] }> {
    return { keys: [await this.#key.jwk()] };
  }

  /** This issuer for `new TokenVerifier({ issuers: [...] })`. */
  async trusted(rules: TestRules = {}): Promise<Issuer[]> {
    const make = kinds[this.kind] as (issuer: object) => Issuer[];
    return make({ audience: this.audience, keys: await this.jwks(), ...this.members, ...rules });
  }

  /** A verifier that trusts this issuer alone and uses no network. */
  async verifier(rules: TestRules = {}): Promise<TokenVerifier> {
    const make = TokenVerifier[this.kind] as (options: object) => TokenVerifier;
    return make.call(TokenVerifier, { audience: this.audience, keys: await this.jwks(), ...this.members, ...rules });
  }

  /**
   * A signed token. `claims` replace the usual ones or are added; those that are `undefined` are left out.
   *
   * @example
   * await issuer.token({ roles: ["Orders.Read"] });
   */
  token(claims: shapes.ClaimValues = {}, options: TokenOptions = {}): Promise<string> {
    return this.#signed(this.#key, claims, options);
  }

  /** A token that expired an hour ago. */
  expiredToken(claims: shapes.ClaimValues = {}): Promise<string> {
    return this.token(claims, { expiresIn: -3600 });
  }

  /** A token whose header names this issuer's key, but which another key has signed. */
  forgedToken(claims: shapes.ClaimValues = {}): Promise<string> {
    return this.#signed(new SigningKey(this.#key.kid), claims, {});
  }

  /** The verified claims of a token, for code that takes them as an argument. */
  async verified(claims: shapes.ClaimValues = {}): Promise<VerifiedToken> {
    const [verifier, token] = await Promise.all([this.verifier(), this.token(claims)]);
    return verifier.verify(token);
  }

  #signed(key: SigningKey, claims: shapes.ClaimValues, { expiresIn = 3600, header }: TokenOptions): Promise<string> {
    const exp = Math.floor(Date.now() / 1000) + expiresIn;
    const iat = Math.min(exp - 60, Math.floor(Date.now() / 1000));
    const payload = { aud: this.audience, iat, nbf: iat, exp, ...this.claims, ...claims };
    return key.sign({ alg: "RS256", typ: "JWT", kid: key.kid, ...header }, payload);
  }
}
