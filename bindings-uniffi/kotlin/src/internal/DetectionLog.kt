package io.github.workloadidentity.internal

import io.github.workloadidentity.detectSources

private val logger = System.getLogger("io.github.workloadidentity")

/** Logs which token source the environment offers and why, and which others it offers, too. */
internal fun logDetected(environment: Map<String, String>, paths: List<String>) {
    if (!logger.isLoggable(System.Logger.Level.DEBUG)) return
    val found = detectSources(environment, paths).filter { it.isDetected }
    val first = found.firstOrNull() ?: return
    logger.log(System.Logger.Level.DEBUG, "token source ${first.name}: ${first.why}")
    for (other in found.drop(1)) {
        logger.log(System.Logger.Level.DEBUG, "token source ${other.name} is not used, ${first.name} comes first: ${other.why}")
    }
}
