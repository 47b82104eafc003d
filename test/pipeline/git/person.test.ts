import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { systemClock } from '../../../src/kernel/clock.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { Git, type GitOptions, type GitResult } from '../../../src/pipeline/git/git.ts'
import { GitTrunk } from '../../../src/pipeline/git/trunk.ts'
import { FakeSetup } from '../../support/fake-setup.ts'
import { GitRooms, work } from '../../support/git-rooms.ts'
import { gitEnvironment, type RepositoryFixture } from '../../support/repository.ts'

const name = fc.constantFrom('readme.md', 'long.txt', 'src/main.txt', 'new.txt', 'own.txt', 'a.log')
const action = fc.oneof(
  { weight: 3, arbitrary: fc.record({ does: fc.constant('edit' as const), name }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('stage' as const), name }) },
  fc.record({
    does: fc.constantFrom('delete' as const, 'remove' as const, 'rename' as const),
    name,
  }),
  fc.record({
    does: fc.constantFrom(
      'commit' as const,
      'stash' as const,
      'unstash' as const,
      'side' as const,
      'back' as const,
      'merge' as const,
    ),
    name,
  }),
)
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never
const actions = fc.array(action, { maxLength: 6 })
/** What they do in the very moment in which the branch moves. */
const meanwhile = fc.array(
  fc.record({ does: fc.constantFrom('edit' as const, 'stage' as const, 'commit' as const), name }),
  { maxLength: 3 },
)

let count = 0

/** Somebody does what may fail: git says so, and they go on. */
function act(fixture: RepositoryFixture, { does, name }: Action): void {
  const path = join(fixture.root, name)
  const isThere = existsSync(path)
  count += 1
  const git = (...args: string[]) => {
    try {
      fixture.git(args)
    } catch {}
  }
  if (does === 'edit') {
    if (isThere) appendFileSync(path, `mine ${count}\r\n`)
    else fixture.write({ [name]: `mine ${count}\n` })
  }
  if (does === 'delete' && isThere) fixture.write({ [name]: null })
  if (does === 'stage') git('add', '--force', name)
  if (does === 'remove') git('rm', '--quiet', '--force', name)
  if (does === 'rename') git('mv', name, `moved-${count}.txt`)
  if (does === 'commit') git('commit', '--quiet', '-m', `mine ${count}`)
  if (does === 'stash') git('stash', 'push', '--quiet', '--include-untracked')
  if (does === 'unstash') git('stash', 'pop', '--quiet', '--index')
  if (does === 'side') git('checkout', '--quiet', '-B', 'side')
  if (does === 'back') git('checkout', '--quiet', 'main')
  if (does === 'merge') git('merge', '--quiet', '--no-ff', '--no-commit', 'side')
}

interface Uncommitted {
  readonly bytes: string | undefined
  readonly staged: string
  readonly state: string
}

/** All that is not committed: each file with its bytes, and with what is staged of it. */
function uncommitted(fixture: RepositoryFixture): Record<string, Uncommitted> {
  const options = ['--porcelain', '-z', '--no-renames', '--untracked-files=all', '--ignored']
  const lines = fixture
    .git(['status', ...options])
    .split('\0')
    .filter(Boolean)
  return Object.fromEntries(
    lines.map((line) => {
      const path = line.slice(3)
      const staged = fixture.git(['ls-files', '-s', '--', path])
      return [path, { bytes: bytesOf(fixture, path), staged, state: line.slice(0, 2) }]
    }),
  )
}

function bytesOf({ root }: RepositoryFixture, path: string): string | undefined {
  const file = join(root, path)
  return existsSync(file) ? readFileSync(file, 'latin1') : undefined
}

/** A git in the moment of whose moving the branch something happens. */
class Interrupted extends Git {
  #meanwhile: (() => void) | undefined

  constructor(fixture: RepositoryFixture, meanwhile: () => void) {
    super(fixture.root, gitEnvironment)
    this.#meanwhile = meanwhile
  }

  override attempt(args: readonly string[], options?: GitOptions): Promise<GitResult> {
    if (args[0] === 'update-ref') {
      this.#meanwhile?.()
      this.#meanwhile = undefined
    }
    return super.attempt(args, options)
  }
}

test('Whatever a person does before and while an item lands, all that they have not committed stays theirs.', async () => {
  const law = fc.asyncProperty(actions, meanwhile, async (before, then) => {
    const rooms = GitRooms.open()
    const { fixture, store } = rooms
    const branch = await work(rooms, 1, {
      'readme.md': 'new\n',
      'src/main.txt': null,
      'new.txt': 'new\n',
    })
    for (const each of before) act(fixture, each)
    let seen: ReturnType<typeof uncommitted> | undefined
    const git = new Interrupted(fixture, () => {
      for (const each of then) act(fixture, each)
      seen = uncommitted(fixture)
    })
    const trunk = new GitTrunk({
      ...{ repository: { ...fixture.repository, git }, directory: fixture.worktrees, store },
      ...{ setup: new FakeSetup(), clock: systemClock, log: silentLog },
    })
    const made = await trunk.squash(branch, 'huskies: merge')
    // They may have committed what it conflicts with; nothing lands then.
    if (made.kind === 'conflict') return
    if (made.kind !== 'squashed') throw new Error(`not squashed: ${made.kind}`)
    const { squash } = made
    const [stashes, mine] = [fixture.git(['stash', 'list']), uncommitted(fixture)]
    const head = () => fixture.git(['symbolic-ref', 'HEAD'])
    const at = head()
    const result = await trunk.land(1, squash)
    const after = uncommitted(fixture)
    // What both have deleted is nobody's change any more.
    if (result.kind === 'landed' && bytesOf(fixture, 'src/main.txt') === undefined)
      delete mine['src/main.txt']
    // What was not interrupted is exactly as it was; an edit in the last moment keeps its bytes.
    if (then.length === 0) expect(after).toEqual(mine)
    for (const [path, { bytes }] of Object.entries(seen ?? mine))
      expect({ path, bytes: bytesOf(fixture, path) }).toEqual({ path, bytes })
    expect([fixture.git(['stash', 'list']), head()]).toEqual([stashes, at])
    expect(existsSync(join(fixture.root, '.git/index.lock'))).toBe(false)
    if (result.kind === 'landed') expect(await trunk.head()).toBe(result.commit)
  })
  await fc.assert(law, { numRuns: Number(process.env.HUSKIES_LAW_RUNS ?? 3) })
}, 600_000)
