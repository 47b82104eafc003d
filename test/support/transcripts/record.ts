import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { loginOf } from '../agent-logins.ts'
import { markedProcesses } from '../marked-processes.ts'
import { ModelApi } from '../model-api/model-api.ts'
import { Script } from '../model-api/script.ts'
import { cleanEnvironment } from '../program.ts'
import { until } from '../until.ts'
import { servePerson } from './person.ts'
import { firstPrompt, prompt, type Recorded, type Situation, type Start } from './situation.ts'

const transcripts = join(import.meta.dirname, '../../fixtures/transcripts')
/** Only catches a hang. */
const longestRunMs = 180_000
/** A program that a signal did not end by then is killed. */
const patienceMs = 8_000

/** Records one situation and returns a word on it. */
export async function record(
  program: string,
  recorded: Recorded,
  situation: Situation,
): Promise<string> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'huskies-record-')))
  const script = new Script()
  situation.script(script)
  await using api = await closing(await ModelApi.start(script))
  await using person = situation.permission && (await servePerson(situation.permission))
  const stage = new Stage(program, recorded, folder, api.url, person?.url)
  try {
    const session = await stage.before(situation)
    const run = await stage.run(situation, { prompt, ...(session !== undefined && { session }) })
    const place = join(transcripts, recorded.cli)
    mkdirSync(place, { recursive: true })
    writeFileSync(join(place, `${situation.name}.jsonl`), stage.anonymous(run.output))
    writeFileSync(join(place, `${situation.name}.exit`), `${run.code}\n`)
    rmSync(join(place, `${situation.name}.stderr`), { force: true })
    if (run.errors !== '')
      writeFileSync(join(place, `${situation.name}.stderr`), stage.anonymous(run.errors))
    return `exit ${run.code}, ${run.output.length} characters, ${api.asked.length} questions`
  } finally {
    killMarked(folder)
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

interface Run {
  readonly output: string
  readonly errors: string
  readonly code: number
}

/** A folder with a worktree and a home, in which a program is run. */
class Stage {
  readonly #program: string
  readonly #recorded: Recorded
  readonly #folder: string
  readonly #api: string
  readonly #tools: string | undefined

  constructor(
    program: string,
    recorded: Recorded,
    folder: string,
    api: string,
    tools: string | undefined,
  ) {
    this.#program = program
    this.#recorded = recorded
    this.#folder = folder
    this.#api = api
    this.#tools = tools
    mkdirSync(this.#home)
    mkdirSync(this.#worktree)
    writeFileSync(join(this.#worktree, 'README.md'), 'A project.\n')
    for (const args of [
      ['init', '-q'],
      ['add', '.'],
      ['commit', '-qm', 'begin'],
    ])
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args], {
        cwd: this.#worktree,
      })
  }

  /** The session that the situation continues. */
  async before(situation: Situation): Promise<string | undefined> {
    if (situation.after === undefined) return situation.session
    const killed = situation.after === 'kill' ? { signal: 'SIGKILL' as const } : {}
    const run = await this.run({ ...situation, ...killed }, { prompt: firstPrompt })
    const session = this.#recorded.session(run.output)
    if (session === undefined) throw new Error(`no session in:\n${run.output}\n${run.errors}`)
    return session
  }

  async run(situation: Situation, what: Pick<Start, 'prompt' | 'session'>): Promise<Run> {
    const start: Start = {
      ...what,
      restricted: situation.restricted ?? false,
      ...(this.#tools !== undefined && { tools: this.#tools }),
    }
    const login = loginOf(this.#recorded.cli, this.#api)
    for (const [name, text] of Object.entries({ ...login.home, ...situation.home })) {
      mkdirSync(dirname(join(this.#home, name)), { recursive: true })
      writeFileSync(join(this.#home, name), text)
    }
    const args = [...this.#recorded.args(start), ...(situation.args ?? [])]
    const [output, errors] = [join(this.#folder, 'output'), join(this.#folder, 'errors')]
    const descriptors = [openSync(output, 'w'), openSync(errors, 'w')] as const
    const child = spawn(this.#program, args, {
      cwd: this.#worktree,
      env: {
        ...cleanEnvironment(this.#home),
        ...login.env,
        ...this.#recorded.env,
        ...situation.env,
        HUSKIES_RUN_recording: '1',
      },
      stdio: ['ignore', ...descriptors],
    })
    const ended = this.#ended(child)
    for (const descriptor of descriptors) closeSync(descriptor)
    if (situation.signal) await this.#interrupt(child, situation.signal, ended)
    const code = await ended
    return { output: readFileSync(output, 'utf8'), errors: readFileSync(errors, 'utf8'), code }
  }

  /** The text without this machine's folders, which programs also write with dashes. */
  anonymous(text: string): string {
    return [
      [this.#worktree, '/worktree'],
      [this.#home, '/home/user'],
      [this.#worktree.replaceAll(/[^\w]/g, '-'), '-worktree'],
      [this.#program, '/usr/bin/program'],
      [join(this.#program, '../../..'), '/usr/lib/program'],
    ].reduce((rest, [path, name]) => rest.replaceAll(path ?? '', name ?? ''), text)
  }

  get #home(): string {
    return join(this.#folder, 'home')
  }

  get #worktree(): string {
    return join(this.#folder, 'worktree')
  }

  async #interrupt(child: ChildProcess, signal: NodeJS.Signals, ended: Promise<number>) {
    await until(() => this.#toolRuns(), 'a tool runs', 60_000)
    // What the program has to say of the tool's beginning is out by then.
    await pause(500)
    child.kill(signal)
    await Promise.race([ended, pause(patienceMs)])
    killMarked(this.#folder)
  }

  #toolRuns(): boolean {
    return markedProcesses(this.#folder).some((line) => /\bsleep 600$/.test(line))
  }

  /** The exit code, as a shell counts. */
  #ended(child: ChildProcess): Promise<number> {
    const hang = setTimeout(() => killMarked(this.#folder), longestRunMs)
    return new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code, signal) => {
        clearTimeout(hang)
        resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL'])
      })
    })
  }
}

function killMarked(folder: string): void {
  for (const line of markedProcesses(folder)) {
    const pid = Number.parseInt(line, 10)
    if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL')
  }
}

function closing(api: ModelApi): ModelApi & AsyncDisposable {
  return Object.assign(api, { [Symbol.asyncDispose]: () => api.close() })
}
