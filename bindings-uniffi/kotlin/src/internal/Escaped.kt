package io.github.workloadidentity.internal

/** A text for logs, terminals and pages: what is not printable ASCII, and `<`, `>`, `&`, as `\u{...}`. */
internal fun escaped(text: String): String {
    val plain = StringBuilder(text.length)
    text.codePoints().forEach { point ->
        val isPlain = point in 0x20..0x7e && point.toChar() !in "<>&"
        if (isPlain) plain.append(point.toChar()) else plain.append("\\u{").append(Integer.toHexString(point)).append('}')
    }
    return plain.toString()
}
