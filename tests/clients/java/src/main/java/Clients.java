import com.fasterxml.jackson.databind.json.JsonMapper;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.embeddings.EmbeddingCreateParams;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** Calls of the official SDK for Java: {@code Clients URL}. Prints what each case got as JSON. */
public final class Clients {
    private static OpenAIClient client;

    private static ChatCompletionCreateParams.Builder ask(String text) {
        return ChatCompletionCreateParams.builder().model("gpt-4o-mini").addUserMessage(text);
    }

    private static ChatCompletionCreateParams withTool() {
        FunctionParameters parameters = FunctionParameters.builder()
                .putAdditionalProperty("type", JsonValue.from("object"))
                .putAdditionalProperty("properties", JsonValue.from(Map.of("city", Map.of("type", "string"))))
                .putAdditionalProperty("required", JsonValue.from(List.of("city")))
                .build();
        FunctionDefinition function = FunctionDefinition.builder()
                .name("get_weather")
                .description("Get the current weather of a city.")
                .parameters(parameters)
                .build();
        return ask("What is the weather in Paris today?").addFunctionTool(function).build();
    }

    private static Object chat() {
        ChatCompletion answer = client.chat().completions().create(ask("hello").build());
        return Map.of(
                "model", answer.model(),
                "text", answer.choices().get(0).message().content().get(),
                "reason", answer.choices().get(0).finishReason().asString(),
                "tokens", answer.usage().get().completionTokens());
    }

    private static ChatCompletion accumulated(ChatCompletionCreateParams params) {
        ChatCompletionAccumulator whole = ChatCompletionAccumulator.create();
        try (StreamResponse<ChatCompletionChunk> stream = client.chat().completions().createStreaming(params)) {
            stream.stream().forEach(whole::accumulate);
        }
        return whole.chatCompletion();
    }

    private static Object chatStream() {
        ChatCompletion whole = accumulated(ask("hello").build());
        return Map.of("text", whole.choices().get(0).message().content().get());
    }

    private static Object calls(ChatCompletion answer) {
        return answer.choices().get(0).message().toolCalls().get().stream()
                .map(call -> call.asFunction().function())
                .map(function -> Map.of("name", function.name(), "arguments", function.arguments()))
                .toList();
    }

    private static Object tool() {
        return Map.of(
                "plain", calls(client.chat().completions().create(withTool())),
                "streamed", calls(accumulated(withTool())));
    }

    private static Object completion() {
        CompletionCreateParams params = CompletionCreateParams.builder()
                .model("gpt-3.5-turbo-instruct")
                .prompt("count")
                .build();
        StringBuilder text = new StringBuilder();
        try (var stream = client.completions().createStreaming(params)) {
            stream.stream().forEach(chunk -> text.append(chunk.choices().get(0).text()));
        }
        String plain = client.completions().create(params).choices().get(0).text();
        return Map.of("plain", plain, "streamed", text.toString());
    }

    private static Object embedding() {
        EmbeddingCreateParams params = EmbeddingCreateParams.builder()
                .model("text-embedding-3-small")
                .inputOfArrayOfStrings(List.of("red apples", "green pears"))
                .build();
        List<List<Float>> vectors = new ArrayList<>();
        client.embeddings().create(params).data().forEach(item -> vectors.add(item.embedding()));
        double square = vectors.get(0).stream().mapToDouble(number -> number * number).sum();
        return Map.of("sizes", vectors.stream().map(List::size).toList(), "length", Math.sqrt(square));
    }

    private static Object models() {
        return Map.of(
                "list", client.models().list().autoPager().stream().map(model -> model.id()).toList(),
                "slash", client.models().retrieve("meta-llama/Llama-3.3-70B").id());
    }

    private static Object refused() {
        try {
            client.chat().completions().create(ask("hello").temperature(9.0).build());
        } catch (BadRequestException error) {
            return Map.of(
                    "status", error.statusCode(),
                    "type", error.type().orElse(""),
                    "code", error.code().orElse(""),
                    "param", error.param().orElse(""),
                    "request_id", error.headers().values("x-request-id").get(0));
        }
        return "nothing was refused";
    }

    public static void main(String[] arguments) throws Exception {
        client = OpenAIOkHttpClient.builder()
                .baseUrl(arguments[0] + "/v1")
                .apiKey("anything")
                .maxRetries(0)
                .build();
        Map<String, Callable<Object>> cases = new LinkedHashMap<>();
        cases.put("chat", Clients::chat);
        cases.put("chat_stream", Clients::chatStream);
        cases.put("tool", Clients::tool);
        cases.put("completion", Clients::completion);
        cases.put("embedding", Clients::embedding);
        cases.put("models", Clients::models);
        cases.put("refused", Clients::refused);
        Map<String, Object> found = new LinkedHashMap<>();
        for (Map.Entry<String, Callable<Object>> entry : cases.entrySet()) {
            try {
                found.put(entry.getKey(), entry.getValue().call());
            } catch (Exception error) {
                found.put(entry.getKey(), Map.of("raised", error.toString()));
            }
        }
        System.out.println(new JsonMapper().writeValueAsString(found));
        System.exit(0); // the client's threads would keep the process for a while
    }
}
