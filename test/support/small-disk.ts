import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A file system of its own, of a few megabytes, at a folder; it goes with the test. */
export class SmallDisk {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
    mount(folder)
    onTestFinished(() => unmount(folder))
  }

  /** Leaves not a single block. */
  fill(): void {
    const descriptor = openSync(this.#filler, 'w')
    const block = Buffer.alloc(4096)
    try {
      for (;;) writeSync(descriptor, block)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    } finally {
      closeSync(descriptor)
    }
  }

  free(): void {
    rmSync(this.#filler)
  }

  /** Nobody can write to it any more, whoever they are. */
  makeReadOnly(): void {
    execFileSync('mount', ['-o', 'remount,ro', this.folder])
  }

  get #filler(): string {
    return join(this.folder, 'filler')
  }
}

/** Why there can be no such disk here; undefined where there can. */
export function whyNoSmallDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'huskies-mount-'))
  try {
    mount(folder)
    unmount(folder)
    return undefined
  } catch (error) {
    return `a file system cannot be mounted here: ${(error as Error).message}`
  } finally {
    rmdirSync(folder)
  }
}

function mount(folder: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder], { stdio: 'pipe' })
}

/** Also while a program that is about to end still has files open on it. */
function unmount(folder: string): void {
  execFileSync('umount', ['--lazy', folder], { stdio: 'pipe' })
}
