/** What a network has posted to the program. */
export interface HookCall {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: unknown
}

/** Where a network calls the program, and what answers it. */
export interface Hook {
  /** The name under which the world knows this machine there, as a proxy may hand it on. */
  readonly host: string
  /** The HTTP status of the answer. Where it rejects, the network is to call again. */
  answer(call: HookCall): Promise<number>
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
