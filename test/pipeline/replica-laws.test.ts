import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Problem } from '../../src/kernel/problem.ts'
import { rowOf } from '../../src/pipeline/document/projection.ts'
import type { Deed } from '../../src/pipeline/document/request.ts'
import { type Item, itemTypes } from '../../src/pipeline/item.ts'
import type { Stage } from '../../src/pipeline/stage.ts'
import { legalEvents } from '../../src/pipeline/transition.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { meet, OwnerNode, ReplicaNode } from './nodes.ts'
import { anna } from './project.ts'
import { events } from './samples.ts'

type Asking = Extract<Deed, { kind: 'apply' }>['event']

const personal = [
  ...[events.start, events.hold, events.approve, events.block, events.unblock, events.freeze],
  ...[events.unfreeze, events.abandon, events.demote, events.close, events.accept, events.archive],
  ...[events.reopen, { type: 'supersede', by: 1 } as const],
] satisfies readonly Asking[]

const item = fc.integer({ min: 1, max: 6 })
const dependsOn = fc.array(item, { maxLength: 2 })
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({
    kind: fc.constant('create' as const),
    draft: fc.record({ type: fc.constantFrom(...itemTypes), name: fc.constant('New'), dependsOn }),
  }),
  fc.record({
    kind: fc.constant('edit' as const),
    item,
    patch: fc.record({ dependsOn, body: fc.constantFrom('', '- [ ] a') }, { requiredKeys: [] }),
  }),
  fc.record({ kind: fc.constant('apply' as const), item, event: fc.constantFrom(...personal) }),
  fc.record({ kind: fc.constant('delete' as const), item }),
  fc.record({ kind: fc.constant('pause' as const), paused: fc.boolean() }),
)

const node = fc.nat({ max: 4 })
/** Which of the messages that are under way arrives, and whether it stays to arrive once more. */
const arrival = fc.record({ which: fc.nat(), again: fc.boolean() })
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('request' as const), node, deed }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('own' as const), deed }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('ask' as const), node }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('arrive' as const), arrival }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('keep' as const), node }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restore' as const), node }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), node }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart-owner' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('renew' as const) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** A message that is under way: it arrives late, twice, in another order, or never. */
type Message =
  | { readonly to: 'owner'; readonly from: number; readonly bytes: Uint8Array }
  | { readonly to: number; readonly bytes: Uint8Array }

