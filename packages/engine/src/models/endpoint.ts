/** A service that models are called at. */
export interface Endpoint {
  /** Such as `https://api.openai.com/v1`. Set by the operator, so it may be a local one. */
  readonly baseUrl: string;
  /** Absent: no key is sent; only for `compatible`. */
  readonly apiKey?: string;
  /**
   * Which API it speaks. `openai` knows OpenAI's own models: which of them want `max_completion_tokens`, refuse a temperature, call the
   * system prompt `developer`, answer on the Responses API alone. `compatible`, the default, sends plain chat completions, as Ollama,
   * vLLM and most others take them.
   */
  readonly dialect?: Dialect;
}

export type Dialect = "openai" | "anthropic" | "google" | "openrouter" | "compatible";

export type Endpoints = { readonly [provider: string]: Endpoint };
