package io.github.workloadidentity.tests

import io.github.workloadidentity.WorkloadIdentity
import io.github.workloadidentity.WorkloadIdentityException
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.util.zip.ZipFile
import java.util.zip.ZipOutputStream

/** A program that reports why the package cannot be used. */
object PlatformReport {
    @JvmStatic
    fun main(arguments: Array<String>) {
        try {
            WorkloadIdentity.fromEnvironment()
        } catch (error: WorkloadIdentityException) {
            println("${error.javaClass.simpleName} ${error.code} ${error.message}")
        }
    }
}

class PackageTest {
    private val jar = File(WorkloadIdentity::class.java.protectionDomain.codeSource.location.toURI())

    @Test
    fun `the jar has the library of one platform and at most 4 MB`() {
        assertTrue(jar.name.endsWith(".jar"), jar.path)
        assertTrue(jar.length() <= 4_000_000, "${jar.length()} bytes")
        val libraries = ZipFile(jar).use { zip -> zip.entries().asSequence().map { it.name }.filter { "workload_identity_native" in it }.toList() }
        assertEquals(1, libraries.size, "$libraries")
    }

    @Test
    fun `a jar without the library of this platform names the platform`(@TempDir folder: File) {
        val stripped = File(folder, "stripped.jar")
        ZipFile(jar).use { zip ->
            ZipOutputStream(stripped.outputStream()).use { copy ->
                for (entry in zip.entries().asSequence().filterNot { "workload_identity_native" in it.name }) {
                    copy.putNextEntry(java.util.zip.ZipEntry(entry.name))
                    zip.getInputStream(entry).use { it.copyTo(copy) }
                }
            }
        }
        val classPath = testClassPath.replace(jar.path, stripped.path)
        // JNA looks in the folders of this variable first.
        val (status, text) = runJava(classPath, listOf(PlatformReport::class.java.name), mapOf("LD_LIBRARY_PATH" to ""))
        assertEquals(0, status, text)
        assertTrue("ConfigurationException config_invalid" in text && com.sun.jna.Platform.RESOURCE_PREFIX in text, text)
    }
}
