import { setImmediate as settled } from 'node:timers/promises'
import type { Reconciler } from '../../src/pipeline/reconcilers/reconciler.ts'
import { type ProjectSettings, projectSettings } from '../../src/pipeline/settings.ts'
import type { Answered } from './answerer.ts'
import { Conversation } from './conversation.ts'
import { Crash } from './disk.ts'
import { Lives } from './lives.ts'
import { Network } from './network.ts'
import { People, rooms, speakers } from './people.ts'
import type { Program } from './program.ts'
import { keepsPromisesAtRest, unfinishedItems } from './promises.ts'
import { Records } from './records.ts'
import { type Figures, World } from './world.ts'

/** A promise that was not kept in the schedule of one seed. */
class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise'
}

const incidents = [
  'crash',
  'reboot',
  'stop',
  'upgrade',
  'clock jump',
  'somebody pushes',
  'checkout in the way',
  'disk full',
] as const

/** So long everything may take to come to rest, in virtual ms and in steps. */
const patienceMs = 24 * 3_600_000
const mostSteps = 150_000

/**
 * Plays one schedule: people, agents and the world do as the seed will have it, with faults and
 * crashes; then nothing goes wrong any more, and everything must come to rest. Every promise is
 * looked at after each step, and all of them at the end. Throws `BrokenPromise`.
 */
export async function simulate(seed: number, trace?: (line: string) => void): Promise<Figures> {
  const simulation = new Simulation(seed, trace)
  const unhandled = (error: unknown) => simulation.fail(error)
  // A test runner listens too, but does not know of seeds.
  const others = process.rawListeners('unhandledRejection') as NodeJS.UnhandledRejectionListener[]
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', unhandled)
  try {
    await simulation.play()
  } finally {
    process.off('unhandledRejection', unhandled)
    for (const other of others) process.on('unhandledRejection', other)
  }
  return simulation.world.figures
}

/** How a script ended, whatever happened on the way. */
export interface Ending {
  /** What became of each item, and what landed. */
  readonly state: string
  /** How many hints were given on the way. */
  readonly hints: number
}

/**
 * Plays what people say, a moment apart, in a world where nothing goes wrong; only the hint of that number
 * is not heard. Throws `BrokenPromise`.
 */
export async function rehearse(lines: readonly string[], unheard?: number): Promise<Ending> {
  const simulation = new Simulation(1, undefined, steady)
  const { world } = simulation
  world.calmDown()
  world.unheard = unheard
  return { state: await simulation.follow(lines), hints: world.hints }
}

/** A project in which everything is used, and nothing is left to chance. */
const steady = projectSettings.parse({
  agent: [
    ...['coder-1', 'coder-2'].map((name) => ({ name, command: 'agent' })),
    { name: 'qa-1', stage: 'qa', command: 'agent' },
  ],
  merge: { batch: 2 },
  watcher: { reconcile_interval_secs: 10, done_retention_secs: 60, sweep_interval_secs: 5 },
})

/** People wait for one answer before they say the next thing. */
const pauseMs = 3_000

class Simulation {
  readonly world: World
  readonly #network: Network
  readonly #people: People
  readonly #answered: Answered[] = []
  readonly #records: Records
  readonly #conversation: Conversation
  readonly #project
  readonly #lives: Lives

