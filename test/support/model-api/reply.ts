/** What a scripted model answers. */
export interface Answer {
  readonly kind: 'answer'
  readonly thinking?: string
  readonly text?: string
  readonly calls: readonly ToolCall[]
  readonly usage: Usage
  /** Sent with the answer: what a service says of the account's limits. */
  readonly headers: Readonly<Record<string, string>>
  /** The answer is held back until then. */
  readonly after?: Promise<unknown>
  /** Sent byte by byte, so that every character is cut in every way. */
  readonly bytewise: boolean
}

/**
 * A tool that the model calls: a command in the program's own shell tool, one by its name, or the
 * search for tools that are not offered at first.
 */
export type ToolCall =
  | { readonly search: string }
  | { readonly command: string }
  | { readonly tool: string; readonly input: Readonly<Record<string, unknown>> }

export interface Usage {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
}

/** What goes wrong instead of an answer. */
export type Obstacle =
  | Refusal
  /** The connection stays open and nothing comes. */
  | { readonly kind: 'hang' }
  /** The connection breaks in the middle of the answer. */
  | { readonly kind: 'break' }

/** The service says no. */
export interface Refusal {
  readonly kind: 'refusal'
  readonly status: number
  readonly message: string
  /** The service's own word for it, where it has one beside the status. */
  readonly type?: string
  /** What it says beside that, in its own words. */
  readonly details?: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>
}
