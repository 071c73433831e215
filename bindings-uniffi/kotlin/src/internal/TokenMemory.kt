package io.github.workloadidentity.internal

import com.sun.jna.Memory
import com.sun.jna.Native
import com.sun.jna.Pointer
import io.github.workloadidentity.ffi.TokenBuffer
import java.lang.ref.Reference
import java.util.concurrent.ArrayBlockingQueue

/**
 * A native buffer for a token and its step, with calls whose arguments are numbers only.
 *
 * JNA makes an object with native memory for each structure of a call, which costs more than a verification. The generated
 * functions pass several. These call the same native functions, and pass addresses as numbers.
 */
internal class TokenMemory private constructor() {
    private class HandledBuffer : TokenBuffer(CAPACITY.toUInt()) {
        val rawHandle: Long get() = handle
    }

    private val buffer = HandledBuffer()
    private val memory = Pointer(buffer.address().toLong())

    /** uniffi's call status, 32 bytes; its first byte is 0 as long as no call failed. */
    private val status = Memory(STATUS_BYTES).apply { clear() }
    private val statusAddress = Pointer.nativeValue(status)

    private fun check(verifier: HandledVerifier, token: ByteArray, now: Long): String? {
        if (token.size > CAPACITY) return null
        memory.write(0, token, 0, token.size)
        // The native function takes the handles that it is passed, so each call gets clones.
        val own = Calls.uniffi_workload_identity_native_fn_clone_tokenbuffer(buffer.rawHandle, statusAddress)
        val other = Calls.uniffi_workload_identity_native_fn_clone_verifier(verifier.rawHandle, statusAddress)
        val length = Calls.uniffi_workload_identity_native_fn_method_tokenbuffer_check(own, other, token.size, now, statusAddress)
        Reference.reachabilityFence(verifier)
        if (status.getByte(0) != 0.toByte()) throw IllegalStateException("the native call failed")
        return if (length == 0) null else String(memory.getByteArray(0, length), Charsets.UTF_8)
    }

    @Suppress("FunctionName")
    private object Calls {
        init {
            Native.register(Calls::class.java, "workload_identity_native")
        }

        external fun uniffi_workload_identity_native_fn_clone_tokenbuffer(handle: Long, status: Long): Long

        external fun uniffi_workload_identity_native_fn_clone_verifier(handle: Long, status: Long): Long

        external fun uniffi_workload_identity_native_fn_method_tokenbuffer_check(
            handle: Long,
            verifier: Long,
            length: Int,
            now: Long,
            status: Long,
        ): Int
    }

    companion object {
        /** Enough for a token of the usual limit and its claims. */
        private const val CAPACITY = 32_768
        private const val STATUS_BYTES = 32L

        /** An address is a number of 64 bits. */
        private val isSupported = Native.POINTER_SIZE == Long.SIZE_BYTES

        /** Idle buffers. More are made and dropped when more threads verify at once. */
        private val idle = ArrayBlockingQueue<TokenMemory>(64)

        /** Returns the step of a check, or null if it does not fit. */
        fun check(verifier: HandledVerifier, token: ByteArray, now: Long): String? {
            if (!isSupported) return null
            val memory = idle.poll() ?: TokenMemory()
            return memory.check(verifier, token, now).also { idle.offer(memory) }
        }
    }
}
