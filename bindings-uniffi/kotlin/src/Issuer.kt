package io.github.workloadidentity

/**
 * A trusted issuer, and the rules for its tokens.
 *
 * ```kotlin
 * val deployments = Issuer.github("api://deploy") { repository("octo/app") }
 * val verifier = TokenVerifier(listOf(deployments, Issuer.oidc("https://login.example", "api://deploy")))
 * ```
 *
 * `audience` is the service's own name: a token must name it in `aud`. For several names, call `set("audience", listOf(...))`.
 */
public class Issuer private constructor(private val profiles: List<String>, private val rules: IssuerRules) {
    /** The entries of `issuers` in the core's configuration. */
    internal val entries: List<String> get() = profiles.map(rules::entry)

    override fun toString(): String = "Issuer(${profiles.joinToString()})"

    public companion object {
        private fun <R : IssuerRules> of(
            profiles: List<String>,
            audience: String,
            rules: R,
            configure: Configure<R>,
            members: IssuerRules.() -> Unit = {},
        ): Issuer {
            rules.set("audience", audience)
            rules.members()
            return Issuer(profiles, configure.applied(rules))
        }

        /** One Entra tenant. Accepts access tokens of version 1 and 2; the API's registration decides which it gets. */
        @JvmStatic
        @JvmOverloads
        public fun entra(tenantId: String, audience: String, rules: Configure<EntraRules> = Configure {}): Issuer =
            of(listOf("entra-v2", "entra-v1"), audience, EntraRules(), rules) { set("tenant_id", tenantId) }

        /** An Entra application that these tenants use. */
        @JvmStatic
        @JvmOverloads
        public fun entraMultiTenant(tenants: List<String>, audience: String, rules: Configure<EntraRules> = Configure {}): Issuer =
            of(listOf("entra-common"), audience, EntraRules(), rules) { set("tenants", tenants) }

        /** GitHub Actions. Without a rule, jobs of every repository on GitHub are accepted. */
        @JvmStatic
        @JvmOverloads
        public fun github(audience: String, rules: Configure<GitHubRules> = Configure {}): Issuer =
            of(listOf("github"), audience, GitHubRules(), rules)

        /** GitLab CI's ID tokens. */
        @JvmStatic
        @JvmOverloads
        public fun gitlab(audience: String, rules: Configure<GitLabRules> = Configure {}): Issuer =
            of(listOf("gitlab"), audience, GitLabRules(), rules)

        /** Projected service account tokens of a cluster. */
        @JvmStatic
        @JvmOverloads
        public fun kubernetes(issuer: String, audience: String, rules: Configure<KubernetesRules> = Configure {}): Issuer =
            of(listOf("kubernetes"), audience, KubernetesRules(), rules) { set("issuer", issuer) }

        /** Google's ID tokens: of every account, or of the named ones. */
        @JvmStatic
        @JvmOverloads
        public fun google(audience: String, rules: Configure<GoogleRules> = Configure {}): Issuer =
            of(listOf("google"), audience, GoogleRules(), rules)

        /** JWT-SVIDs of a SPIFFE trust domain. `jwksUri` or `keys` must name the trust bundle. */
        @JvmStatic
        public fun spiffe(trustDomain: String, audience: String, rules: Configure<IssuerRules>): Issuer =
            of(listOf("spiffe-jwt-svid"), audience, IssuerRules(), rules) { set("trust_domain", trustDomain) }

        /** Any OpenID Connect issuer. Its keys are found by discovery, unless a rule names them. */
        @JvmStatic
        @JvmOverloads
        public fun oidc(issuer: String, audience: String, rules: Configure<IssuerRules> = Configure {}): Issuer =
            of(listOf("generic-oidc"), audience, IssuerRules(), rules) { set("issuer", issuer) }

        /** An issuer by the name of its profile (`docs/profiles.md`); `set` gives the members that the profile needs. */
        @JvmStatic
        public fun ofProfile(profile: String, audience: String, rules: Configure<IssuerRules>): Issuer =
            of(listOf(profile), audience, IssuerRules(), rules)
    }
}
