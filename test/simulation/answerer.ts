import { type ChatBatch, type ChatRun, Postponed } from '../../src/bot/chat-run.ts'
import { type Clock, pause } from '../../src/kernel/clock.ts'
import { SimulatedFault } from './faults.ts'
import type { World } from './world.ts'

/** A batch that a chat run was given. */
export interface Answered {
  /** Which start of the program it was in. */
  readonly program: number
  readonly batch: ChatBatch
  /** It was put off, in the place of an answer. */
  postponed?: true
}

/** One program's chat runs: they say a few paragraphs, fail, are put off, and take a while to be cancelled. */
export class Answerer implements ChatRun {
  readonly #world: World
  readonly #clock: Clock
  readonly #answered: Answered[]
  readonly #mostRuns: number
  readonly #under = new Set<string>()

  /** Each batch is noted in `answered`. */
  constructor(world: World, clock: Clock, answered: Answered[], mostRuns: number) {
    this.#world = world
    this.#clock = clock
    this.#answered = answered
    this.#mostRuns = mostRuns
  }

  async run(batch: ChatBatch, say: (paragraph: string) => void, signal: AbortSignal) {
    const world = this.#world
    const { session } = batch
    if (this.#under.has(session)) world.breaks(`two chat runs in ${session} at once`)
    if (this.#under.size >= this.#mostRuns) world.breaks('more chat runs than there may be')
    this.#under.add(session)
    const answered: Answered = { program: world.figures.programs, batch }
    const number = this.#answered.push(answered)
    world.trace(() => `chat run ${number} in ${session}: ${JSON.stringify(batch.text)}`)
    try {
      for (let paragraph = 1; paragraph <= world.chance.between(0, 3); paragraph++) {
        await pause(this.#clock, world.chance.between(10, 4_000), signal)
        if (!signal.aborted) say(`Paragraph ${paragraph} of answer ${number}.`)
      }
      await pause(this.#clock, world.delay())
      if (!signal.aborted && world.goesWrong('services', () => 'the chat is at its limit')) {
        answered.postponed = true
        const until = this.#clock.now() + world.chance.between(1_000, 900_000)
        throw new Postponed('I answer that later.', until)
      }
      if (world.goesWrong('chats', () => 'the chat run fails'))
        throw new SimulatedFault('no answer')
    } finally {
      this.#under.delete(session)
    }
  }
}