/** An owner, its copies, and a network that keeps no promise. */
class Network {
  readonly #clock = new FakeClock(1_000_000)
  readonly owner = new OwnerNode(this.#clock)
  readonly nodes: readonly ReplicaNode[]
  readonly #underWay: Message[] = []
  readonly #kept = new Map<number, Buffer>()
  readonly #stages = new Map<number, Stage>()
  #created = 0

  constructor(count: number) {
    this.nodes = Array.from({ length: count }, (_, k) => new ReplicaNode(`node ${k}`, this.#clock))
    this.#watch()
    this.owner.pipeline.create({ type: 'story', name: 'First' }, anna)
  }

  take(step: Step): void {
    this.#clock.advance(1)
    const k = 'node' in step ? step.node % this.nodes.length : 0
    const node = this.nodes[k]
    if (step.do === 'request') node?.request(this.#named(step.deed))
    if (step.do === 'own') this.#own(this.#named(step.deed))
    if (step.do === 'ask' && node)
      this.#underWay.push({ to: 'owner', from: k, bytes: node.replica.ask() })
    if (step.do === 'arrive') this.#arrive(step.arrival.which, step.arrival.again)
    if (step.do === 'lose') this.#underWay.splice(step.which % (this.#underWay.length || 1), 1)
    if (step.do === 'keep' && node) this.#kept.set(k, node.copy())
    if (step.do === 'restore') node?.restart(this.#kept.get(k))
    if (step.do === 'restart') node?.restart()
    if (step.do === 'renew') this.owner.renew()
    if (step.do === 'restart-owner') {
      this.owner.restart()
      this.#watch()
    }
  }

  /** All is delivered that still can be, and every node meets the owner twice. */
  rest(): void {
    while (this.#underWay.length > 0) this.#arrive(0, false)
    for (const node of [...this.nodes, ...this.nodes]) meet(this.owner, node)
  }

  close(): void {
    for (const node of [this.owner, ...this.nodes]) node.close()
  }

  /** Each is found again by its name. */
  #named(deed: Deed): Deed {
    if (deed.kind !== 'create') return deed
    this.#created += 1
    return { ...deed, draft: { ...deed.draft, name: `New ${this.#created}` } }
  }

  /** No number is given twice, and no stage changes but by an event that is legal in it. */
  #watch(): void {
    this.owner.pipeline.witness(({ item, entry }) => {
      const before = this.#stages.get(item.id)
      if (entry.event === 'create') expect(before).toBeUndefined()
      else if (entry.from && entry.event !== 'delete')
        expect(before && legalEvents(before, item.type)).toContain(entry.event)
      else expect(item.stage).toEqual(before)
      this.#stages.set(item.id, item.stage)
    })
  }

  #arrive(which: number, again: boolean): void {
    const place = which % (this.#underWay.length || 1)
    const message = this.#underWay[place]
    if (!message) return
    if (!again) this.#underWay.splice(place, 1)
    const { to, bytes } = message
    if (to === 'owner')
      this.#underWay.push({ to: message.from, bytes: this.owner.owner.serve(bytes) })
    else refusable(() => this.nodes[to]?.replica.take(bytes), ['unfitting-update'])
  }

  /** People on the owner's own node work all the while. */
  #own(deed: Deed): void {
    const { pipeline } = this.owner
    refusable(() => {
      if (deed.kind === 'create') pipeline.create(deed.draft, anna)
      if (deed.kind === 'edit') pipeline.edit(deed.item, deed.patch, anna)
      if (deed.kind === 'apply') pipeline.apply(deed.item, deed.event, anna)
    })
  }
}

/** Calls `law` at rest, after a random life of a network, and `meanwhile` after each of its steps. */
function atRest(law: (network: Network) => void, meanwhile?: (network: Network) => void): void {
  const lives = fc.tuple(fc.integer({ min: 3, max: 5 }), fc.array(step, { maxLength: 80 }))
  fc.assert(
    fc.property(lives, ([count, steps]) => {
      const network = new Network(count)
      for (const taken of steps) {
        network.take(taken)
        meanwhile?.(network)
      }
      network.rest()
      law(network)
      network.close()
    }),
    { numRuns: 40 },
  )
}

test('copies agree in everything with the owner, and their rows with their documents', () => {
  atRest(({ owner, nodes }) => {
    const { document } = owner.pipeline.stored
    for (const node of nodes) {
      const { stored } = node.replica
      expect(stored.document.stateVector()).toEqual(document.stateVector())
      expect(stored.document.snapshot().length).toBe(document.snapshot().length)
      expect(stored.document.items()).toEqual(owner.pipeline.live())
      expect(stored.all()).toEqual(owner.pipeline.all())
      expect(node.rows()).toEqual(owner.rows())
      for (const { id } of owner.pipeline.all())
        expect(stored.history(id)).toEqual(owner.pipeline.history(id))
      const before = node.rows()
      node.restart()
      expect(node.rows()).toEqual(before)
      expect(node.replica.stored.all()).toEqual(owner.pipeline.all())
    }
  })
})

test('what a copy shows is always what the owner had at one time, never a mixture', () => {
  const had = new Set(['[]'])
  const remember = ({ owner, nodes }: Network) => {
    had.add(textOf(owner.pipeline.all()))
    for (const { replica } of nodes) expect(had.has(textOf(replica.stored.all()))).toBe(true)
  }
  atRest(remember, remember)
})

test('dependencies are never circular, on any node at any time', () => {
  const check = ({ owner, nodes }: Network) => {
    for (const stored of [owner.pipeline.stored, ...nodes.map(({ replica }) => replica.stored)])
      for (const item of stored.all())
        expect(reach(item, (id) => stored.get(id))).not.toContain(item.id)
  }
  atRest(check, check)
})

test('every request is answered once, everywhere the same, and done exactly if it says so', () => {
  const given = new Map<string, unknown>()
  const remember = ({ owner, nodes }: Network) => {
    for (const { replica } of nodes)
      for (const { request } of replica.requests()) {
        const answer = owner.pipeline.stored.document.answers.get(request.id)
        if (given.has(request.id)) expect(answer).toEqual(given.get(request.id))
        else if (answer) given.set(request.id, answer)
      }
  }
  atRest((network) => {
    remember(network)
    const { owner, nodes } = network
    const all = nodes.flatMap(({ replica }) => replica.requests())
    for (const { request, answer, standing } of all) {
      expect(answer).toBeDefined()
      expect(answer).toEqual(given.get(request.id))
      expect(standing).toMatch(answer?.refused === undefined ? /^done$/ : /^refused: .+/)
      for (const { replica } of nodes)
        expect(replica.stored.document.answers.get(request.id)).toEqual(answer)
      if (request.deed.kind !== 'create') continue
      // A deleted item has a history still.
      const { name } = request.deed.draft
      const made = owner.pipeline.all().filter((item) => item.name === name)
      expect(made.length).toBeLessThanOrEqual(answer?.refused === undefined ? 1 : 0)
      if (answer?.item !== undefined)
        expect(owner.pipeline.history(answer.item)[0]).toMatchObject({
          event: 'create',
          by: request.by,
        })
    }
  }, remember)
})

function textOf(items: readonly Item[]): string {
  return JSON.stringify(items.map((item) => [rowOf(item), item.body]))
}

/** All that `item` waits for, directly or not. */
function reach(item: Item, find: (id: number) => Item | undefined): Set<number> {
  const reached = new Set<number>()
  const open = [...item.dependsOn]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id)) continue
    reached.add(id)
    open.push(...(find(id)?.dependsOn ?? []))
  }
  return reached
}

/** Does what may be refused by a problem: by one of `codes`, where they are given. */
function refusable(act: () => void, codes?: readonly string[]): void {
  try {
    act()
  } catch (error) {
    if (!(error instanceof Problem) || (codes && !codes.includes(error.code))) throw error
  }
}
