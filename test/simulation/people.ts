import type { Kind, Network, Room, Said, Speaker } from './network.ts'
import type { World } from './world.ts'

export const rooms = {
  hall: { transport: 'net', room: 'hall', direct: false },
  thread: { transport: 'net', room: 'hall', thread: 'plans', direct: false },
  den: { transport: 'post', room: 'den', direct: false },
  desk: { transport: 'net', room: 'desk', direct: true },
} as const satisfies Record<string, Room>

export const speakers = {
  root: { id: 'net:root', name: 'Root', role: 'admin' },
  anna: { id: 'net:anna', name: 'Anna', role: 'member' },
  ben: { id: 'post:ben', name: 'Ben', role: 'member' },
  vic: { id: 'net:vic', name: 'Vic', role: 'viewer' },
  eve: { id: 'net:eve', name: 'Eve' },
} as const satisfies Record<string, Speaker>

const stages = 'backlog coding qa review-hold merge done archived blocked frozen abandoned rejected'
const priorities = ['low', 'normal', 'high']

/** What people say, as often as it stands here; `n` and `m` are items that there may be. */
const sentences: readonly ((n: number, m: number, world: World) => string)[] = [
  ...Array.from({ length: 8 }, () => (n: number) => `start ${n}`),
  (n) => `start ${n} coder-2`,
  (n) => `move ${n} backlog`,
  (n) => `move ${n} backlog`,
  (n) => `start ${n} helper`,
  (n) => `stop ${n}`,
  (n) => `stop ${n}`,
  () => 'stop',
  (n) => `block ${n} the service is down`,
  (n) => `unblock ${n}`,
  (n) => `unblock ${n}`,
  (n) => `unblock ${n}`,
  (n) => `freeze ${n}`,
  (n) => `unfreeze ${n}`,
  (n) => `unfreeze ${n}`,
  (n) => `hold ${n} let me see`,
  (n) => `approve ${n}`,
  (n) => `approve ${n}`,
  (n) => `approve ${n}`,
  (n) => `reject ${n} not good enough`,
  (n) => `reject ${n} --close nobody needs it`,
  (n, m) => `depends ${n} ${m}`,
  (n, m) => `depends ${n} ${m},${m + 1}`,
  (n) => `depends ${n}`,
  (n) => `abandon ${n}`,
  (n, m) => `supersede ${n} ${m}`,
  (n) => `close ${n}`,
  ...Array.from({ length: 4 }, () => (n: number) => `delete ${n}`),
  (n) => `release ${n}`,
  (n) => `recover ${n}`,
  (n, _, { chance }) => `move ${n} ${chance.of(stages.split(' '))}`,
  (n, _, { chance }) => `move ${n} ${chance.of(stages.split(' '))}`,
  (n, _, { chance }) => `priority ${n} ${chance.of(priorities)}`,
  (n, _, { chance }) => `edit ${n} qa ${chance.of(['server', 'agent', 'human'])}`,
  (n, m) => `when #${n} done: start ${m}`,
  (n, m) => `when #${n} coding: priority ${m} high always`,
  (n, _, { chance }) => `when #${n} ${chance.of(stages.split(' '))}: move ${n} backlog`,
  (n, _, { scheduler, chance }) => `timer ${n} ${soon(scheduler.now(), chance.between(2, 4))}`,
  (n) => `assign ${n} coder-1`,
  (n) => `assign ${n} coder-2`,
  (n) => `assign ${n} nobody`,
  () => 'pause',
  () => 'resume',
  () => 'resume',
  (n) => `resume ${n}`,
  (n) => `status ${n}`,
  () => 'status',
  (n) => `recheck ${n}`,
  (n) => `run_tests ${n}`,
  () => 'run_tests',
  () => 'worktrees --confirm',
  (n) => `rmtree ${n}`,
  (n) => `overview ${n}`,
  (n) => `diff ${n}`,
  (n) => `log ${n}`,
  (n) => `history ${n}`,
  () => 'list',
  () => 'agents',
  () => 'start everything-now',
]

const kinds = [...Array.from({ length: 6 }, () => 'story'), 'bug', 'refactor', 'spike', 'epic']
const options = ['', '', '', 'qa human ', 'qa agent ', 'priority high ']

