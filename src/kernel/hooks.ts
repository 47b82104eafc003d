/** What a network has posted to the program. */
export interface HookCall {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** What was posted, read as JSON; undefined where it is none. */
  readonly body: unknown
  /** The same as it came, for who judges its signature. */
  readonly text: string
}

/** An answer with content, which is JSON. */
export interface HookAnswer {
  readonly status: number
  readonly body: object
}

/** Where a network calls the program, and what answers it. */
export interface Hook {
  /** The name under which the world knows this machine there, as a proxy may hand it on. */
  readonly host: string
  /** The answer, or its HTTP status alone. Where it rejects, the network is to call again. */
  answer(call: HookCall): Promise<number | HookAnswer>
}

/** The addresses `/hooks/<network>` of the program's server; each is there while its network is connected. */
export class Hooks {
  readonly #hooks = new Map<string, Hook>()

  find(network: string): Hook | undefined {
    return this.#hooks.get(network)
  }

  /** Answers calls with `hook`, in the place of an earlier one, until what is returned is called. */
  open(network: string, hook: Hook): () => void {
    this.#hooks.set(network, hook)
    return () => {
      if (this.#hooks.get(network) === hook) this.#hooks.delete(network)
    }
  }
}
