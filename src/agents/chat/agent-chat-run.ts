import type { ChatBatch, ChatRun } from '../../bot/chat-run.ts'
import { Problem } from '../../kernel/problem.ts'
import { LineReader } from '../line-reader.ts'
import type { ChatLedger } from '../money/chat-ledger.ts'
import { prepareFolder } from '../run-folder.ts'
import type { AgentEvent, Outcome, RunOrder, Runtime } from '../runtime.ts'
import type { ChatSession, ChatSessions } from './chat-sessions.ts'
import type { ChatTools } from './chat-tools.ts'
import { type HostedAnswerParts, runHosted } from './hosted-answer.ts'
import type { News } from './news.ts'
import { Paragraphs } from './paragraphs.ts'
import { turnPrompt } from './turn-prompt.ts'

export interface AgentChatRunParts extends HostedAnswerParts {
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
    const { sessions, tools, spentToday } = this.#parts
    const broke = spentToday()
    if (broke !== undefined)
      throw new Problem(
        'no-money',
        `Only commands are answered now, \`help\` lists them: ${broke}.`,
      )
    const { token, close } = tools.open(batch)
    try {
      const known = sessions.of(batch.session)
      let outcome = await this.#turn(batch, known, token, say, signal)
      // Its program has lost what was said so far: it begins anew, once.
      if (outcome.kind === 'lost-session' && known && !signal.aborted)
        outcome = await this.#turn(batch, undefined, token, say, signal)
      if (!signal.aborted && outcome.kind !== 'completed') throw problemOf(outcome)
    } finally {
      close()
    }
  }

  async #turn(
    batch: ChatBatch,
    known: ChatSession | undefined,
    token: string,
    say: (paragraph: string) => void,
    signal: AbortSignal,
  ): Promise<Outcome> {
    if (signal.aborted) return { kind: 'interrupted' }
    const { runtime, sessions, news, ledger, clock, model, name, folderOf } = this.#parts
    const told = known?.told ?? news.last
    const bulletin = news.since(told)
    const order = this.#orderOf(batch, known, token, turnPrompt(batch, name, known && bulletin))
    const folder = prepareFolder(folderOf(batch.session), runtime.files?.(order) ?? [])
    const turn = ledger.begin(known?.agentSession, model)
    const reader = runtime.reader(turn.before)
    const lines = new LineReader()
    const paragraphs = new Paragraphs()
    const take = (event: AgentEvent) => {
      turn.observe(event)
      // Stored at once, so that a turn that is cut off can be gone on with.
      if (event.type === 'session') sessions.keep(batch.session, { agentSession: event.id, told })
      else if (event.type === 'text') paragraphs.push(Buffer.from(`${event.text}\n\n`)).forEach(say)
    }
    const hear = (bytes: Uint8Array) =>
      lines
        .push(bytes)
        .flatMap((line) => reader.line(line))
        .forEach(take)
    const launch = runtime.launch(order, folder)
    const end = () =>
      lines
        .end()
        .flatMap((line) => reader.line(line))
        .forEach(take)
    const { code } = await runHosted(this.#parts, { launch, longest, hear }, signal).finally(() => {
      end()
      turn.settle()
    })
    if (!signal.aborted) paragraphs.end().forEach(say)
    const outcome = reader.outcome(code, clock.now())
    const now = sessions.of(batch.session)
    if (outcome.kind === 'completed' && now)
      sessions.keep(batch.session, { ...now, told: bulletin.last })
    return outcome
  }

  #orderOf(
    { session, entry }: ChatBatch,
    known: ChatSession | undefined,
    token: string,
    prompt: string,
  ): RunOrder {
    const { directory, toolsUrl, model } = this.#parts
    return {
      run: `chat-${entry}`,
      directory,
      prompt,
      ...(model !== undefined && { model }),
      ...(known && { session: known.agentSession }),
      disallowedTools: changing,
      unattended: false,
      tools: { url: toolsUrl(), token },
      facts: { HUSKIES_CHAT_SESSION: session },
    }
  }
}

function problemOf(outcome: Outcome): Problem {
  const why = 'reason' in outcome ? outcome.reason : 'it was ended from outside'
  return new Problem(
    'chat-failed',
    `I could not finish my answer (${why.trim().replace(/[.]$/, '')}). Say it again, or use the commands: \`help\` lists them.`,
  )
}
