import { Postponed } from '../../bot/chat-run.ts'
import { type Clock, pause } from '../../kernel/clock.ts'
import { Problem } from '../../kernel/problem.ts'
import type { Store } from '../../store/store.ts'
import type { Accounts } from '../accounts/accounts.ts'
import { heed } from '../accounts/heed.ts'
import type { AgentEvent, Outcome } from '../runtime.ts'

export interface ChatAccountParts {
  readonly store: Pick<Store, 'transaction'>
  readonly clock: Clock
  readonly accounts: Pick<Accounts, 'choose' | 'homeOf' | 'answering' | 'answered' | 'ended'>
  /** Whether an answer may go on when its account's paid overage is in use. */
  readonly mayOverrun: boolean
}

/** How soon it is looked again whether an account that somebody tries is free. */
const lookAgainMs = 500

/** The account that pays one answer in the chat, as the accounts of the agents' runs are minded. */
export class ChatAccount {
  readonly #parts: ChatAccountParts
  readonly #answer: { readonly id: string; readonly account: string }

  /**
   * Takes an account for the answer of this id; waits while another tries it. Throws `Postponed` when
   * all are at their limit, and `Problem` when none is accepted. Undefined when `signal` is aborted.
   */
  static async take(
    parts: ChatAccountParts,
    runtime: string,
    id: string,
    signal: AbortSignal,
  ): Promise<ChatAccount | undefined> {
    while (!signal.aborted) {
      const choice = parts.accounts.choose({ runtime })
      if (choice.kind === 'account') return new ChatAccount(parts, { id, account: choice.account })
      const reason = choice.reason.charAt(0).toUpperCase() + choice.reason.slice(1)
      if (choice.until !== undefined)
        throw new Postponed(
          `${reason}; I answer then. Commands work meanwhile: \`stop\` calls my answer off, \`resume\` has it tried now.`,
          choice.until,
        )
      if (!choice.tried) throw new Problem('no-account', `${reason}.`)
      await pause(parts.clock, lookAgainMs, signal)
    }
    return undefined
  }

  private constructor(parts: ChatAccountParts, answer: { id: string; account: string }) {
    this.#parts = parts
    this.#answer = answer
    parts.store.transaction(() => parts.accounts.answering(answer))
  }

  /** Its configuration folder; undefined for the machine's own login. */
  get home(): string | undefined {
    return this.#parts.accounts.homeOf(this.#answer.account)
  }

  /** As what the answer must be ended now, because of what its program has told of the account. */
  heed(event: AgentEvent): Outcome | undefined {
    const { accounts, mayOverrun, clock } = this.#parts
    if (event.type === 'turn') accounts.answered(this.#answer)
    const consequence = heed(event, mayOverrun, clock.now())
    return consequence?.kind === 'stop' ? consequence.outcome : undefined
  }

  /** The answer is over; an account at its limit is parked. */
  settle(outcome: Outcome): void {
    const { store, accounts } = this.#parts
    store.transaction(() => accounts.ended({ ...this.#answer, outcome }))
  }
}
