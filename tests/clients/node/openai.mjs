// Calls of the official SDK: `openai.mjs URL`.

import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";
import { collect, run } from "./cases.mjs";

const url = process.argv[2];
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "anything", maxRetries: 0 });
const model = "gpt-4o-mini";
const ask = (content) => [{ role: "user", content }];
const tools = [
  {
    type: "function",
    function: {
      name: "get_weather",
      description: "Get the current weather of a city.",
      parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    },
  },
];
const weather = ask("What is the weather in Paris today?");

await run({
  async chat() {
    const answer = await client.chat.completions.create({ model, messages: ask("hello") });
    return { answer, request_id: answer._request_id };
  },

  async stream() {
    const options = { model, messages: ask("hello"), stream: true, stream_options: { include_usage: true } };
    return collect(await client.chat.completions.create(options));
  },

  async stream_helper() {
    const stream = client.chat.completions.stream({ model, messages: weather, tools });
    return (await stream.finalChatCompletion()).choices[0];
  },

  async aborted() {
    const stream = await client.chat.completions.create({ model, messages: ask("slow"), stream: true });
    const chunks = [];
    for await (const chunk of stream) {
      chunks.push(chunk);
      if (chunks.length === 3) stream.controller.abort();
    }
    const after = await client.chat.completions.create({ model, messages: ask("hello") });
    return { chunks: chunks.length, after: after.choices[0].message.content };
  },

  async tool() {
    const called = (await client.chat.completions.create({ model, messages: weather, tools })).choices[0];
    const result = { role: "tool", tool_call_id: called.message.tool_calls[0].id, content: "18 degrees" };
    const messages = [...weather, called.message, result];
    return { called, last: (await client.chat.completions.create({ model, messages, tools })).choices[0] };
  },

  async tool_runner() {
    const asked = [];
    const get_weather = ({ city }) => (asked.push(city), "18 degrees");
    const [{ function: described }] = tools;
    const runner = client.chat.completions.runTools({
      model,
      messages: weather,
      tools: [{ type: "function", function: { ...described, function: get_weather, parse: JSON.parse } }],
    });
    return { content: await runner.finalContent(), asked };
  },

  async structured() {
    const event = z.object({ name: z.string(), guests: z.array(z.string()), seats: z.number().int() });
    const response_format = zodResponseFormat(event, "event");
    const answer = await client.chat.completions.parse({ model, messages: ask("Invent a party."), response_format });
    return answer.choices[0].message.parsed;
  },

  async completion() {
    return client.completions.create({ model: "gpt-3.5-turbo-instruct", prompt: "count" });
  },

  async completion_stream() {
    return collect(
      await client.completions.create({ model: "gpt-3.5-turbo-instruct", prompt: "count", stream: true }),
    );
  },

  async models() {
    return { list: await collect(client.models.list()), slash: await client.models.retrieve("meta-llama/Llama-3.3-70B") };
  },

  async embedding() {
    const asked = { model: "text-embedding-3-small", input: ["red apples", "green pears"] };
    const packed = await client.embeddings.create(asked);
    const floats = await client.embeddings.create({ ...asked, encoding_format: "float" });
    const pairs = packed.data[0].embedding.map((one, index) => Math.abs(one - floats.data[0].embedding[index]));
    return {
      sizes: packed.data.map((item) => item.embedding.length),
      length: Math.hypot(...packed.data[0].embedding),
      base64_to_float: Math.max(...pairs),
    };
  },
});
