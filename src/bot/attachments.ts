import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../kernel/log.ts'
import { Problem } from '../kernel/problem.ts'
import type { Courier } from './courier.ts'
import type { Entry } from './inbox.ts'
import type { IncomingFile } from './message.ts'

/** What attachments are brought with. */
export interface AttachmentParts {
  /** Gets a folder for each message that has files. */
  readonly folder: string
  readonly couriers: readonly Pick<Courier, 'name' | 'fetch'>[]
  readonly log: Log
}

/** So long the network may take for one file, in ms. */
const fetchMs = 60_000
const longestName = 100

/** Brings the files that people send to this machine, where items and agents find them by their paths. */
export class Attachments {
  readonly #parts: AttachmentParts

  constructor(parts: AttachmentParts) {
    this.#parts = parts
  }

  /**
   * Fetches a message's files, those that are here already not again, and returns a line for each: its
   * path, or why it could not be had.
   */
  async bring(entry: Entry, signal: AbortSignal): Promise<readonly string[]> {
    const lines: string[] = []
    for (const [index, file] of (entry.files ?? []).entries())
      lines.push(await this.#bring(entry, `${index + 1}-${safeName(file.name)}`, file, signal))
    return lines
  }

  /**
   * Removes the files of messages that were brought before that time, in ms since the epoch, but for
   * those whose folder `isWanted`; returns of how many messages.
   */
  forget(before: number, isWanted: (folder: string) => boolean): number {
    const { folder: all } = this.#parts
    if (!existsSync(all)) return 0
    const old = readdirSync(all)
      .map((name) => join(all, name))
      .filter((folder) => statSync(folder).mtimeMs < before && !isWanted(folder))
    for (const folder of old) rmSync(folder, { recursive: true })
    return old.length
  }

  async #bring(
    { id, transport }: Entry,
    name: string,
    file: IncomingFile,
    signal: AbortSignal,
  ): Promise<string> {
    const folder = join(this.#parts.folder, String(id))
    const path = join(folder, name)
    try {
      if (!existsSync(path)) {
        const courier = this.#parts.couriers.find((one) => one.name === transport)
        const ending = AbortSignal.any([signal, AbortSignal.timeout(fetchMs)])
        const content = await courier?.fetch?.(file, ending)
        if (!content) throw new Problem('no-files', 'files cannot be fetched from there')
        await mkdir(folder, { recursive: true, mode: 0o700 })
        await writeFile(`${path}.part`, content, { mode: 0o600 })
        await rename(`${path}.part`, path)
      }
      return `Attached: ${path}`
    } catch (error) {
      const known = error instanceof Problem
      if (!known) this.#parts.log.error({ err: error, entry: id }, 'A file could not be fetched.')
      return `Not attached: ${safeName(file.name)}, since ${known ? error.message : 'it could not be fetched'}.`
    }
  }
}

/** A name without anything that means something to a file system or a shell. */
function safeName(name: string): string {
  return name.replace(/[^\p{L}\p{N}._-]+/gu, '-').slice(-longestName)
}
