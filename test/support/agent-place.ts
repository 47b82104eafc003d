import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { stringify } from 'smol-toml'
import { onTestFinished } from 'vitest'
import { agentCli, type CliName } from './agent-clis.ts'
import { loginOf } from './agent-logins.ts'
import { ModelApi } from './model-api/model-api.ts'
import { Script } from './model-api/script.ts'
import type { Program } from './program.ts'
import { until } from './until.ts'
import { Workplace } from './workplace.ts'

/** Long enough for slow programs on a busy machine: it only catches a hang. */
const patienceMs = 240_000

interface Furniture {
  /** Variables of the agent beside its login. */
  readonly environment?: Readonly<Record<string, string>>
  /** Settings of the agent. */
  readonly agent?: object
  /** Settings of the project. */
  readonly settings?: object
}

/**
 * A project in which a real agent program works, and a model that says what the test has scripted:
 * `script` is to be filled before the first item starts.
 */
export class AgentPlace {
  readonly cli: CliName
  readonly place: Workplace
  readonly script: Script
  readonly api: ModelApi
  /** The path of the agent program. */
  readonly agent: string
  #program: Program | undefined

  static async open(
    cli: CliName,
    { environment = {}, agent = {}, settings = {} }: Furniture = {},
  ): Promise<AgentPlace> {
    const path = await agentCli(cli)
    if (path === undefined) throw new Error(`${cli} is not installed`)
    const script = new Script()
    const api = await ModelApi.start(script)
    const place = new AgentPlace(cli, path, script, api)
    onTestFinished(() => api.close())
    place.#furnish({ environment, agent, settings })
    return place
  }

  private constructor(cli: CliName, agent: string, script: Script, api: ModelApi) {
    this.cli = cli
    this.agent = agent
    this.script = script
    this.api = api
    this.place = new Workplace({ desk: 'shop', project: 'shop' })
  }

  /** Starts the program; what is typed goes to the latest one. */
  start(env: Readonly<Record<string, string>> = {}): Program {
    this.#program = this.place.start(['start'], { env })
    return this.#program
  }

  say(line: string): void {
    this.program.say(line)
  }

  /** Has item 1 made and started. */
  order(): void {
    this.say('story Sell dogs\\\nEach dog is a good dog.')
    this.say('start 1')
  }

  get program(): Program {
    if (!this.#program) throw new Error('the program was not started')
    return this.#program
  }

  /** Resolves once the program has said this. */
  async heard(text: string): Promise<void> {
    await this.until(() => {
      const { output } = this.program
      if (output.includes(text)) return true
      if (/ is (blocked|on main): /.test(output)) throw new Error(`it is over before "${text}"`)
      return false
    }, `it says "${text}"`)
  }

  /** Fails at once when the program has ended without that. */
  until<T>(condition: () => T, what: string): Promise<NonNullable<T>> {
    const { child } = this.program
    return until(
      () => {
        const result = condition()
        if (!result && (child.exitCode ?? child.signalCode) !== null)
          throw new Error(`the program ended before ${what}`)
        return result
      },
      what,
      patienceMs,
    ).catch((error: unknown) => {
      throw new Error(`${error}\n${this.#describe()}`)
    })
  }

  /** The command lines of the living processes of runs that hold this text. */
  processes(text: string): string[] {
    return this.place.agents().filter((line) => line.includes(text))
  }

  /**
   * Resolves once the agent program has this in its own files: what it does a moment before it is
   * killed may only be in its memory.
   */
  async wroteDown(text: string): Promise<void> {
    await this.until(
      () => ownFiles(this.place.folder).some((file) => readFileSync(file).includes(text)),
      `the agent wrote down "${text}"`,
    )
  }

  /** Ends the agent program itself, and nothing that it started, as a machine that is short of memory would. */
  killAgent(): void {
    const folder = dirname(dirname(dirname(this.agent)))
    const own = this.processes(folder).filter((line) => !/^\d+ \S*sh /.test(line))
    if (own.length === 0) throw new Error(`no agent among ${this.place.agents().join('\n')}`)
    for (const line of own) process.kill(Number.parseInt(line, 10), 'SIGKILL')
  }

  /** Ends the input, and resolves once everything that was begun is over. */
  async finish(): Promise<void> {
    this.program.close()
    const ended = await this.program.ended
    if (ended.code !== 0) throw new Error(`it ended with ${ended.code}:\n${this.#describe()}`)
  }

  #furnish({ environment, agent, settings }: Required<Furniture>): void {
    const login = loginOf(this.cli, this.api.url)
    for (const [name, text] of Object.entries(login.home)) this.place.write(name, text)
    const coder = {
      name: 'coder-1',
      runtime: this.cli,
      command: [this.agent],
      permissions: 'unattended',
      environment: { ...login.env, ...environment },
      ...agent,
    }
    this.place.makeRepository({
      'README.md': 'A shop.\n',
      'script/test': '#!/bin/sh\ntest ! -e broken\n',
      '.huskies/project.toml': stringify({ ...settings, agent: [coder] }),
      '.huskies/.gitignore': 'state/\n',
    })
  }

  #describe(): string {
    const { output, errors } = this.program
    const asked = this.api.asked.map(({ messages, tools }) =>
      [
        `${tools.length} tools`,
        ...messages.slice(-3).map((it) => JSON.stringify(it).slice(0, 500)),
      ].join('\n  '),
    )
    return [output, errors, ...asked, ...this.place.agents(), ...this.#lastLog()].join('\n')
  }

  #lastLog(): string[] {
    const log = join(this.place.project, '.huskies/state/huskies.log')
    if (!existsSync(log)) return []
    return readFileSync(log, 'utf8').split('\n').slice(-25)
  }
}

/** What lies in the home of the agent, without the project and what the program itself writes. */
function ownFiles(home: string): string[] {
  return readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !path.startsWith(join(home, 'shop')) && !path.includes('/.huskies/'))
}
