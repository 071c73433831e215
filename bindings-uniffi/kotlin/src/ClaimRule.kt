package io.github.workloadidentity

import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.jsonOfPlain
import io.github.workloadidentity.internal.objectOf
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/** A rule for one claim, made by the methods of [claim]. The core checks it after the signature. */
public class ClaimRule internal constructor(private val claim: String, private val kind: String, private val wanted: JsonElement) {
    internal fun toJson(): JsonObject = objectOf("claim" to jsonOf(claim), kind to wanted)

    override fun toString(): String = "ClaimRule($claim $kind $wanted)"
}

/** A claim by name, from which rules are made. */
public class Claim internal constructor(private val name: String) {
    /** Requires this JSON value; `1` and `"1"` differ. */
    public fun equalTo(value: Any?): ClaimRule = ClaimRule(name, "equals", jsonOfPlain(value))

    /** Requires one of these JSON values. */
    public fun oneOf(vararg values: Any?): ClaimRule = ClaimRule(name, "one_of", jsonOfPlain(values.asList()))

    /** Requires a text that matches: `*` is any run of characters, `?` one character, a backslash escapes. */
    public fun glob(pattern: String): ClaimRule = ClaimRule(name, "glob", jsonOf(pattern))

    /** Requires the claim. */
    public fun present(): ClaimRule = ClaimRule(name, "present", JsonPrimitive(true))

    /** Forbids the claim. */
    public fun absent(): ClaimRule = ClaimRule(name, "present", JsonPrimitive(false))
}

/**
 * Starts a rule for a claim, named directly or, with a leading `/`, by a JSON pointer (RFC 6901).
 *
 * ```kotlin
 * claim("ref").glob("refs/tags/v*")
 * claim("/kubernetes.io/namespace").equalTo("shop")
 * ```
 */
public fun claim(name: String): Claim = Claim(name)
