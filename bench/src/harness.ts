import { fork } from 'node:child_process'
import type { Table } from './table.ts'

/** How thoroughly to measure. */
export interface Scale {
  /** A look that takes under a minute; its figures are noisier. */
  readonly quick: boolean
  /** How often each measurement is repeated. */
  readonly rounds: number
}

/** One question that the benchmark answers, with its own tables. */
export interface Case {
  readonly name: string
  readonly run: (scale: Scale) => Promise<Report>
}

/** What a case found: tables for people, and everything that was measured for machines. */
export interface Report {
  readonly tables: readonly Table[]
  readonly results: unknown
}

/**
 * Calls the exported `measure(input)` of `module` (a path beside this file) in a process of its own,
 * so that nothing that one measurement loads, compiles or leaves behind weighs on the next.
 */
export function inChild<Input, Result>(module: string, input: Input): Promise<Result> {
  const child = fork(new URL('./child.ts', import.meta.url), [module], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
    env: { ...process.env, NODE_ENV: 'test', HUBOT_LOG_LEVEL: 'silent' },
  })
  let complaint = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4000)
  })
  return new Promise((resolve, reject) => {
    let result: { readonly value: Result } | undefined
    child.once('message', (message) => {
      result = message as { readonly value: Result }
    })
    child.once('error', reject)
    child.once('close', (code) => {
      if (result) resolve(result.value)
      else reject(new Error(`${module} ended with code ${code} and no result.\n${complaint}`))
    })
    child.send({ input })
  })
}
