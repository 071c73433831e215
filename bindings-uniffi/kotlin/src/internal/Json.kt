package io.github.workloadidentity.internal

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

internal fun parseObject(text: String): JsonObject = Json.parseToJsonElement(text) as JsonObject

internal fun JsonObject.text(name: String): String? = (this[name] as? JsonPrimitive)?.takeIf { it.isString }?.content

internal fun JsonObject.long(name: String): Long? = (this[name] as? JsonPrimitive)?.content?.toLongOrNull()

internal fun JsonObject.id(name: String): ULong? = (this[name] as? JsonPrimitive)?.content?.toULongOrNull()

internal fun JsonObject.texts(name: String): List<String> =
    (this[name] as? JsonArray).orEmpty().mapNotNull { (it as? JsonPrimitive)?.content }

internal fun JsonObject.isTrue(name: String): Boolean = (this[name] as? JsonPrimitive)?.content == "true"

internal fun JsonObject.objects(name: String): List<JsonObject> = (this[name] as? JsonArray).orEmpty().map { it as JsonObject }

/** An object without the members that are null. */
internal fun objectOf(vararg members: Pair<String, JsonElement?>): JsonObject =
    JsonObject(buildMap { for ((name, value) in members) if (value != null) put(name, value) })

/** The JSON of a text or of several; null of Java stays null, so that the core reports it. */
internal fun jsonOf(text: String?): JsonPrimitive = JsonPrimitive(text)

internal fun jsonOf(texts: List<String?>): JsonArray = JsonArray(texts.map(::jsonOf))

/** A JSON value as Kotlin has it: text, `Boolean`, `Long`, `BigDecimal`, list, map or null. */
internal fun plain(value: JsonElement): Any? =
    when (value) {
        is JsonObject -> value.mapValues { (_, member) -> plain(member) }
        is JsonArray -> value.map(::plain)
        is JsonNull -> null
        is JsonPrimitive -> when {
            value.isString -> value.content
            value.content == "true" -> true
            value.content == "false" -> false
            else -> value.content.toLongOrNull() ?: value.content.toBigDecimalOrNull() ?: value.content
        }
    }

/** The JSON of a value that [plain] returns, or of a number of another type. */
internal fun jsonOfPlain(value: Any?): JsonElement =
    when (value) {
        null -> JsonNull
        is JsonElement -> value
        is String -> JsonPrimitive(value)
        is Boolean -> JsonPrimitive(value)
        is Number -> JsonPrimitive(value)
        is Iterable<*> -> JsonArray(value.map(::jsonOfPlain))
        is Map<*, *> -> JsonObject(value.entries.associate { (name, member) -> name.toString() to jsonOfPlain(member) })
        else -> throw configurationError("a value of the type ${value.javaClass.simpleName} has no JSON form")
    }

/** JSON as bytes. A surrogate without its other half is written as an escape, so that the core can report it. */
internal fun encoded(json: String): ByteArray {
    if (json.none { it.isSurrogate() }) return json.toByteArray()
    val text = StringBuilder(json.length + 16)
    var at = 0
    while (at < json.length) {
        val first = json[at++]
        val isPair = first.isHighSurrogate() && at < json.length && json[at].isLowSurrogate()
        when {
            isPair -> text.append(first).append(json[at++])
            first.isSurrogate() -> text.append("\\u").append(first.code.toString(16))
            else -> text.append(first)
        }
    }
    return text.toString().toByteArray()
}
