import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { GateStep } from '../settings.ts'
import type { GateClass } from '../stage.ts'

/** One check of the project's own. */
export interface Step {
  readonly name: string
  readonly command: readonly [string, ...string[]]
  readonly class: GateClass
  readonly timeoutMs: number
}

/** What the choice of the steps depends on. Paths are relative to the project. */
export interface Files {
  /** Its text; undefined where there is no such file. */
  read(path: string): string | undefined
  isExecutable(path: string): boolean
}

/** The steps, or what keeps them from being known, in a sentence that says what to do. */
export type StepChoice =
  | { readonly steps: readonly [Step, ...Step[]] }
  | { readonly missing: string }

/**
 * Which steps judge a tree: its own `script/check` and `script/test`, else what the settings name,
 * else what the files of its stack imply. A tree without any is not judged green.
 */
export function chooseSteps(configured: readonly GateStep[], files: Files): StepChoice {
  const scripts = ownScripts.filter(({ name }) => files.read(name) !== undefined)
  const broken = scripts.find(({ name }) => !files.isExecutable(name))
  if (broken)
    return { missing: `${broken.name} is not executable: run git add --chmod=+x ${broken.name}.` }
  const steps = [scripts, configured.map(asStep), stacks.flatMap((stack) => stack(files) ?? [])]
  const [first, ...rest] = steps.find((some) => some.length > 0) ?? []
  if (first) return { steps: [first, ...rest] }
  return {
    missing:
      'The project has no gates: add an executable script/test, or a [[gates.step]] to .huskies/project.toml.',
  }
}

/** The files of a folder. */
export function filesIn(directory: string): Files {
  return {
    read(path) {
      const file = join(directory, path)
      return statSync(file, { throwIfNoEntry: false })?.isFile()
        ? readFileSync(file, 'utf8')
        : undefined
    },
    isExecutable(path) {
      try {
        accessSync(join(directory, path), constants.X_OK)
        return true
      } catch {
        return false
      }
    },
  }
}

const defaultTimeoutMs = 30 * 60_000

const ownScripts: readonly Step[] = [
  { name: 'script/check', command: ['./script/check'], class: 'lint', timeoutMs: defaultTimeoutMs },
  { name: 'script/test', command: ['./script/test'], class: 'test', timeoutMs: defaultTimeoutMs },
]

type Stack = (files: Files) => Step | undefined

/** In a project of several stacks each has its say. */
const stacks: readonly Stack[] = [
  (files) => (hasNpmTest(files.read('package.json')) ? implied('npm', 'test') : undefined),
  when('Cargo.toml', implied('cargo', 'test')),
  when('go.mod', implied('go', 'test', './...')),
  (files) =>
    ['pyproject.toml', 'setup.py', 'requirements.txt'].some(
      (name) => files.read(name) !== undefined,
    )
      ? implied('python3', '-m', 'pytest')
      : undefined,
  when('Rakefile', implied('bundle', 'exec', 'rake')),
  when('pom.xml', implied('mvn', '--batch-mode', 'test')),
  (files) => {
    if (['build.gradle', 'build.gradle.kts'].every((name) => files.read(name) === undefined))
      return undefined
    return files.isExecutable('gradlew') ? implied('./gradlew', 'test') : implied('gradle', 'test')
  },
]

function when(marker: string, step: Step): Stack {
  return (files) => (files.read(marker) === undefined ? undefined : step)
}

function implied(program: string, ...args: string[]): Step {
  const name = [program, ...args].join(' ')
  return { name, command: [program, ...args], class: 'test', timeoutMs: defaultTimeoutMs }
}

/** What `npm init` writes in place of tests does not count, and a broken file has none. */
function hasNpmTest(text: string | undefined): boolean {
  if (text === undefined) return false
  try {
    const { data } = packageFile.safeParse(JSON.parse(text))
    return data !== undefined && !/no test specified/.test(data.scripts.test)
  } catch {
    return false
  }
}

const packageFile = z.object({ scripts: z.object({ test: z.string().min(1) }) })

function asStep({ name, run, class: kind, timeout_secs }: GateStep): Step {
  return { name, command: run, class: kind, timeoutMs: timeout_secs * 1000 }
}
