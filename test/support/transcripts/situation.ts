import type { CliName } from '../agent-clis.ts'
import type { Script } from '../model-api/script.ts'

/** Something that happens to an agent program, and that its output is recorded of. */
export interface Situation {
  readonly name: string
  /** What the model says; the prompt of the recorded run is `prompt`. */
  script(script: Script): void
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Files of the home folder, by their paths in it, beside those that every run has. */
  readonly home?: Readonly<Record<string, string>>
  /** The session that is continued: that of a run before, which ends by itself or is killed in its tool. */
  readonly after?: 'end' | 'kill'
  /** A session that is continued though nobody knows it. */
  readonly session?: string
  /** Sent while a tool runs. KILL follows if the program is still there after some seconds. */
  readonly signal?: 'SIGTERM' | 'SIGINT' | 'SIGKILL'
  /** It may not do everything, and nobody is there to be asked. */
  readonly restricted?: true
  /** What the person answers who is asked for a permission. */
  readonly permission?: 'allow' | 'deny'
}

/** How a program is started for a recording. */
export interface Start {
  readonly prompt: string
  readonly session?: string
  readonly restricted: boolean
  /** Where a server of tools is that a person is asked through. */
  readonly tools?: string
}

export interface Recorded {
  readonly cli: CliName
  readonly situations: readonly Situation[]
  args(start: Start): readonly string[]
  /** What it gets in its environment beside its login. */
  readonly env: Readonly<Record<string, string>>
  /** The session of a run, from what it printed. */
  session(output: string): string | undefined
}

/** The prompt of the run before, and the one of the recorded run. */
export const firstPrompt = 'The first task: begin.'
export const prompt = 'The task: do it.'

/** So that a tool is at work until somebody ends it. */
export const longCommand = 'echo begun; sleep 600'
