import { existsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { pause, systemClock } from '../kernel/clock.ts'
import { Problem } from '../kernel/problem.ts'
import { exportItems } from '../pipeline/export/export.ts'
import { findProject, projectPaths } from '../projects/paths.ts'
import { checkSchema } from '../store/migrations.ts'
import { Store } from '../store/store.ts'

/**
 * `huskies export`: prints all items of the project in this folder as JSON. It only reads, in one
 * snapshot, so that it works beside the program that serves the project.
 */
export async function exportProject(): Promise<number> {
  const root = findProject(process.cwd())
  const file = root && join(projectPaths(root).state, 'pipeline.db')
  if (!file || !existsSync(file))
    throw new Problem(
      'no-project',
      'There are no items here to be exported: go to the project that you mean.',
    )
  const store = Store.openToRead(file)
  try {
    checkSchema(store)
    await print(`${JSON.stringify(exportItems(store), null, 2)}\n`)
  } finally {
    store.close()
  }
  return 0
}

/** Resolves when all of it is written, so that nobody takes a part for the whole. */
async function print(text: string): Promise<void> {
  const bytes = Buffer.from(text)
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(1, bytes, written)
    } catch (cause) {
      // A pipe that is full, and that its reader has made so that nobody waits for it.
      if ((cause as NodeJS.ErrnoException).code === 'EAGAIN') await pause(systemClock, 10)
      else throw notWritten(cause as Error)
    }
  }
}

function notWritten(cause: Error): Problem {
  return new Problem(
    'not-written',
    `The export could not be written whole (${cause.message}): make room for it, then export again.`,
    { cause },
  )
}
