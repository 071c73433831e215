import io.github.workloadidentity.Authority;
import io.github.workloadidentity.Callback;
import io.github.workloadidentity.HttpClientTransport;
import io.github.workloadidentity.TokenFile;
import io.github.workloadidentity.TokenRequest;
import io.github.workloadidentity.TokenSource;
import io.github.workloadidentity.WorkloadIdentity;
import io.github.workloadidentity.WorkloadIdentityException;
import java.io.FileInputStream;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import kotlinx.serialization.json.Json;
import kotlinx.serialization.json.JsonArray;
import kotlinx.serialization.json.JsonElement;
import kotlinx.serialization.json.JsonElementKt;
import kotlinx.serialization.json.JsonNull;
import kotlinx.serialization.json.JsonObject;
import kotlinx.serialization.json.JsonPrimitive;

/**
 * Gets one token with our Java package. Standard input and output are those of workload_python.py; the only argument is a file
 * with certificate authorities.
 */
class WorkloadJava {
    public static void main(String[] arguments) throws Exception {
        var input = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        var job = (JsonObject) Json.Default.parseToJsonElement(input);
        var options = (JsonObject) job.get("options");
        var token = text(job, "assertion");
        TokenSource source = text(job, "token_file") == null ? Callback.blocking(request -> token) : new TokenFile(text(job, "token_file"));
        var client = HttpClient.newBuilder().sslContext(trusting(arguments[0])).build();
        Map<String, JsonElement> outcome = new LinkedHashMap<>();
        try (var identity = new WorkloadIdentity(text(options, "tenant_id"), text(options, "client_id"), source, settings -> {
            settings.setAuthorityHost(text(options, "authority_host"));
            if (options.get("authority") instanceof JsonObject authority) {
                settings.setAuthority(new Authority(text(authority, "issuer"), text(authority, "token_endpoint")));
            }
            settings.setTransport(new HttpClientTransport(client));
        })) {
            var cae = "true".equals(String.valueOf(job.get("enable_cae")));
            var answer = identity.getTokenBlocking(new TokenRequest(List.of(text(job, "scope")), text(job, "claims"), null, cae));
            outcome.put("token", json(answer.getToken()));
            outcome.put("expires_in", JsonElementKt.JsonPrimitive(answer.getExpiresOn().getEpochSecond() - Instant.now().getEpochSecond()));
        } catch (WorkloadIdentityException error) {
            outcome.put("error", described(error));
        }
        System.out.print(new JsonObject(outcome));
    }

    private static JsonObject described(WorkloadIdentityException error) {
        Map<String, JsonElement> members = new LinkedHashMap<>();
        members.put("class", json(error.getClass().getSimpleName()));
        members.put("code", json(error.getCode().toString()));
        var service = error.getService();
        List<Integer> numbers = service == null ? List.of() : service.getAadsts();
        members.put("aadsts", new JsonArray(numbers.stream().map(JsonElementKt::JsonPrimitive).toList()));
        if (service != null) members.put("http_status", JsonElementKt.JsonPrimitive(service.getHttpStatus()));
        var presented = error.getPresented();
        if (presented != null) {
            Map<String, JsonElement> identifiers = new LinkedHashMap<>();
            identifiers.put("issuer", json(presented.getIssuer()));
            identifiers.put("subject", json(presented.getSubject()));
            identifiers.put("audience", new JsonArray(presented.getAudience().stream().map(WorkloadJava::json).toList()));
            members.put("presented", new JsonObject(identifiers));
        }
        members.put("text", json(error.toString()));
        return new JsonObject(members);
    }

    private static JsonPrimitive json(String text) {
        return JsonElementKt.JsonPrimitive(text);
    }

    private static String text(JsonObject object, String name) {
        return object.get(name) instanceof JsonPrimitive value && !(value instanceof JsonNull) ? value.getContent() : null;
    }

    private static SSLContext trusting(String authorities) throws Exception {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null);
        try (var file = new FileInputStream(authorities)) {
            for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(file)) {
                store.setCertificateEntry(String.valueOf(store.size()), certificate);
            }
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