/** People in several rooms, who say whatever comes to their minds. */
export class People {
  readonly #world: World
  readonly #network: Network
  #topics = 0
  #created = 0

  constructor(world: World, network: Network) {
    this.#world = world
    this.#network = network
  }

  /** Somebody says something, takes it back or says it differently. */
  act(): void {
    const { chance } = this.#world
    const { anna, ben, root, vic, eve } = speakers
    const speaker = chance.of([anna, anna, anna, anna, ben, ben, root, root, root, vic, eve])
    const room = chance.of(Object.values(rooms))
    if (chance.in(0.05)) this.#changeMind()
    else if (chance.in(0.2)) this.#network.say(room, speaker, this.#topic(speaker), 'text')
    else if (chance.in(0.15)) this.create(room, speaker)
    else this.#command(room, speaker)
  }

  /** Somebody does what the bot has told them that they can do. */
  read(text: string): void {
    const { chance, scheduler, isCalm } = this.#world
    const told = /`((?:release|approve|unblock|unfreeze|start) \d+)`/.exec(text)?.[1]
    if (!told || isCalm || !chance.in(0.3)) return
    scheduler.after(chance.between(50, 8_000), () => this.#tell(rooms.hall, speakers.ben, told))
  }

  /** Somebody has a new item made, and mostly has it started. */
  create(room: Room = rooms.hall, speaker: Speaker = speakers.anna): void {
    const { chance, scheduler } = this.#world
    const needed = this.#created > 0 && chance.in(0.3) ? `depends ${this.#item()} ` : ''
    const option = chance.of(options)
    const text = `${chance.of(kinds)} ${option}${needed}Thing ${this.#topics++}`
    if (kindFor(speaker, 'creation') === 'creation' && 'role' in speaker) this.#created++
    this.#network.say(room, speaker, text, kindFor(speaker, 'creation'))
    const item = this.#created
    if (!chance.in(0.8)) return
    scheduler.after(chance.between(100, 5_000), () =>
      this.#network.say(rooms.hall, speakers.anna, `start ${item}`, 'command'),
    )
  }

  #command(room: Room, speaker: Speaker): void {
    const text = this.#world.chance.of(sentences)(this.#item(), this.#item(), this.#world)
    const mayDelete = text.startsWith('delete') && this.#world.chance.in(0.8)
    this.#tell(room, mayDelete ? speakers.root : speaker, text)
  }

  #tell(room: Room, speaker: Speaker, text: string): void {
    const { chance, scheduler } = this.#world
    this.#network.say(room, speaker, text, kindFor(speaker, 'command'))
    if (!/^(delete|release|rmtree)/.test(text)) return
    const answer = chance.of(['yes', 'yes', 'yes', 'Delete it', 'no', '2'])
    // A question is open for two minutes.
    const afterMs = chance.in(0.2) ? chance.between(10, 150_000) : chance.between(10, 5_000)
    scheduler.after(afterMs, () => this.#network.say(room, speaker, answer, 'answer'))
  }

  #changeMind(): void {
    const { chance } = this.#world
    const said = this.#network.said.at(-chance.between(1, 4))
    if (!said || said.role === undefined || said.kind === 'answer') return
    this.#network.change(said, chance.in(0.5) ? undefined : this.#otherwise(said))
  }

  #otherwise({ kind, message, role }: Said): string {
    if (kind === 'text') return this.#topic({ ...message.sender, ...(role && { role }) })
    return kind === 'creation' ? `story Thing ${this.#topics++}` : 'list'
  }

  /** Free text that tells who said it, and is said once. */
  #topic({ name, role }: Speaker): string {
    return `please tell me more about topic ${this.#topics++} of ${name} the ${role}`
  }

  /** The number of an item, or rarely of one that may come to be. */
  #item(): number {
    const { chance } = this.#world
    return chance.between(1, Math.max(1, this.#created) + (chance.in(0.05) ? 1 : 0))
  }
}

/** A time of day some minutes from now. */
function soon(now: number, minutes: number): string {
  return new Date(now + minutes * 60_000).toISOString().slice(11, 16)
}

/** What viewers may not do counts as free text where it reads like a sentence. */
function kindFor({ role }: Speaker, kind: Kind): Kind {
  return role === 'viewer' ? 'answer' : kind
}
