import type { ChatBatch, ChatRun } from '../../bot/chat-run.ts'
import { Problem } from '../../kernel/problem.ts'
import type { ChatLedger } from '../money/chat-ledger.ts'
import { LineReader } from '../runs/line-reader.ts'
import { prepareFolder } from '../runs/run-folder.ts'
import type { AgentEvent, Outcome, RunOrder, Runtime } from '../runtime.ts'
import { ChatAccount, type ChatAccountParts } from './chat-account.ts'
import type { ChatSession, ChatSessions } from './chat-sessions.ts'
import type { ChatTools } from './chat-tools.ts'
import { type HostedAnswerParts, runHosted } from './hosted-answer.ts'
import type { News } from './news.ts'
import { Paragraphs } from './paragraphs.ts'
import { turnPrompt } from './turn-prompt.ts'

export interface AgentChatRunParts extends HostedAnswerParts, ChatAccountParts {
  readonly runtime: Runtime
  readonly sessions: ChatSessions
  readonly news: News
  readonly tools: ChatTools
  readonly ledger: ChatLedger
  /** Why there is no money left today, to follow a colon; undefined while there is some. */
  readonly spentToday: () => string | undefined
  /** Where the program reaches them. */
  readonly toolsUrl: () => string
  /** The project's own checkout, which it may look into. */
  readonly directory: string
  /** The folder for the files that the program needs, for this session alone. */
  readonly folderOf: (session: string) => string
  /** How the bot is called. */
  readonly name: string
  readonly model?: string
}

/** One call of the program. */
interface Turn {
  readonly batch: ChatBatch
  /** The session that it goes on with. */
  readonly known: ChatSession | undefined
  readonly token: string
  readonly account: ChatAccount
}

/** It looks at the project; what is to be changed is an item's affair. */
const changing = [
  'Edit',
  'MultiEdit',
  'Write',
  'NotebookEdit',
  'Bash(git add:*)',
  'Bash(git commit:*)',
]
const longest = 64_000_000

/**
 * Answers free text with a coding agent: one session of its own for each chat session, resumed with
 * each batch, with this program's commands as its tools.
 */
export class AgentChatRun implements ChatRun {
  readonly #parts: AgentChatRunParts

  constructor(parts: AgentChatRunParts) {
    this.#parts = parts
  }

  async run(
    batch: ChatBatch,
    say: (paragraph: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { tools, spentToday } = this.#parts
    const broke = spentToday()
    if (broke !== undefined)
      throw new Problem(
        'no-money',
        `Only commands are answered now, \`help\` lists them: ${broke}.`,
      )
    const { token, close } = tools.open(batch)
    try {
      let outcome = await this.#paid(batch, token, say, signal)
      // The next account may pay, or it is known until when none does.
      while (!signal.aborted && (outcome.kind === 'limited' || outcome.kind === 'refused'))
        outcome = await this.#paid({ ...batch, interrupted: true }, token, say, signal)
      if (!signal.aborted && outcome.kind !== 'completed') throw problemOf(outcome)
    } finally {
      close()
    }
  }

  /** The answer that the first account which may be used pays. */
  async #paid(
    batch: ChatBatch,
    token: string,
    say: (paragraph: string) => void,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { sessions, runtime } = this.#parts
    let outcome: Outcome = { kind: 'interrupted' }
    const account = await ChatAccount.take(this.#parts, runtime.name, idOf(batch), signal)
    if (!account) return outcome
    try {
      const known = sessions.of(batch.session)
      outcome = await this.#turn({ batch, known, token, account }, say, signal)
      // Its program has lost what was said so far: it begins anew, once.
      if (outcome.kind === 'lost-session' && known && !signal.aborted)
        outcome = await this.#turn({ batch, known: undefined, token, account }, say, signal)
      return outcome
    } finally {
      account.settle(outcome)
    }
  }

  async #turn(turn: Turn, say: (paragraph: string) => void, signal: AbortSignal): Promise<Outcome> {
    const { batch, known, account } = turn
    const { runtime, sessions, news, ledger, clock, model, name, folderOf } = this.#parts
    const told = known?.told ?? news.last
    const bulletin = news.since(told)
    const order = this.#orderOf(turn, turnPrompt(batch, name, known && bulletin))
    const folder = prepareFolder(folderOf(batch.session), runtime.files?.(order) ?? [])
    const money = ledger.begin(known?.agentSession, model)
    const reader = runtime.reader(money.before)
    const lines = new LineReader()
    const paragraphs = new Paragraphs()
    const cut = new AbortController()
    let endedAs: Outcome | undefined
    const take = (event: AgentEvent) => {
      money.observe(event)
      endedAs ??= account.heed(event)
      if (endedAs) cut.abort()
      // Stored at once, so that a turn that is cut off can be gone on with.
      if (event.type === 'session') sessions.keep(batch.session, { agentSession: event.id, told })
      else if (event.type === 'text') paragraphs.push(Buffer.from(`${event.text}\n\n`)).forEach(say)
    }
    const understand = (texts: readonly string[]) =>
      texts.flatMap((text) => reader.line(text)).forEach(take)
    const launch = runtime.launch(order, folder)
    const answer = { launch, longest, hear: (bytes: Uint8Array) => understand(lines.push(bytes)) }
    const either = AbortSignal.any([signal, cut.signal])
    const { code } = await runHosted(this.#parts, answer, either).finally(() => {
      understand(lines.end())
      money.settle()
    })
    if (!signal.aborted) paragraphs.end().forEach(say)
    const outcome = endedAs ?? reader.outcome(code, clock.now())
    const now = sessions.of(batch.session)
    if (outcome.kind === 'completed' && now)
      sessions.keep(batch.session, { ...now, told: bulletin.last })
    return outcome
  }

  #orderOf({ batch, known, token, account }: Turn, prompt: string): RunOrder {
    const { directory, toolsUrl, model } = this.#parts
    return {
      run: idOf(batch),
      directory,
      prompt,
      ...(model !== undefined && { model }),
      ...(known && { session: known.agentSession }),
      ...(account.home !== undefined && { accountHome: account.home }),
      disallowedTools: changing,
      unattended: false,
      tools: { url: toolsUrl(), token },
      facts: { HUSKIES_CHAT_SESSION: batch.session },
    }
  }
}

function idOf({ entry }: ChatBatch): string {
  return `chat-${entry}`
}

function problemOf(outcome: Outcome): Problem {
  const why = 'reason' in outcome ? outcome.reason : 'it was ended from outside'
  return new Problem(
    'chat-failed',
    `I could not finish my answer (${why.trim().replace(/[.]$/, '')}). Say it again, or use the commands: \`help\` lists them.`,
  )
}
