import { Crash } from './disk.ts'
import { Program, type Surroundings } from './program.ts'
import { noAgentLives } from './promises.ts'
import type { Records } from './records.ts'
import { isOfTheWorld } from './world.ts'

/** The program's starts and ends, one life after another on one disk. */
export class Lives {
  /** The one that runs; undefined between two. */
  program: Program | undefined
  readonly #surroundings
  readonly #records: Records

  constructor({ records, ...surroundings }: Surroundings & { readonly records: Records }) {
    this.#surroundings = surroundings
    this.#records = records
  }

  start(): void {
    const { world, network } = this.#surroundings
    if (this.program) return
    world.figures.programs++
    world.trace(`=== program ${world.figures.programs} starts`)
    try {
      this.program = new Program(this.#surroundings)
      this.program.assembly.start()
      network.connect(this.program.assembly.bot, this.program.life)
    } catch (error) {
      // As any program whose disk is full: it ends with a sentence, and somebody starts it again.
      if (!(error instanceof Crash) && !(error instanceof Error && isOfTheWorld(error))) throw error
      world.trace(`it cannot be started: ${error}`)
      this.program?.life.end()
      this.#bury()
    }
  }

  /** As `kill -9`. */
  crash(): void {
    if (!this.program) return
    this.program.life.end()
    this.afterStep()
  }

  /** As when a person ends the program, or only upgrades it, so that its agents live on. */
  shutDown(endsAgents: boolean): void {
    const { world, network } = this.#surroundings
    const { program } = this
    if (!program || program.isClosing) return
    network.disconnect()
    program.shutDown(endsAgents).then(
      () => {
        if (program.life.over) return
        if (endsAgents) noAgentLives(world)
        program.isClosed = true
        program.life.end()
      },
      (error) => {
        if (!program.life.over && !isOfTheWorld(error))
          world.breaks(`the program cannot be stopped: ${error.stack}`)
        program.life.end()
      },
    )
  }

  /** Sees that a life has ended, in the middle of a step or by itself. */
  afterStep(): void {
    if (!this.program?.life.over) return
    if (!this.program.isClosed) this.#surroundings.world.figures.crashes++
    this.#bury()
  }

  /** What the world does when a program has ended, however that was. */
  #bury(): void {
    const { world, network } = this.#surroundings
    const { scheduler, chance, host, worktrees } = world
    world.trace('=== the program is gone')
    this.program = undefined
    network.disconnect()
    network.settleFlights()
    host.crash()
    worktrees.crash()
    this.#records.prove()
    scheduler.after(chance.in(0.3) ? chance.between(1, 60_000) : 1, () => this.start())
  }
}