  constructor(seed: number, trace?: (line: string) => void, project?: ProjectSettings) {
    this.world = new World(seed, trace)
    this.#network = new Network(this.world)
    this.#people = new People(this.world, this.#network)
    this.#network.onArrival = (text) => this.#people.read(text)
    this.#project = project ?? drawSettings(this.world)
    this.#records = new Records(this.world)
    this.#conversation = new Conversation(this.world, this.#network, this.#answered)
    const { world } = this
    this.#lives = new Lives({
      world,
      network: this.#network,
      answered: this.#answered,
      project: this.#project,
      records: this.#records,
    })
  }

  /** Something was thrown that nobody caught: a living program would have died of it. */
  fail(error: unknown): void {
    if (error instanceof Crash) return
    this.world.breaks(`nobody caught ${error instanceof Error ? error.stack : error}`)
  }

  async play(): Promise<void> {
    this.#lives.start()
    await this.#storm()
    this.world.calmDown()
    await this.#comeToRest()
    await this.#atRest()
    // Whoever starts a program that had nothing to do finds that it has nothing to do.
    const written = this.world.disk.changes
    this.#lives.crash()
    await this.#comeToRest()
    if (this.world.disk.changes !== written)
      this.world.breaks('a start at rest has changed something')
    await this.#atRest()
  }

  /** Plays the script, and returns what has become of everything. */
  async follow(lines: readonly string[]): Promise<string> {
    this.#lives.start()
    for (const [index, line] of lines.entries())
      this.world.scheduler.after(index * pauseMs, () =>
        this.#network.say(rooms.hall, speakers.root, line, 'command'),
      )
    this.world.scheduler.after(lines.length * pauseMs, () => {})
    while (this.world.scheduler.elapsed < lines.length * pauseMs) await this.#step()
    await this.#comeToRest()
    await this.#atRest()
    const { base, worktrees } = this.world
    const items = this.#lives.program?.assembly.pipeline.all() ?? []
    const ends = items.map(({ id, stage }) => `#${id} ${stage.kind}`)
    const landed = base.history.flatMap(({ subject }) => subject).sort()
    const places = worktrees.all().map(({ item }) => `worktree ${item}`)
    return [...ends, ...landed, ...places].join('\n')
  }

  /** People talk and things happen to the program, some dozen times. */
  async #storm(): Promise<void> {
    const { chance, scheduler } = this.world
    let at = scheduler.elapsed
    for (let count = chance.between(1, 6); count > 0; count--)
      scheduler.after(at, () => this.#people.create())
    for (let count = chance.between(5, 50); count > 0; count--) {
      at += chance.in(0.3) ? chance.between(0, 30) : chance.between(0, 2_500)
      scheduler.after(at, () => (chance.in(0.87) ? this.#people.act() : this.#incident()))
    }
    const end = at + chance.between(0, 10_000)
    scheduler.after(end, () => {})
    while (scheduler.elapsed < end) await this.#step()
  }

  #incident(): void {
    const { chance, scheduler, base, host } = this.world
    const incident = chance.of(incidents)
    this.world.trace(`! ${incident}`)
    const meanwhile = (end: () => void) => scheduler.after(chance.between(100, 30_000), end)
    switch (incident) {
      case 'crash':
        this.#lives.crash()
        break
      case 'reboot':
        this.#lives.crash()
        host.reboot()
        break
      case 'stop':
        this.#lives.shutDown(true)
        break
      case 'upgrade':
        this.#lives.shutDown(false)
        break
      case 'clock jump':
        scheduler.jump(chance.of([-3_600_000, -60_000, 60_000, 3_600_000]))
        break
      case 'somebody pushes':
        base.push(chance.of(['shared', 'pair-a', 'theirs']), `pushed at ${scheduler.elapsed}`)
        break
      case 'checkout in the way':
        base.inTheWay = { checkout: '/checkout', files: ['shared'] }
        meanwhile(() => {
          base.inTheWay = undefined
        })
        break
      case 'disk full':
        this.world.diskIsFull = true
        meanwhile(() => {
          this.world.diskIsFull = false
        })
    }
  }

  /** Lets time go by until a pass over everything finds nothing to do, and nothing else is to come. */
  async #comeToRest(): Promise<void> {
    const { scheduler, figures, disk } = this.world
    const end = scheduler.elapsed + patienceMs
    const last = figures.steps + mostSteps
    let changes = -1
    for (let passes = 0; passes < 2; passes = disk.changes === changes ? passes + 1 : 0) {
      changes = disk.changes
      do {
        if (scheduler.elapsed > end || figures.steps > last)
          this.world.breaks(`it does not come to rest: ${unfinished(this.#lives.program)}`)
        await this.#step()
      } while (!this.#waitsForThePass())
    }
  }

  /** Nothing is to come but the next interval pass. */
  #waitsForThePass(): boolean {
    return this.world.scheduler.pending === 1 && this.#lives.program?.clock.pending === 1
  }

  async #atRest(): Promise<void> {
    const { program } = this.#lives
    if (!program) return
    if (!program.assembly.quiet) this.world.breaks('at rest, and yet not quiet')
    keepsPromisesAtRest(this.world, program, this.#project)
    this.#conversation.atRest()
    this.#throwIfBroken()
    await this.#everyItemSaysWhy(program)
    this.#throwIfBroken()
    for (const reconciler of program.reconcilers) await this.#hasNothingToDo(program, reconciler)
  }

  /** Whatever it is asked about, also what has nothing to do with it now, it changes nothing. */
  async #hasNothingToDo({ assembly }: Program, reconciler: Reconciler): Promise<void> {
    const items = assembly.pipeline.all().map(({ id }) => id)
    const keys = [...reconciler.keys(), ...items.flatMap((id) => [...reconciler.keysOf(id)])]
    const before = this.#effects()
    for (const key of new Set([...keys, ...items.map(String)])) {
      let isOver = false
      const end = () => {
        isOver = true
      }
      reconciler.reconcile(key, new AbortController().signal).then(end, (error) => this.fail(error))
      await settled()
      while (!isOver) await this.#step()
      if (this.#effects() !== before)
        this.world.breaks(`${reconciler.name} does something at rest for ${key}`)
    }
    this.#throwIfBroken()
  }

  /** Counts what was ever done to the world. */
  #effects(): string {
    const { disk, host, base, worktrees } = this.world
    const places = worktrees.all().map(({ item, branch }) => `${item} ${branch}`)
    const branches = [...worktrees.branches].map(
      ([name, { commits }]) => `${name} ${commits.length}`,
    )
    return [disk.changes, host.launches.length, base.history.length, ...places, ...branches].join()
  }

  /** Whoever asks is told what each unfinished item waits for, and it is true. */
  async #everyItemSaysWhy({ assembly }: Program): Promise<void> {
    const asked = unfinishedItems(assembly).map(({ id }) =>
      this.#network.say(rooms.hall, speakers.anna, `status ${id}`, 'command'),
    )
    await this.#comeToRest()
    for (const said of asked) {
      const reply = this.#conversation.replyTo(said) ?? ''
      if (reply.length < 40 || promisesMore.test(reply))
        this.world.breaks(`at rest, "${said.message.text}" is answered: ${reply}`)
    }
  }

  async #step(): Promise<void> {
    const { scheduler, figures } = this.world
    figures.steps++
    try {
      scheduler.step()
    } catch (error) {
      if (!this.#lives.program?.life.over) this.fail(error)
    }
    await settled()
    this.#lives.afterStep()
    this.#records.compare(this.#lives.program)
    this.#throwIfBroken()
  }

  #throwIfBroken(): void {
    if (this.world.broken) throw new BrokenPromise(this.world.broken)
  }
}

