import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { onTestFinished } from 'vitest'
import { markedProcesses } from './marked-processes.ts'
import { cleanEnvironment, type Ended, Program, type ProgramOptions } from './program.ts'
import { ScreenOf } from './screen.ts'
import { until } from './until.ts'

/** Long enough for a busy machine: it only catches a hang. */
const patienceMs = 60_000

const program = new URL('../../bin/huskies.js', import.meta.url)

/** What the database says at the end. */
export interface Records {
  /** Each item's number and stage: `1 done`. */
  readonly items: readonly string[]
  /** Each run's number, item and state: `r1 1 ended`. */
  readonly runs: readonly string[]
  /** How many replies and notices were not sent. */
  readonly unsaid: number
}

/** A folder of its own in which a test uses the program as a person does; all of it goes afterwards. */
export class Workplace {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'huskies-e2e-')))
  /** Where programs are started. */
  readonly desk: string
  /** The project's checkout. */
  readonly project: string
  readonly #programs: Program[] = []

  /** `desk` and `project` are relative to the folder. */
  constructor({ desk = '', project = join(desk, 'huskies-sample/project') } = {}) {
    this.desk = join(this.folder, desk)
    this.project = join(this.folder, project)
    mkdirSync(this.desk, { recursive: true })
    onTestFinished(() => this.#clear())
  }

  /** Starts `huskies` with these arguments. */
  start(args: readonly string[], options: Partial<ProgramOptions> = {}): Program {
    const env = { HOME: this.folder, ...options.env }
    const program = new Program(args, { cwd: this.desk, ...options, env })
    this.#programs.push(program)
    return program
  }

  /** The same, to its end; standard input is empty unless told otherwise. */
  run(args: readonly string[], options: Partial<ProgramOptions> = {}): Promise<Ended> {
    return this.start(args, { input: '', ...options }).ended
  }

  /** Starts `huskies` in a terminal. */
  open(args: readonly string[], { cwd = this.desk, env = {} } = {}): ScreenOf {
    const { NO_COLOR: _, ...clean } = cleanEnvironment(this.folder)
    const options = { columns: 100, rows: 40, args, cwd, env: { ...clean, ...env } }
    return new ScreenOf(program, options)
  }

  /** Serves the sample, or the project there is, with these lines as the input. */
  script(...lines: readonly string[]): Promise<Ended> {
    const input = lines.map((line) => `${line}\n`).join('')
    return this.run(['start', '--sample'], { input })
  }

  /** Makes a repository with these files, all in one commit, where the project is to be. */
  makeRepository(files: Readonly<Record<string, string>>): void {
    mkdirSync(this.project, { recursive: true })
    this.git('init', '--quiet', '--initial-branch=main')
    this.git('config', 'user.name', 'Anna')
    this.git('config', 'user.email', 'anna@example.org')
    for (const [name, text] of Object.entries(files)) {
      const file = join(this.project, name)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
      if (text.startsWith('#!')) chmodSync(file, 0o755)
    }
    this.git('add', '--all')
    this.git('commit', '--quiet', '--allow-empty', '-m', 'first')
  }

  /**
   * Gives the project agents that only begin once the test says `go`, and do then what the sample's
   * do. The project is the sample, which is made here.
   */
  async makeAgentsWait(): Promise<void> {
    await this.run(['start', '--sample'])
    this.write('agent', waitingAgent)
    chmodSync(join(this.folder, 'agent'), 0o755)
    const settings = join(this.project, '.huskies/project.toml')
    const text = readFileSync(settings, 'utf8')
    writeFileSync(settings, text.replaceAll('.huskies/agent', join(this.folder, 'agent')))
  }

  /** Resolves when the waiting agent is at work on the item. */
  async atWork(item: number): Promise<void> {
    await this.until(() => existsSync(join(this.folder, `at-work-${item}`)), `work on ${item}`)
  }

  /** Lets the waiting agents go on. */
  go(): void {
    this.write('go', '')
  }

  until<T>(condition: () => T, what: string): Promise<NonNullable<T>> {
    return until(condition, what, patienceMs)
  }

  /** Writes a file, relative to the folder. */
  write(path: string, text: string): void {
    const file = join(this.folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8')
  }

  /** What git prints, in the project. */
  git(...args: string[]): string {
    const env = cleanEnvironment(this.folder)
    return execFileSync('git', args, {
      cwd: this.project,
      encoding: 'utf8',
      stdio: 'pipe',
      env,
    }).trimEnd()
  }

  /** The items that have landed, in order: `merge 1`. */
  landed(): string[] {
    const subjects = this.git('log', '--reverse', '--format=%s', 'main').split('\n')
    return subjects.flatMap((subject) => /^huskies: (merge \d+)/.exec(subject)?.[1] ?? [])
  }

  /** What is wrong with the repository or the database; empty if nothing is. */
  damage(): string {
    const git = this.git('fsck', '--strict', '--no-dangling')
    const [database] = this.#query('PRAGMA integrity_check')
    return database === 'ok' ? git : `${git}\n${database}`
  }

  records(): Records {
    return {
      items: this.#query(`SELECT id || ' ' || stage FROM pipeline_items ORDER BY id`),
      runs: this.#query(`SELECT 'r' || number || ' ' || item || ' ' || state FROM runs`),
      unsaid: this.#query(`SELECT id FROM outbox WHERE state <> 'sent'`).length,
    }
  }

  /** The agents' processes that are alive. */
  agents(): string[] {
    return markedProcesses(this.folder)
  }

  #query(sql: string): string[] {
    const db = new Database(join(this.project, '.huskies/state/pipeline.db'), { readonly: true })
    const rows = db.prepare(sql).pluck().all() as string[]
    db.close()
    return rows
  }

  async #clear(): Promise<void> {
    for (const program of this.#programs) {
      program.child.kill('SIGKILL')
      await program.ended
    }
    for (const line of this.agents()) endProcess(Number.parseInt(line, 10))
    rmSync(this.folder, { recursive: true, force: true })
  }
}

const waitingAgent = `#!/bin/sh
echo "Waiting."
touch "$HOME/at-work-$HUSKIES_ITEM"
until [ -e "$HOME/go" ]; do sleep 0.05; done
exec .huskies/agent
`

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    // It ended by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
