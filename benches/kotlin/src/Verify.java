package io.github.workloadidentity.benches;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import com.auth0.jwt.interfaces.JWTVerifier;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.github.workloadidentity.TokenVerifier;
import java.util.Date;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** An RS256 token with a key of 2048 bits: signature, issuer, audience, times; then its subject is read. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Verify {
    private static final String ISSUER = "https://issuer.example";
    private static final String AUDIENCE = "api://mine";

    private String token;
    private TokenVerifier ours;
    private DefaultJWTProcessor<SecurityContext> nimbus;
    private JWTVerifier auth0;

    @Setup
    public void setUp() throws Exception {
        RSAKey key = new RSAKeyGenerator(2048).keyID("k1").algorithm(JWSAlgorithm.RS256).generate();
        var now = System.currentTimeMillis();
        var claims = new JWTClaimsSet.Builder()
            .issuer(ISSUER)
            .audience(AUDIENCE)
            .subject("system:serviceaccount:default:app")
            .issueTime(new Date(now))
            .notBeforeTime(new Date(now))
            .expirationTime(new Date(now + 86_400_000))
            .jwtID("3f1c2a7e-6f0e-4a55-8a0e-0d6f5b1f3a11")
            .build();
        var jwt = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("k1").build(), claims);
        jwt.sign(new RSASSASigner(key));
        token = jwt.serialize();
        var keys = new JWKSet(key.toPublicJWK());

        ours = TokenVerifier.oidc(ISSUER, AUDIENCE, rules -> rules.keys(keys.toString()));
        nimbus = new DefaultJWTProcessor<>();
        nimbus.setJWSKeySelector(new JWSVerificationKeySelector<>(JWSAlgorithm.RS256, new ImmutableJWKSet<>(keys)));
        nimbus.setJWTClaimsSetVerifier(new DefaultJWTClaimsVerifier<>(
            AUDIENCE, new JWTClaimsSet.Builder().issuer(ISSUER).build(), Set.of("sub", "exp")));
        auth0 = JWT.require(Algorithm.RSA256(key.toRSAPublicKey())).withIssuer(ISSUER).withAudience(AUDIENCE).build();
    }

    @Benchmark
    public String ours() {
        return ours.verifyBlocking(token).getSubject();
    }

    @Benchmark
    public String nimbus() throws Exception {
        return nimbus.process(token, null).getSubject();
    }

    @Benchmark
    public String javaJwt() {
        return auth0.verify(token).getSubject();
    }

    public static void main(String[] arguments) throws Exception {
        var rows = new Rows(Verify.class);
        rows.print("kotlin verify RS256", "ours", "nimbus-jose-jwt", "nimbus", 1.5);
        rows.print("kotlin verify RS256", "ours", "java-jwt", "javaJwt", 1.2);
    }
}
