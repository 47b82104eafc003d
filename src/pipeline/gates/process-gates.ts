import type { Clock } from '../../kernel/clock.ts'
import { Problem } from '../../kernel/problem.ts'
import type { GateReport, Gates } from '../gates.ts'
import { lastLines } from '../programs/bounded-output.ts'
import type { ProgramEnd, Programs } from '../programs/programs.ts'
import type { GateStep } from '../settings.ts'
import { chooseSteps, type Files, filesIn, type Step } from './steps.ts'

export interface ProcessGatesOptions {
  readonly programs: Programs
  readonly clock: Clock
  /** As the project's settings have them. */
  readonly steps: readonly GateStep[]
  /** These steps alone, also where the folder has checks of its own. */
  readonly only?: boolean
}

/** Gates that are programs of the project. */
export class ProcessGates implements Gates {
  readonly #programs: Programs
  readonly #clock: Clock
  readonly #configured: readonly GateStep[]
  readonly #only: boolean

  constructor({ programs, clock, steps, only = false }: ProcessGatesOptions) {
    this.#programs = programs
    this.#clock = clock
    this.#configured = steps
    this.#only = only
  }

  async run(key: string, directory: string, signal: AbortSignal): Promise<GateReport> {
    const start = this.#clock.now()
    await this.#programs.endEarlier(key)
    const choice = chooseSteps(this.#configured, this.#only ? noFiles : filesIn(directory))
    if ('missing' in choice) {
      const failure = { step: 'gates', class: 'test', output: choice.missing } as const
      return { passed: false, failure, output: choice.missing, durationMs: 0 }
    }
    let output = ''
    for (const step of choice.steps) {
      const { why, printed } = await this.#runStep(key, directory, step, signal)
      output += `$ ${step.command.join(' ')}\n${printed}`
      const durationMs = this.#clock.now() - start
      if (why === undefined) continue
      const failure = {
        step: step.name,
        class: step.class,
        output: `${lastLines(printed, 60, 4_000)}\n${why}`.trim(),
      }
      return { passed: false, failure, output: `${output}\n${why}\n`, durationMs }
    }
    return { passed: true, output, durationMs: this.#clock.now() - start }
  }

  async #runStep(
    key: string,
    cwd: string,
    { command, timeoutMs }: Step,
    signal: AbortSignal,
  ): Promise<{ readonly why: string | undefined; readonly printed: string }> {
    try {
      const end = await this.#programs.run(key, { command, cwd, timeoutMs }, signal)
      return { why: whyFailed(end, timeoutMs), printed: end.output }
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'cannot-start')) throw error
      return { why: error.message, printed: '' }
    }
  }
}

const noFiles: Files = { read: () => undefined, isExecutable: () => false }

function whyFailed({ code, timedOut, tooLoud }: ProgramEnd, timeoutMs: number): string | undefined {
  if (tooLoud) return 'It printed more than 1 GiB and was ended.'
  if (timedOut) return `It took longer than ${timeoutMs / 1000} seconds and was ended.`
  if (code === undefined) return 'It was ended from outside.'
  return code === 0 ? undefined : `It ended with exit code ${code}.`
}
