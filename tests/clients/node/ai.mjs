// Calls of the AI SDK with its provider for servers of this format: `ai.mjs URL`.

import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embed, embedMany, generateObject, generateText, stepCountIs, streamObject, streamText, tool } from "ai";
import { z } from "zod";
import { collect, run } from "./cases.mjs";

const url = process.argv[2];
const options = { name: "mock", baseURL: `${url}/v1`, apiKey: "anything", includeUsage: true };
const provider = createOpenAICompatible({ ...options, supportsStructuredOutputs: true });
const model = provider("gpt-4o-mini");
const quiet = { maxRetries: 0 };
const event = z.object({ name: z.string(), guests: z.array(z.string()), seats: z.number().int() });

function weather(asked) {
  return {
    get_weather: tool({
      description: "Get the current weather of a city.",
      inputSchema: z.object({ city: z.string() }),
      execute: async ({ city }) => (asked.push(city), "18 degrees"),
    }),
  };
}

const agent = (asked) => ({
  ...quiet,
  model,
  prompt: "What is the weather in Paris today?",
  tools: weather(asked),
  stopWhen: stepCountIs(4),
});

await run({
  async text() {
    const { text, finishReason, usage } = await generateText({ ...quiet, model, prompt: "hello" });
    return { text, finishReason, tokens: usage.outputTokens };
  },

  async stream() {
    const result = streamText({ ...quiet, model, prompt: "hello" });
    const pieces = await collect(result.textStream);
    return { pieces, finishReason: await result.finishReason, tokens: (await result.usage).outputTokens };
  },

  async reasoning() {
    const { text, reasoningText } = await generateText({ ...quiet, model, prompt: "think" });
    return { text, reasoningText };
  },

  async tool() {
    const asked = [];
    const { text, steps } = await generateText(agent(asked));
    return { text, asked, steps: steps.length };
  },

  async tool_streamed() {
    const asked = [];
    const result = streamText(agent(asked));
    const pieces = await collect(result.textStream);
    return { text: pieces.join(""), asked, steps: (await result.steps).length };
  },

  async object() {
    return (await generateObject({ ...quiet, model, schema: event, prompt: "Invent a party." })).object;
  },

  async object_streamed() {
    const result = streamObject({ ...quiet, model, schema: event, prompt: "Invent a party." });
    const states = await collect(result.partialObjectStream);
    return { states: states.length, last: await result.object };
  },

  async completion() {
    const old = provider.completionModel("gpt-3.5-turbo-instruct");
    return (await generateText({ ...quiet, model: old, prompt: "count" })).text;
  },

  async embedding() {
    const small = provider.embeddingModel("text-embedding-3-small");
    const one = await embed({ ...quiet, model: small, value: "red apples" });
    const many = await embedMany({ ...quiet, model: small, values: ["red apples", "green pears"] });
    return { sizes: [one, ...many.embeddings.map((embedding) => ({ embedding }))].map((item) => item.embedding.length) };
  },

  async refused() {
    try {
      await generateText({ ...quiet, model, prompt: "hello", temperature: 9 });
    } catch (error) {
      return { name: error.name, status: error.statusCode, error: JSON.parse(error.responseBody).error };
    }
    return "nothing was thrown";
  },
});
