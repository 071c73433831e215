package io.github.workloadidentity.internal

import io.github.workloadidentity.ConnectionOptions
import io.github.workloadidentity.FailureKind
import io.github.workloadidentity.TransportFailure
import java.net.Socket
import java.security.KeyStore
import java.security.MessageDigest
import java.security.cert.CertificateException
import java.security.cert.CertificateFactory
import java.security.cert.X509Certificate
import java.util.Base64
import javax.net.ssl.SNIHostName
import javax.net.ssl.SSLContext
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLSocket
import javax.net.ssl.TrustManager
import javax.net.ssl.TrustManagerFactory
import javax.net.ssl.X509ExtendedTrustManager

/** Opens TLS over a connection as the options of a request say. `usual` is for a request without an authority of its own. */
internal fun secured(carrier: Socket, host: String, options: ConnectionOptions, usual: SSLContext): SSLSocket {
    val pin = options.certificateSha1
    val context = when {
        pin != null -> contextOf(arrayOf(PinnedCertificate(pin.lowercase())))
        options.ca != null -> contextOf(trusting(options.ca))
        else -> usual
    }
    val name = options.serverName ?: host
    val socket = context.socketFactory.createSocket(carrier, name, carrier.port, true) as SSLSocket
    socket.sslParameters = socket.sslParameters.apply {
        if (pin == null) endpointIdentificationAlgorithm = "HTTPS"
        // The name for TLS is no address (RFC 6066, section 3).
        if (!isAddress(name)) serverNames = listOf(SNIHostName(name))
    }
    socket.startHandshake()
    return socket
}

private fun isAddress(name: String) = ':' in name || name.all { it.isDigit() || it == '.' }

private fun contextOf(managers: Array<TrustManager>): SSLContext = SSLContext.getInstance("TLS").apply { init(null, managers, null) }

/** Trusts the certificate authorities of a PEM text and no others. */
private fun trusting(pem: String): Array<TrustManager> {
    val store = KeyStore.getInstance(KeyStore.getDefaultType()).apply { load(null) }
    val factory = CertificateFactory.getInstance("X.509")
    try {
        // One at a time, since the factory refuses comments between them.
        for ((index, block) in CERTIFICATE.findAll(pem).withIndex()) {
            val der = Base64.getMimeDecoder().decode(block.groupValues[1])
            store.setCertificateEntry("$index", factory.generateCertificate(der.inputStream()))
        }
    } catch (invalid: CertificateException) {
        throw noCertificate(invalid)
    } catch (invalid: IllegalArgumentException) {
        throw noCertificate(invalid)
    }
    if (store.size() == 0) throw noCertificate(null)
    return TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm()).apply { init(store) }.trustManagers
}

private val CERTIFICATE = Regex("-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----")

private fun noCertificate(cause: Exception?) =
    TransportFailure(FailureKind.TLS, "the certificate authority of this request is not a certificate in PEM form", cause)

/** Accepts one certificate by its SHA-1 thumbprint (lower-case hex), whatever its chain and name. The server must still prove that it has the key. */
private class PinnedCertificate(private val thumbprint: String) : X509ExtendedTrustManager() {
    private fun check(chain: Array<out X509Certificate>) {
        val digest = MessageDigest.getInstance("SHA-1").digest(chain.first().encoded)
        val found = digest.joinToString("") { "%02x".format(it) }
        if (found != thumbprint) {
            throw CertificateException(
                TransportFailure(FailureKind.TLS, "the server's certificate has the SHA-1 thumbprint $found, which is not the expected one"),
            )
        }
    }

    override fun checkServerTrusted(chain: Array<out X509Certificate>, type: String) = check(chain)

    override fun checkServerTrusted(chain: Array<out X509Certificate>, type: String, socket: Socket) = check(chain)

    override fun checkServerTrusted(chain: Array<out X509Certificate>, type: String, engine: SSLEngine) = check(chain)

    override fun checkClientTrusted(chain: Array<out X509Certificate>, type: String) = throw CertificateException("this is a client")

    override fun checkClientTrusted(chain: Array<out X509Certificate>, type: String, socket: Socket) = checkClientTrusted(chain, type)

    override fun checkClientTrusted(chain: Array<out X509Certificate>, type: String, engine: SSLEngine) = checkClientTrusted(chain, type)

    override fun getAcceptedIssuers(): Array<X509Certificate> = emptyArray()
}
