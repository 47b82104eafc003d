import type { ChatBatch, ChatRun } from '../../bot/chat-run.ts'
import { type Clock, pause } from '../../kernel/clock.ts'
import { Problem } from '../../kernel/problem.ts'
import type { Launch, ProcessHost, ProcessIdentity } from '../../processes/process-host.ts'
import { Paragraphs } from './paragraphs.ts'

export interface CommandChatRunOptions {
  readonly host: ProcessHost
  /** The program and its arguments; a relative program is looked for in `cwd`. */
  readonly command: readonly [string, ...string[]]
  readonly cwd: string
  /** The program's environment, to which the session's variables are added. */
  readonly env: Readonly<Record<string, string>>
  readonly clock: Clock
  /** From 0 up to 1; makes names of runs that were never used before. */
  readonly random: () => number
  /** Ten minutes by default. */
  readonly limitMs?: number
}

/** More than anybody reads in a chat; a program that prints for ever is ended here. */
const longestAnswer = 1_000_000
const firstWaitMs = 5
const longestWaitMs = 100

/**
 * Answers free text with any program: the prompt on its standard input, its standard output said
 * paragraph by paragraph. `HUSKIES_CHAT_SESSION` names the session, so that a program with a memory
 * can go on with it, and `HUSKIES_CHAT_INTERRUPTED` is 1 when an earlier answer was cut off.
 *
 * The program runs in the process host like everything else, so that a crash of ours leaves nothing
 * that cannot be found; the ids of its runs begin with `c_`.
 */
export class CommandChatRun implements ChatRun {
  readonly #options: CommandChatRunOptions

  constructor(options: CommandChatRunOptions) {
    this.#options = options
  }

  async run(
    batch: ChatBatch,
    say: (paragraph: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    if (signal.aborted) return
    const { host, random } = this.#options
    const run = `c_${Math.floor(random() * 2 ** 52).toString(36)}`
    const identity = await host.start(run, this.#launch(batch))
    try {
      await this.#listen(run, identity, say, signal)
    } finally {
      await this.#end(run, identity)
    }
  }

  #launch(batch: ChatBatch): Launch {
    const { command, cwd, env } = this.#options
    const [program, ...args] = command
    const facts = {
      HUSKIES_CHAT_SESSION: batch.session,
      HUSKIES_CHAT_INTERRUPTED: batch.interrupted ? '1' : '0',
    }
    const stdin = `${batch.text}\n`
    return { command: program, args, cwd, env: { ...env, ...facts }, stdin, errorsApart: true }
  }

  async #listen(
    run: string,
    identity: ProcessIdentity,
    say: (paragraph: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { host, clock, limitMs = 600_000 } = this.#options
    const deadline = clock.now() + limitMs
    const paragraphs = new Paragraphs()
    let offset = 0
    let waitMs = firstWaitMs
    let problem: Problem | undefined
    while (!signal.aborted && !problem) {
      // Asked before reading: what is over has written all of its output.
      const over = !host.isAlive(identity)
      const chunk = host.read(run, offset)
      for (const paragraph of paragraphs.push(chunk.bytes)) say(paragraph)
      const quiet = chunk.offset === offset
      offset = chunk.offset
      if (over && quiet) break
      if (offset > longestAnswer) problem = tooLong()
      else if (clock.now() >= deadline) problem = tooSlow(limitMs)
      waitMs = quiet ? Math.min(longestWaitMs, 2 * waitMs) : firstWaitMs
      if (quiet && !problem) await pause(clock, waitMs, signal)
    }
    if (signal.aborted) return
    for (const paragraph of paragraphs.end()) say(paragraph)
    if (problem) throw problem
    if (offset === 0) throw this.#nothingSaid(host.exit(run)?.code)
  }

  async #end(run: string, identity: ProcessIdentity): Promise<void> {
    const { host } = this.#options
    const { survivors } = await host.kill(run, identity)
    if (survivors.length === 0) return host.discard(run)
    const names = survivors.map(({ pid, name }) => `${name} (${pid})`).join(', ')
    throw new Problem(
      'chat-survivors',
      `The chat command could not be ended: ${names} must be ended by hand.`,
    )
  }

  #nothingSaid(code: number | undefined): Problem {
    const [program] = this.#options.command
    const how = code === undefined ? 'was ended from outside' : `ended with code ${code}`
    return new Problem(
      'chat-silent',
      `The chat command "${program}" ${how} and said nothing; run it by hand to see why.`,
    )
  }
}

function tooLong(): Problem {
  return new Problem(
    'chat-too-long',
    'The answer was cut off, because it was longer than 1 MB; ask for less at a time.',
  )
}

function tooSlow(limitMs: number): Problem {
  return new Problem(
    'chat-too-slow',
    `The answer was cut off after ${Math.round(limitMs / 1000)} seconds; ask for less at a time.`,
  )
}
