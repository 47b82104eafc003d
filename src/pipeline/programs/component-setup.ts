import { createHash } from 'node:crypto'
import { realpathSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import type { Log } from '../../kernel/log.ts'
import { Problem } from '../../kernel/problem.ts'
import type { Component } from '../settings.ts'
import { lastLines } from './bounded-output.ts'
import type { ProgramEnd, Programs } from './programs.ts'
import type { Setup } from './setup.ts'

export interface ComponentSetupOptions {
  /** As the project's settings have them. */
  readonly components: readonly Component[]
  readonly programs: Programs
  /** Aborted when this program stops: then a command that runs is ended, and runs again next time. */
  readonly stopping: AbortSignal
  readonly log: Log
}

const timeoutMs = 30 * 60_000

/** The setup and teardown commands of the project's components. */
export class ComponentSetup implements Setup {
  readonly fingerprint: string
  readonly #components: readonly Component[]
  readonly #programs: Programs
  readonly #stopping: AbortSignal
  readonly #log: Log

  constructor({ components, programs, stopping, log }: ComponentSetupOptions) {
    const commands = components.flatMap(({ path, setup }) => setup.map((line) => [path, ...line]))
    this.fingerprint =
      commands.length === 0
        ? ''
        : createHash('sha256').update(JSON.stringify(commands)).digest('hex')
    this.#components = components
    this.#programs = programs
    this.#stopping = stopping
    this.#log = log
  }

  endEarlier(key: string): Promise<void> {
    return this.#programs.endEarlier(key)
  }

  async setUp(key: string, worktree: string): Promise<void> {
    for (const component of this.#components)
      for (const command of component.setup) {
        const end = await this.#run(key, worktree, component, command)
        if (end.code !== 0)
          throw new Problem(
            'setup-failed',
            `The setup command "${command.join(' ')}" of ${component.name} ${describe(end)}: mend it, or the settings of the component.\n${lastLines(end.output, 25, 4_000)}`.trimEnd(),
          )
      }
  }

  async tearDown(key: string, worktree: string): Promise<void> {
    for (const component of this.#components)
      for (const command of component.teardown)
        try {
          const end = await this.#run(key, worktree, component, command)
          if (end.code !== 0)
            this.#log.warn({ key, command, output: end.output }, 'A teardown command failed.')
        } catch (error) {
          if (!(error instanceof Problem) || this.#stopping.aborted) throw error
          this.#log.warn({ key, command }, error.message)
        }
  }

  #run(
    key: string,
    worktree: string,
    component: Component,
    command: Component['setup'][number],
  ): Promise<ProgramEnd> {
    const cwd = folderOf(worktree, component)
    return this.#programs.run(key, { command, cwd, timeoutMs }, this.#stopping)
  }
}

/** A component is a part of the worktree: no `..`, and no symbolic link, leads out of it. */
function folderOf(worktree: string, { name, path }: Component): string {
  const folder = join(worktree, path)
  const inside = statSync(folder, { throwIfNoEntry: false })?.isDirectory()
    ? `${realpathSync(folder)}${sep}`.startsWith(`${realpathSync(worktree)}${sep}`)
    : false
  if (inside) return folder
  throw new Problem(
    'setup-failed',
    `The component ${name} has no folder ${path} in the project: correct its path in .huskies/project.toml.`,
  )
}

function describe({ code, timedOut, tooLoud }: ProgramEnd): string {
  if (tooLoud) return 'printed more than 1 GiB'
  if (timedOut) return `took longer than ${timeoutMs / 60_000} minutes`
  return code === undefined ? 'was ended' : `ended with exit code ${code}`
}
