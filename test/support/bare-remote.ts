import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../src/kernel/clock.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { Remote } from '../../src/pipeline/git/remote.ts'
import { RemoteTrunk } from '../../src/pipeline/git/remote-trunk.ts'
import type { Generate } from '../../src/pipeline/programs/generate.ts'
import type { GitRooms } from './git-rooms.ts'
import type { Files } from './repository.ts'

/** A bare repository that the fixture's is a clone of, and somebody else who works with it too. */
export class BareRemote {
  readonly path: string
  readonly #rooms: GitRooms
  readonly #other: string

  constructor(rooms: GitRooms) {
    const { fixture } = rooms
    this.#rooms = rooms
    this.path = join(fixture.folder, 'remote.git')
    this.#other = join(fixture.folder, 'other')
    fixture.git(['clone', '--quiet', '--bare', fixture.root, this.path])
    fixture.git(['remote', 'add', 'origin', this.path])
    fixture.git(['clone', '--quiet', this.path, this.#other])
    fixture.git(['config', 'user.name', 'Ben'], this.#other)
    fixture.git(['config', 'user.email', 'ben@example.org'], this.#other)
  }

  /** What a start of the program makes of it. */
  async trunk(generate?: Generate): Promise<RemoteTrunk> {
    const { fixture, store } = this.#rooms
    const remote = await Remote.of(fixture.repository)
    const local = this.#rooms.start(generate).trunk
    return new RemoteTrunk({ remote, local, store, clock: systemClock, log: silentLog })
  }

  /** Somebody else commits and pushes. */
  pushedByOther(message: string, files: Files): void {
    const { fixture } = this.#rooms
    fixture.git(['pull', '--quiet', '--no-rebase'], this.#other)
    fixture.commit(message, files, this.#other)
    fixture.git(['push', '--quiet'], this.#other)
  }

  /** What somebody else does with git. */
  byOther(args: readonly string[]): void {
    this.#rooms.fixture.git(args, this.#other)
  }

  /** Subjects, newest first. */
  log(): string[] {
    return this.git('log', '--format=%s', 'main').split('\n')
  }

  git(...args: readonly string[]): string {
    return this.#rooms.fixture.git(args, this.path)
  }

  /** Has the remote run these lines before it takes a push. */
  hook(name: 'pre-receive' | 'post-receive', lines: string): void {
    const file = join(this.path, 'hooks', name)
    mkdirSync(join(this.path, 'hooks'), { recursive: true })
    writeFileSync(file, `#!/bin/sh\n${lines}\n`)
    chmodSync(file, 0o755)
  }
}
