import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { GitRooms } from '../../support/git-rooms.ts'
import type { RepositoryFixture } from '../../support/repository.ts'

const name = fc.constantFrom('a', 'b/c', 'b/d', 'b/e/f', 'g')
const lines = fc.array(fc.constantFrom('1', '2', '3', '4', '5'), { minLength: 4, maxLength: 12 })
const content = fc.oneof(
  { weight: 4, arbitrary: lines.map((some) => `${some.join('\n')}\n`) },
  { weight: 1, arbitrary: lines.map((some) => `${some.join('\r\n')}\r\n`) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 30 }) },
)
/** What decides how git reads and merges some of the files. */
const attributes = fc.constantFrom(
  undefined,
  '* text=auto\n',
  '* text eol=crlf\n',
  'a binary\nb/* merge=union\n',
)
const edit = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), name, content }),
  fc.record({ kind: fc.constant('delete' as const), name }),
  fc.record({
    kind: fc.constant('move' as const),
    name,
    to: fc.constantFrom('a', 'b/c', 'h', 'i/j'),
  }),
  fc.record({ kind: fc.constant('mode' as const), name }),
  fc.record({ kind: fc.constant('link' as const), name, to: name }),
  fc.record({ kind: fc.constant('line' as const), name, at: fc.nat(11) }),
)
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never
const start = fc.tuple(fc.dictionary(name, content), attributes)
const branches = fc.array(fc.array(edit, { minLength: 1, maxLength: 4 }), {
  minLength: 2,
  maxLength: 4,
})

function apply(fixture: RepositoryFixture, change: Edit): void {
  const path = join(fixture.root, change.name)
  if (change.kind === 'link' && !existsSync(path) && existsSync(dirname(path)))
    symlinkSync(change.to, path)
  if (change.kind === 'write') fixture.write({ [change.name]: change.content })
  if (change.kind === 'write' || change.kind === 'link' || !isFile(path)) return
  const bytes = readFileSync(path)
  if (change.kind === 'mode') chmodSync(path, lstatSync(path).mode ^ 0o111)
  if (change.kind === 'line') {
    const text = bytes.toString('latin1').split('\n')
    text[change.at % text.length] = `changed at ${change.at}`
    writeFileSync(path, text.join('\n'), 'latin1')
  }
  if (change.kind === 'delete' || change.kind === 'move') fixture.write({ [change.name]: null })
  if (change.kind === 'move') fixture.write({ [change.to]: bytes })
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

/** What a person gets who merges the branch in a checkout of their own. */
function mergeByHand(fixture: RepositoryFixture, copy: string, branch: string): string {
  try {
    fixture.git(['merge', '--quiet', '--squash', branch], copy)
  } catch {
    fixture.git(['reset', '--quiet', '--hard'], copy)
    return 'conflict'
  }
  const tree = fixture.git(['write-tree'], copy)
  if (tree === fixture.git(['rev-parse', 'HEAD^{tree}'], copy)) return 'nothing'
  fixture.git(['commit', '--quiet', '-m', branch], copy)
  return tree
}

test('Any branches, landed one by one, make the trees that merging by hand makes, in one line.', async () => {
  const law = fc.asyncProperty(start, branches, async ([files, rules], work) => {
    const { fixture, trunk } = GitRooms.open()
    fixture.commit('base', { ...files, ...(rules && { '.gitattributes': rules }) })
    for (const [index, edits] of work.entries()) {
      fixture.git(['checkout', '--quiet', '-b', `branch-${index}`, 'main'])
      for (const change of edits) apply(fixture, change)
      fixture.commit('work')
    }
    fixture.git(['checkout', '--quiet', 'main'])
    const copy = join(fixture.folder, 'copy')
    cpSync(fixture.root, copy, { recursive: true })
    const base = Number(fixture.git(['rev-list', '--count', 'main']))
    let landed = 0
    for (const index of work.keys()) {
      const byHand = mergeByHand(fixture, copy, `branch-${index}`)
      const result = await trunk.squash(`branch-${index}`, 'subject')
      if (result.kind !== 'squashed') {
        expect(result.kind === 'conflict' ? 'conflict' : 'nothing').toBe(byHand)
        continue
      }
      expect(result.squash.tree).toBe(byHand)
      expect((await trunk.land(index, result.squash)).kind).toBe('landed')
      landed += 1
      expect(fixture.git(['rev-parse', 'main^{tree}'])).toBe(byHand)
      expect(fixture.status()).toBe('')
    }
    expect(fixture.git(['rev-list', '--merges', 'main'])).toBe('')
    expect(Number(fixture.git(['rev-list', '--count', 'main']))).toBe(base + landed)
  })
  await fc.assert(law, { numRuns: Number(process.env.HUSKIES_LAW_RUNS ?? 3) })
})
