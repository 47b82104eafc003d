import type { ChatBatch, ChatRun } from '../../bot/chat-run.ts'
import { Problem } from '../../kernel/problem.ts'
import type { Launch } from '../../processes/process-host.ts'
import { type HostedAnswerParts, runHosted } from './hosted-answer.ts'
import { Paragraphs } from './paragraphs.ts'

export interface CommandChatRunOptions extends HostedAnswerParts {
  /** The program and its arguments; a relative program is looked for in `cwd`. */
  readonly command: readonly [string, ...string[]]
  readonly cwd: string
  /** The program's environment, to which the session's variables are added. */
  readonly env: Readonly<Record<string, string>>
}

/** More than anybody reads in a chat; a program that prints for ever is ended here. */
const longest = 1_000_000

/**
 * Answers free text with any program: the prompt on its standard input, its standard output said
 * paragraph by paragraph. `HUSKIES_CHAT_SESSION` names the session, so that a program with a memory
 * can go on with it, and `HUSKIES_CHAT_INTERRUPTED` is 1 when an earlier answer was cut off.
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
    const paragraphs = new Paragraphs()
    const hear = (bytes: Uint8Array) => paragraphs.push(bytes).forEach(say)
    try {
      const answer = { launch: this.#launch(batch), longest, hear }
      const { code, bytes } = await runHosted(this.#options, answer, signal)
      if (bytes === 0 && !signal.aborted) throw this.#nothingSaid(code)
    } finally {
      if (!signal.aborted) paragraphs.end().forEach(say)
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

  #nothingSaid(code: number | undefined): Problem {
    const [program] = this.#options.command
    const how = code === undefined ? 'was ended from outside' : `ended with code ${code}`
    return new Problem(
      'chat-silent',
      `The chat command "${program}" ${how} and said nothing; run it by hand to see why.`,
    )
  }
}
