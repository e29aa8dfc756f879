// What the official SDK throws: `errors.mjs URL CASES`, the cases as JSON (see `test_errors.py`).

import OpenAI from "openai";
import { run } from "./cases.mjs";

const [url, given] = process.argv.slice(2);

function thrown({ method, path, body, key }) {
  return async () => {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key ?? "unused", maxRetries: 0 });
    const headers = key === null ? { Authorization: null } : {};
    try {
      await (method === "GET" ? client.get(path, { headers }) : client.post(path, { body, headers }));
    } catch (error) {
      const name = error.constructor.name === "APIError" ? "APIStatusError" : error.constructor.name;
      const { status, type, code, param, requestID } = error;
      return { class: name, status, type, code, param, request_id: requestID, message: error.error.message };
    }
    return "nothing was thrown";
  };
}

await run(Object.fromEntries(Object.entries(JSON.parse(given)).map(([name, one]) => [name, thrown(one)])));
