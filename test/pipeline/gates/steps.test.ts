import { expect, test } from 'vitest'
import { chooseSteps } from '../../../src/pipeline/gates/steps.ts'
import { projectSettings } from '../../../src/pipeline/settings.ts'

/** The names of the steps that a tree with these files is judged by, or why there are none. */
function choose(
  files: Record<string, string>,
  gates: unknown = {},
  executable = Object.keys(files),
) {
  const { step } = projectSettings.parse({ gates }).gates
  const choice = chooseSteps(step, {
    read: (path) => files[path],
    isExecutable: (path) => executable.includes(path),
  })
  return 'missing' in choice ? choice.missing : choice.steps.map(({ name }) => name)
}

const configured = { step: [{ name: 'lint', run: ['biome', 'check'], class: 'lint' }] }

test("The project's own scripts come first, then its settings, then its stack.", () => {
  const stack = { 'package.json': '{"scripts":{"test":"vitest"}}' }
  const scripts = { 'script/check': '', 'script/test': '' }
  expect(choose({ ...stack, ...scripts }, configured)).toEqual(['script/check', 'script/test'])
  expect(choose(stack, configured)).toEqual(['lint'])
  expect(choose(stack)).toEqual(['npm test'])
})

test.each([
  ['Cargo.toml', '', 'cargo test'],
  ['go.mod', '', 'go test ./...'],
  ['pyproject.toml', '', 'python3 -m pytest'],
  ['requirements.txt', '', 'python3 -m pytest'],
  ['Rakefile', '', 'bundle exec rake'],
  ['pom.xml', '', 'mvn --batch-mode test'],
])('A project with %s is judged by what its stack implies.', (file, text, step) => {
  expect(choose({ [file]: text })).toEqual([step])
})

test('A project of two stacks is judged by both, and Gradle by its own wrapper.', () => {
  const files = { 'go.mod': '', 'build.gradle.kts': '', gradlew: '' }
  expect(choose(files)).toEqual(['go test ./...', './gradlew test'])
  expect(choose(files, {}, [])).toEqual(['go test ./...', 'gradle test'])
})

test('A project without gates is told what to add; what npm init writes is no gate.', () => {
  const sentence = /no gates: add an executable script\/test/
  expect(choose({})).toMatch(sentence)
  expect(choose({ 'package.json': '{"name":"x"}' })).toMatch(sentence)
  expect(choose({ 'package.json': '{ broken' })).toMatch(sentence)
  const initial = '{"scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}'
  expect(choose({ 'package.json': initial })).toMatch(sentence)
})

test('A script that is not executable is not passed over in silence.', () => {
  const files = { 'script/test': '', 'go.mod': '' }
  expect(choose(files, {}, [])).toMatch(/script\/test is not executable: run git add --chmod/)
})

test('A step of the settings keeps its program, class and time limit.', () => {
  const { step } = projectSettings.parse({
    gates: { step: [{ name: 'docs', run: 'make-docs', class: 'docs', timeout_secs: 5 }] },
  }).gates
  expect(chooseSteps(step, { read: () => undefined, isExecutable: () => false })).toEqual({
    steps: [{ name: 'docs', command: ['make-docs'], class: 'docs', timeoutMs: 5_000 }],
  })
})