/** What only something that goes on by itself may say. */
const promisesMore =
  /takes it next|judges it next|It lands when|is under way|is at it|being judged|being stopped|by itself now|went wrong/

function unfinished(program: Program | undefined): string {
  const { assembly } = program ?? {}
  if (!assembly) return 'no program runs'
  const runs = assembly.services.runs.active().map(({ id, state }) => `${id} is ${state}`)
  const items = unfinishedItems(assembly).map(({ id, stage }) => `#${id} is in ${stage.kind}`)
  const chat = assembly.bot.idle ? [] : ['the bot is busy']
  return [...chat, ...runs, ...items].join(', ')
}

/** A small project of few agents; which, the seed decides. */
function drawSettings({ chance }: World) {
  const runtime = chance.in(0.3) ? 'shell' : 'claude-code'
  const coders = [
    { name: 'coder-1', runtime },
    { name: 'coder-2', runtime },
  ]
  const agents = [...coders, { name: 'helper', stage: 'other' }]
  const accounts = runtime === 'shell' ? 0 : chance.between(0, 2)
  const qa = chance.in(0.7) ? [{ name: 'qa-1', stage: 'qa' }] : []
  const merger = chance.in(0.5) ? [{ name: 'merger', stage: 'mergemaster', runtime }] : []
  return projectSettings.parse({
    agent: [...agents, ...qa, ...merger].map((agent) => ({
      ...agent,
      command: 'agent',
      inactivity_timeout_secs: chance.between(5, 30),
    })),
    account: ['one', 'two'].slice(0, accounts).map((name) => ({
      ...{ name, runtime },
      home: `/accounts/${name}`,
    })),
    max_coders: chance.between(1, 2),
    max_retries: chance.between(1, 4),
    merge: { batch: chance.between(1, 4) },
    gates: { repeat_once: chance.in(0.5) },
    default_qa: chance.of(['server', 'server', 'agent', 'human']),
    watcher: {
      reconcile_interval_secs: chance.between(5, 30),
      done_retention_secs: chance.between(10, 300),
      sweep_interval_secs: chance.between(1, 60),
    },
  })
}
