import { type Clock, pause } from '../../kernel/clock.ts'
import { Problem } from '../../kernel/problem.ts'
import type { Launch, ProcessHost, ProcessIdentity } from '../../processes/process-host.ts'

export interface HostedAnswerParts {
  readonly host: ProcessHost
  readonly clock: Clock
  /** From 0 up to 1; makes names of runs that were never used before. */
  readonly random: () => number
  /** Ten minutes by default. */
  readonly limitMs?: number
}

/** How a program that answers in a chat is started, and what is done with what it prints. */
export interface HostedAnswer {
  readonly launch: Launch
  /** So many bytes are more than any answer has: the program is ended there. */
  readonly longest: number
  hear(bytes: Uint8Array): void
}

/** How it ended; the code is missing where it was ended from outside. */
export interface Ended {
  readonly code: number | undefined
  readonly bytes: number
}

const firstWaitMs = 5
const longestWaitMs = 100

/**
 * Runs a program that answers in a chat to its end, in the process host like everything else, so that
 * a crash of ours leaves nothing that cannot be found; the ids of its runs begin with `c_`. Ends the
 * whole of it when `signal` is aborted, it prints too much or takes too long: the latter two throw a
 * `Problem`, once all that it printed was heard.
 */
export async function runHosted(
  { host, clock, random, limitMs = 600_000 }: HostedAnswerParts,
  { launch, longest, hear }: HostedAnswer,
  signal: AbortSignal,
): Promise<Ended> {
  const run = `c_${Math.floor(random() * 2 ** 52).toString(36)}`
  const identity = await host.start(run, launch)
  try {
    const deadline = clock.now() + limitMs
    let offset = 0
    let waitMs = firstWaitMs
    while (!signal.aborted) {
      // Asked before reading: what is over has written all of its output.
      const over = !host.isAlive(identity)
      const chunk = host.read(run, offset)
      hear(chunk.bytes)
      const quiet = chunk.offset === offset
      offset = chunk.offset
      if (over && quiet) break
      if (offset > longest) throw tooLong()
      if (clock.now() >= deadline) throw tooSlow(limitMs)
      waitMs = quiet ? Math.min(longestWaitMs, 2 * waitMs) : firstWaitMs
      if (quiet) await pause(clock, waitMs, signal)
    }
    return { code: host.exit(run)?.code, bytes: offset }
  } finally {
    await end(host, run, identity)
  }
}

async function end(host: ProcessHost, run: string, identity: ProcessIdentity): Promise<void> {
  const { survivors } = await host.kill(run, identity)
  if (survivors.length === 0) return host.discard(run)
  const names = survivors.map(({ pid, name }) => `${name} (${pid})`).join(', ')
  throw new Problem(
    'chat-survivors',
    `What answered in this chat could not be ended: ${names} must be ended by hand.`,
  )
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
