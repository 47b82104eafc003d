import { mkdirSync, mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeSample } from '../../../src/projects/sample.ts'
import { cleanEnvironment, Program } from '../../support/program.ts'
import type { Synapse } from '../../support/synapse/synapse.ts'

let people = 0

/**
 * The whole program on a sample project, with an account on the server, and a person that it serves.
 * `homeserver` is the address by which it reaches the server.
 */
export async function served(server: Synapse, homeserver = server.url) {
  people += 1
  const folder = mkdtempDisposableSync(join(tmpdir(), 'matrix-'))
  const person = await server.user(`ann${people}`)
  const account = await server.user(`huskies${people}`)
  const root = join(folder.path, 'project')
  await makeSample(root, cleanEnvironment(folder.path))
  mkdirSync(join(folder.path, 'secrets'), { mode: 0o700 })
  const password = join(folder.path, 'secrets', 'password')
  writeFileSync(password, `${account.password}\n`, { mode: 0o600 })
  writeFileSync(
    join(root, '.huskies', 'bot.toml'),
    `[access]
admins = ["matrix:${person.id}"]

[matrix]
homeserver = "${homeserver}"
user = "${account.id}"
password_file = "${password}"
`,
  )
  const log = () => readFileSync(join(root, '.huskies', 'state', 'huskies.log'), 'utf8')
  let program = new Program(['start'], { cwd: root })
  return {
    ...{ person, account, root, log },
    async killed() {
      program.child.kill('SIGKILL')
      await program.ended
    },
    restarted() {
      program = new Program(['start'], { cwd: root })
    },
    async [Symbol.asyncDispose]() {
      program.child.kill('SIGTERM')
      await program.ended
      folder[Symbol.dispose]()
    },
  }
}
