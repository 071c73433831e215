package io.github.workloadidentity

import io.github.workloadidentity.internal.json
import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.jsonOfPlain
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/** Rules that every kind of issuer has. A method that is not called leaves the default. */
public open class IssuerRules internal constructor() {
    private val members = LinkedHashMap<String, JsonElement>()
    private val claims = ArrayList<ClaimRule>()
    private var keysText: String? = null

    /** The JWK Set itself, as JSON; no keys are fetched then. */
    public fun keys(jwks: String) {
        json(jwks, "the keys of an issuer are not JSON")
        keysText = jwks
    }

    /** Fixed address of the key set. */
    public fun jwksUri(url: String): Unit = set("jwks_uri", url)

    /** Address of the discovery document, if it is not the issuer's own. */
    public fun discovery(url: String): Unit = set("discovery", url)

    /** Narrower than the signature algorithms of the kind of issuer. */
    public fun algorithms(vararg names: String): Unit = setAll("algorithms", names)

    /** `aud` must name no other party. */
    public fun soleAudience(): Unit = set("sole_audience", true)

    /** The token must have `iat`, and its age is at most this. */
    public fun maxAgeSeconds(seconds: Int): Unit = set("max_age_seconds", seconds)

    /** Claims that must be present: names or JSON pointers. */
    public fun require(vararg names: String): Unit = setAll("require", names)

    /** Rules for claims, made by [claim]. */
    public fun claims(vararg rules: ClaimRule) {
        claims += rules
    }

    /** Accepted values of `azp`, `appid` or `client_id`. */
    public fun authorizedParties(vararg ids: String): Unit = setAll("authorized_parties", ids)

    /** The token must have at least one of these `roles`. */
    public fun roles(vararg names: String): Unit = setAll("roles", names)

    /** The token must have at least one of these in `scp` or `scope`. */
    public fun scopes(vararg names: String): Unit = setAll("scopes", names)

    /** Sets a member of the core's configuration (`docs/protocol.md`, section 8) by its name there. */
    public fun set(member: String, value: Any?) {
        members[member] = jsonOfPlain(value)
    }

    internal fun setAll(member: String, values: Array<out String>) {
        members[member] = JsonArray(values.map(::jsonOf))
    }

    /** Requires one of these values of a claim. */
    internal fun wanted(name: String, values: Array<out String>) {
        claims += if (values.size == 1) claim(name).equalTo(values[0]) else claim(name).oneOf(*values)
    }

    /** The entry of `issuers`. The text of the keys is inserted unchanged, so that the core detects e.g. duplicate members. */
    internal fun entry(profile: String): String {
        val all = LinkedHashMap<String, JsonElement>()
        all["profile"] = JsonPrimitive(profile)
        all += members
        if (claims.isNotEmpty()) all["claims"] = JsonArray(claims.map(ClaimRule::toJson))
        val text = JsonObject(all).toString()
        return keysText?.let { "${text.dropLast(1)},\"keys\":$it}" } ?: text
    }
}

/** Rules for tokens of Entra. */
public class EntraRules internal constructor() : IssuerRules() {
    /** `public`, `usgov`, `china` or a login host. */
    public fun cloud(name: String): Unit = set("cloud", name)

    /** Who issues the tokens where that is no cloud of Entra: the address of an emulator. */
    public fun authorityHost(url: String): Unit = set("authority_host", url)

    /** Id of an application with signing keys of its own. */
    public fun appId(id: String): Unit = set("app_id", id)

    /** The token must have been issued to an application, not to a user (`idtyp`). */
    public fun appOnly(): Unit = set("app_only", true)
}

/** Rules for tokens of GitHub Actions. */
public class GitHubRules internal constructor() : IssuerRules() {
    /** `octo/app`, or several. */
    public fun repository(vararg names: String): Unit = wanted("repository", names)

    /** Organisation or user, or several. */
    public fun repositoryOwner(vararg names: String): Unit = wanted("repository_owner", names)

    /** Git reference such as `refs/heads/main`, or several. */
    public fun ref(vararg names: String): Unit = wanted("ref", names)

    /** Deployment environment, or several. */
    public fun environment(vararg names: String): Unit = wanted("environment", names)

    /** Reusable workflow, or several. */
    public fun jobWorkflowRef(vararg names: String): Unit = wanted("job_workflow_ref", names)

    /** Pattern of `sub`, e.g. `repo:octo/app:*`. */
    public fun subject(pattern: String): Unit = claims(claim("sub").glob(pattern))

    /** The issuer URL of an enterprise. */
    public fun issuer(url: String): Unit = set("issuer", url)
}

/** Rules for ID tokens of GitLab CI. */
public class GitLabRules internal constructor() : IssuerRules() {
    public fun projectPath(vararg paths: String): Unit = wanted("project_path", paths)

    public fun namespacePath(vararg paths: String): Unit = wanted("namespace_path", paths)

    /** Git reference, or several. */
    public fun ref(vararg names: String): Unit = wanted("ref", names)

    public fun environment(vararg names: String): Unit = wanted("environment", names)

    /** Pattern of `sub`. */
    public fun subject(pattern: String): Unit = claims(claim("sub").glob(pattern))

    /** The URL of a self-managed instance. */
    public fun issuer(url: String): Unit = set("issuer", url)
}

/** Rules for service account tokens of Kubernetes. */
public class KubernetesRules internal constructor() : IssuerRules() {
    public fun namespace(vararg names: String): Unit = wanted("/kubernetes.io/namespace", names)

    public fun serviceAccount(vararg names: String): Unit = wanted("/kubernetes.io/serviceaccount/name", names)
}

/** Rules for ID tokens of Google. */
public class GoogleRules internal constructor() : IssuerRules() {
    /** Addresses, which Google must have verified. */
    public fun email(vararg addresses: String) {
        wanted("email", addresses)
        claims(claim("email_verified").equalTo(true))
    }

    /** Pattern of `sub`. */
    public fun subject(pattern: String): Unit = claims(claim("sub").glob(pattern))
}
