import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const results = join(import.meta.dirname, '../results')

/**
 * A new folder on the disk that the program itself lies on, gone when its user is done with it. The
 * machine's folder for temporary files may be in memory, where nothing durable costs anything.
 */
export function temporaryFolder(name: string): Disposable & { readonly path: string } {
  mkdirSync(results, { recursive: true })
  const path = mkdtempSync(join(results, `${name}-`))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}
