// Calls of the official SDK for Go: `clients URL`. Prints what each case got as JSON.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"strings"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

const model = "gpt-4o-mini"

var (
	ctx    = context.Background()
	client openai.Client
)

func ask(text string) openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{
		Model:    model,
		Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(text)},
	}
}

func withTool(text string) openai.ChatCompletionNewParams {
	params := ask(text)
	params.Tools = []openai.ChatCompletionToolUnionParam{
		openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{
			Name:        "get_weather",
			Description: openai.String("Get the current weather of a city."),
			Parameters: openai.FunctionParameters{
				"type":       "object",
				"properties": map[string]any{"city": map[string]any{"type": "string"}},
				"required":   []string{"city"},
			},
		}),
	}
	return params
}

func chat() (any, error) {
	answer, err := client.Chat.Completions.New(ctx, ask("hello"))
	if err != nil {
		return nil, err
	}
	choice := answer.Choices[0]
	return map[string]any{
		"model":  answer.Model,
		"text":   choice.Message.Content,
		"reason": choice.FinishReason,
		"tokens": answer.Usage.CompletionTokens,
	}, nil
}

func accumulated(params openai.ChatCompletionNewParams) (openai.ChatCompletionAccumulator, error) {
	stream := client.Chat.Completions.NewStreaming(ctx, params)
	defer stream.Close()
	whole := openai.ChatCompletionAccumulator{}
	for stream.Next() {
		if !whole.AddChunk(stream.Current()) {
			return whole, errors.New("a chunk did not fit")
		}
	}
	return whole, stream.Err()
}

func chatStream() (any, error) {
	whole, err := accumulated(ask("hello"))
	if err != nil {
		return nil, err
	}
	return map[string]any{"text": whole.Choices[0].Message.Content}, nil
}

func calls(found []openai.ChatCompletionMessageToolCallUnion) any {
	list := []any{}
	for _, call := range found {
		list = append(list, map[string]any{"name": call.Function.Name, "arguments": call.Function.Arguments})
	}
	return list
}

func tool() (any, error) {
	plain, err := client.Chat.Completions.New(ctx, withTool("What is the weather in Paris today?"))
	if err != nil {
		return nil, err
	}
	whole, err := accumulated(withTool("What is the weather in Paris today?"))
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"plain":    calls(plain.Choices[0].Message.ToolCalls),
		"streamed": calls(whole.Choices[0].Message.ToolCalls),
	}, nil
}

func completion() (any, error) {
	params := openai.CompletionNewParams{
		Model:  "gpt-3.5-turbo-instruct",
		Prompt: openai.CompletionNewParamsPromptUnion{OfString: openai.String("count")},
	}
	answer, err := client.Completions.New(ctx, params)
	if err != nil {
		return nil, err
	}
	stream := client.Completions.NewStreaming(ctx, params)
	defer stream.Close()
	var text strings.Builder
	for stream.Next() {
		text.WriteString(stream.Current().Choices[0].Text)
	}
	return map[string]any{"plain": answer.Choices[0].Text, "streamed": text.String()}, stream.Err()
}

func embedding() (any, error) {
	answer, err := client.Embeddings.New(ctx, openai.EmbeddingNewParams{
		Model: "text-embedding-3-small",
		Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{"red apples", "green pears"}},
	})
	if err != nil {
		return nil, err
	}
	sizes, square := []int{}, 0.0
	for _, item := range answer.Data {
		sizes = append(sizes, len(item.Embedding))
	}
	for _, number := range answer.Data[0].Embedding {
		square += number * number
	}
	return map[string]any{"sizes": sizes, "length": math.Sqrt(square)}, nil
}

func models() (any, error) {
	ids := []string{}
	pages := client.Models.ListAutoPaging(ctx)
	for pages.Next() {
		ids = append(ids, pages.Current().ID)
	}
	if err := pages.Err(); err != nil {
		return nil, err
	}
	one, err := client.Models.Get(ctx, "meta-llama/Llama-3.3-70B")
	if err != nil {
		return nil, err
	}
	return map[string]any{"list": ids, "slash": one.ID}, nil
}

func refused() (any, error) {
	params := ask("hello")
	params.Temperature = openai.Float(9)
	_, err := client.Chat.Completions.New(ctx, params)
	var refusal *openai.Error
	if !errors.As(err, &refusal) {
		return "nothing was refused", err
	}
	return map[string]any{
		"status":     refusal.StatusCode,
		"type":       refusal.Type,
		"code":       refusal.Code,
		"param":      refusal.Param,
		"request_id": refusal.Response.Header.Get("x-request-id"),
	}, nil
}

func main() {
	client = openai.NewClient(
		option.WithBaseURL(os.Args[1]+"/v1/"), option.WithAPIKey("anything"), option.WithMaxRetries(0),
	)
	cases := map[string]func() (any, error){
		"chat": chat, "chat_stream": chatStream, "tool": tool, "completion": completion,
		"embedding": embedding, "models": models, "refused": refused,
	}
	found := map[string]any{}
	for name, run := range cases {
		result, err := run()
		if err != nil {
			result = map[string]any{"raised": err.Error()}
		}
		found[name] = result
	}
	if err := json.NewEncoder(os.Stdout).Encode(found); err != nil {
		panic(err)
	}
}
